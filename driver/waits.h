/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every wait of the driver that has a bound, with the reason for the bound. A name ends with its
 * unit. A report waits SDEI_NMI_EVENT_ANSWER_MS + SDEI_NMI_IPI_ANSWER_MS +
 * SDEI_NMI_CAPTURE_END_MS at most, which is less than the second that the kernel's own users of
 * backtraces allow for.
 */
#ifndef SDEI_NMI_WAITS_H
#define SDEI_NMI_WAITS_H

/* For answers to event 0. A CPU that has not answered by then gets an IPI. */
#define SDEI_NMI_EVENT_ANSWER_MS	850

/* For answers to the IPIs that follow. A CPU that takes interrupts does so in far less. */
#define SDEI_NMI_IPI_ANSWER_MS		100

/* For a CPU that has begun to fill its record, which takes microseconds. */
#define SDEI_NMI_CAPTURE_END_MS		10

/* A requester that may sleep spins first, because most answers come within this time. */
#define SDEI_NMI_ANSWER_SPIN_US		1000
#define SDEI_NMI_PING_SPIN_US		1000

/* For one CPU's answer, to a ping or while the driver loads. */
#define SDEI_NMI_PROBE_MS		1000

/*
 * For the two CPUs of a trial (trial.c) to meet, and how often they try. A CPU may have interrupts
 * off, or its hypervisor may run another one.
 */
#define SDEI_NMI_TRIAL_MEET_US		100000
#define SDEI_NMI_TRIAL_TRIES		20

/* How often a CPU that takes no interrupts looks for tasks, on its way offline. */
#define SDEI_NMI_TRIAL_WAKE_MS		10

/* For CPU hotplug to be possible, so that this CPU can go offline: 30 s. */
#define SDEI_NMI_TRIAL_OFFLINE_TRIES	300
#define SDEI_NMI_TRIAL_OFFLINE_MS	100

/* The interval of the looks for late answers, and the time after which the driver stops looking. */
#define SDEI_NMI_LATE_LOOK_MS		100
#define SDEI_NMI_LATE_WATCH_S		600

/* For printk's CPU lock, which keeps a block in one piece. A wedged CPU may hold it. */
#define SDEI_NMI_PRINT_LOCK_US		10000

/* A signal that was sent has been delivered by then, or is lost. */
#define SDEI_NMI_SIGNAL_SETTLE_US	100

/*
 * For signals on their way to this CPU, before it masks SDEI. IDLE is short: on the way into deep
 * idle the CPU holds the lock of all CPU_PM notifiers. CLOSE is for offlining, suspend and unload.
 * STOP is one wait for all CPUs, before the kernel stops them.
 */
#define SDEI_NMI_IDLE_SETTLE_US		200
#define SDEI_NMI_CLOSE_SETTLE_US	100000
#define SDEI_NMI_STOP_SETTLE_US		20000

/* Until all CPUs that were asked to stop by event 0 are offline. */
#define SDEI_NMI_STOP_ANSWER_MS		100

/* For the CPU that panic_force_cpu= names to take an IPI, before the panic is left to that CPU. */
#define SDEI_NMI_PANIC_IPI_MS		1000

/* For all CPUs to take an IPI, as a reboot begins. A CPU that has not taken it is stopped. */
#define SDEI_NMI_REBOOT_IPI_MS		5000

/* For a CPU to carry out a reboot that hangs, before the next CPU does. Covers a slow console. */
#define SDEI_NMI_REBOOT_NEXT_S		5

/*
 * The watchers (watch.c). LEAST and MOST bound the parameter "watch", and LOOK_LEAST bounds the
 * interval of the looks for it. The interval is the time of "watch", divided by LOOKS. LOCKUP_LOOK
 * is the interval if only lockups are looked for: a lockup is seen at one look and reported at the
 * next. REPORTED is the interval after a report, so that many CPUs are reported soon. SLACK covers
 * the rounding of a timer's expiry. A watcher that has not looked for SILENT_LOOKS intervals is
 * adopted. A suspect answers within ANSWER, or not at all.
 */
#define SDEI_NMI_WATCH_LEAST_US		500
#define SDEI_NMI_WATCH_MOST_S		10
#define SDEI_NMI_WATCH_LOOK_LEAST_US	250
#define SDEI_NMI_WATCH_LOOKS		8
#define SDEI_NMI_WATCH_LOCKUP_LOOK_MS	250
#define SDEI_NMI_WATCH_REPORTED_MS	10
#define SDEI_NMI_WATCH_SLACK_US		50
#define SDEI_NMI_WATCH_SILENT_LOOKS	4
#define SDEI_NMI_WATCH_ANSWER_MS	500
#define SDEI_NMI_WATCH_SIGNALS_PER_S	500

/* The shortest period of the PMU's events (pmu.c). It bounds what a signal each time costs. */
#define SDEI_NMI_PMU_PERIOD_LEAST_US	100

/* The interval at which an unload logs that it waits for a CPU's IPI. */
#define SDEI_NMI_UNLOAD_LOG_MS		5000

/* Tries to unregister event 0, and the pause between two tries, while a CPU handles an event. */
#define SDEI_NMI_UNREGISTER_TRIES	100
#define SDEI_NMI_UNREGISTER_MIN_US	10000
#define SDEI_NMI_UNREGISTER_MAX_US	20000

#endif
