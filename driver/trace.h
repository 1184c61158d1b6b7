/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, all on the requester's CPU. The handler of event 0 may take no exception, and a
 * program attached to a tracepoint may cause one. The target's times are read on the target,
 * from the counter that all CPUs share.
 *
 * A signal for a report, a snapshot or a ping is followed by a done. If the target answered in
 * time, a deliver precedes the done. A signal that stops a CPU, that checks delivery at load, or
 * that a watcher or the PMU sends has no deliver and no done. Reports and snapshots do not signal
 * the requester's own CPU and have no tracepoints for it.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sdei_nmi

#if !defined(SDEI_NMI_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SDEI_NMI_TRACE_H

#include <linux/sched.h>
#include <linux/tracepoint.h>

#include "request.h"

/* Programs that read a trace need the values of the enum. */
TRACE_DEFINE_ENUM(SDEI_NMI_REQUEST_BACKTRACE);
TRACE_DEFINE_ENUM(SDEI_NMI_REQUEST_PROBE);
TRACE_DEFINE_ENUM(SDEI_NMI_REQUEST_SNAPSHOT);
TRACE_DEFINE_ENUM(SDEI_NMI_REQUEST_STOP);
TRACE_DEFINE_ENUM(SDEI_NMI_REQUEST_WATCH);
TRACE_DEFINE_ENUM(SDEI_NMI_REQUEST_SAMPLE);

#define sdei_nmi_show_request(request)					\
	__print_flags(request, "|",					\
		      { SDEI_NMI_REQUEST_BACKTRACE, "backtrace" },	\
		      { SDEI_NMI_REQUEST_PROBE, "probe" },		\
		      { SDEI_NMI_REQUEST_SNAPSHOT, "snapshot" }, \
		      { SDEI_NMI_REQUEST_STOP, "stop" },		\
		      { SDEI_NMI_REQUEST_WATCH, "watch" },		\
		      { SDEI_NMI_REQUEST_SAMPLE, "sample" })

/**
 * signal - an attempt to signal event 0 to a CPU
 * @cpu: target
 * @request: bit of enum sdei_nmi_request
 * @error: 0 if it was sent, -EAGAIN if the CPU may not be signalled now, or the errno of a refusal
 * @code: the firmware's error code (DEN0054); 0 without a refusal, or if the code is unknown
 */
TRACE_EVENT(signal,
	    TP_PROTO(unsigned int cpu, unsigned int request, int error, int code),
	    TP_ARGS(cpu, request, error, code),
	    TP_STRUCT__entry(__field(unsigned int, cpu)
			     __field(unsigned int, request)
			     __field(int, error)
			     __field(int, code)),
	    TP_fast_assign(__entry->cpu = cpu;
			   __entry->request = request;
			   __entry->error = error;
			   __entry->code = code;),
	    TP_printk("cpu=%u request=%s error=%d code=%d", __entry->cpu,
		      sdei_nmi_show_request(__entry->request), __entry->error, __entry->code)
);

/**
 * deliver - the requester saw that the target took the request
 * @cpu: target
 * @request: bit of enum sdei_nmi_request
 * @by_event: true if event 0 brought the request, false if an ordinary interrupt did
 * @latency_ns: from before the signal until the target began to serve the request
 */
TRACE_EVENT(deliver,
	    TP_PROTO(unsigned int cpu, unsigned int request, bool by_event, u64 latency_ns),
	    TP_ARGS(cpu, request, by_event, latency_ns),
	    TP_STRUCT__entry(__field(unsigned int, cpu)
			     __field(unsigned int, request)
			     __field(bool, by_event)
			     __field(u64, latency_ns)),
	    TP_fast_assign(__entry->cpu = cpu;
			   __entry->request = request;
			   __entry->by_event = by_event;
			   __entry->latency_ns = latency_ns;),
	    TP_printk("cpu=%u request=%s by=%s latency_ns=%llu", __entry->cpu,
		      sdei_nmi_show_request(__entry->request),
		      __entry->by_event ? "event" : "interrupt", __entry->latency_ns)
);

/**
 * done - a CPU's part of a request is over
 * @cpu: target
 * @request: bit of enum sdei_nmi_request
 * @error: 0 if the CPU answered, -ETIMEDOUT if it did not answer in time, -ENXIO if it is offline;
 * for a ping that was not sent, the error of the signal
 * @latency_ns: from before the signal until the requester saw the answer or gave up; 0 if offline
 * @held_ns: how long the answer kept the target; 0 without an answer, and for a ping
 */
TRACE_EVENT(done,
	    TP_PROTO(unsigned int cpu, unsigned int request, int error, u64 latency_ns,
		     u64 held_ns),
	    TP_ARGS(cpu, request, error, latency_ns, held_ns),
	    TP_STRUCT__entry(__field(unsigned int, cpu)
			     __field(unsigned int, request)
			     __field(int, error)
			     __field(u64, latency_ns)
			     __field(u64, held_ns)),
	    TP_fast_assign(__entry->cpu = cpu;
			   __entry->request = request;
			   __entry->error = error;
			   __entry->latency_ns = latency_ns;
			   __entry->held_ns = held_ns;),
	    TP_printk("cpu=%u request=%s error=%d latency_ns=%llu held_ns=%llu", __entry->cpu,
		      sdei_nmi_show_request(__entry->request), __entry->error, __entry->latency_ns,
		      __entry->held_ns)
);

/**
 * irqs_off - a CPU had interrupts off for longer than the parameter "watch" allows
 * @cpu: the CPU
 * @pc: where event 0 found it
 * @pid: id of the task that ran there
 * @comm: name of that task
 * @since_ns: the latest moment at which the interrupts may have gone off, CLOCK_MONOTONIC
 * @seen_ns: from then until event 0 found the CPU
 * @total_ns: from then until a watcher saw that the CPU takes interrupts again
 */
TRACE_EVENT(irqs_off,
	    TP_PROTO(unsigned int cpu, unsigned long pc, pid_t pid, const char *comm, u64 since_ns,
		     u64 seen_ns, u64 total_ns),
	    TP_ARGS(cpu, pc, pid, comm, since_ns, seen_ns, total_ns),
	    TP_STRUCT__entry(__field(unsigned int, cpu)
			     __field(unsigned long, pc)
			     __field(pid_t, pid)
			     __array(char, comm, TASK_COMM_LEN)
			     __field(u64, since_ns)
			     __field(u64, seen_ns)
			     __field(u64, total_ns)),
	    TP_fast_assign(__entry->cpu = cpu;
			   __entry->pc = pc;
			   __entry->pid = pid;
			   memcpy(__entry->comm, comm, TASK_COMM_LEN);
			   __entry->since_ns = since_ns;
			   __entry->seen_ns = seen_ns;
			   __entry->total_ns = total_ns;),
	    TP_printk("cpu=%u pc=%pS pid=%d comm=%s since_ns=%llu seen_ns=%llu total_ns=%llu",
		      __entry->cpu, (void *)__entry->pc, __entry->pid, __entry->comm,
		      __entry->since_ns, __entry->seen_ns, __entry->total_ns)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
