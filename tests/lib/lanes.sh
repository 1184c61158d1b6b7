# SPDX-License-Identifier: GPL-2.0
# Runs jobs in lanes. A lane is a process that runs one job after another. Host scripts read this file after lab/lib.sh.
#
# The caller sets $jobs to an empty folder and defines "job NAME". Each job has the folder $jobs/NAME. The file "output" in it holds
# the job's output. The job writes the file "summary": the numbers of tests passed, failed and skipped. A job without a summary has
# failed. When a job has ended, the file "done" holds the seconds that it took.
# shellcheck shell=sh disable=SC2154 # the caller sets $jobs

# lane JOB...: runs each job that no other lane has taken yet.
lane() {
	lane_child=''
	trap 'kill $lane_child 2>/dev/null; exit 143' TERM
	for lane_job; do
		kill -0 $$ 2>/dev/null || exit 1
		mkdir "$jobs/$lane_job" 2>/dev/null || continue
		say "$lane_job: started"
		# Each job has its own shell, so that a job that dies does not end its lane.
		lane_began=$(date +%s)
		(job "$lane_job") >"$jobs/$lane_job/output" 2>&1 </dev/null &
		lane_child=$!
		wait $lane_child || true
		echo $(($(date +%s) - lane_began)) >"$jobs/$lane_job/done"
	done
}

# finish JOB: prints the job's whole output at once. A job also fails if it never started or if its lane died.
finish() {
	mkdir -p "$jobs/$1"
	[ ! -s "$jobs/$1/output" ] || cat "$jobs/$1/output" >&2
	[ -s "$jobs/$1/summary" ] || {
		say "$1: failed, because it did not run to its end; its output is in $jobs/$1/output"
		echo 0 1 0 >"$jobs/$1/summary"
	}
}

# in_lanes LANES JOB...: runs the jobs in LANES lanes and returns when all jobs have ended.
in_lanes() {
	lane_count=$1
	shift
	lanes=''
	trap 'kill $lanes 2>/dev/null || true' EXIT
	trap 'exit 130' HUP INT TERM
	for _ in $(seq "$lane_count"); do
		lane "$@" &
		lanes="$lanes $!"
	done
	left=$*
	while [ -n "$left" ]; do
		# Check the lanes before the jobs. A lane marks its last job before it ends, so the next round sees that mark.
		alive=no
		for lane in $lanes; do
			! kill -0 "$lane" 2>/dev/null || alive=yes
		done
		running=''
		for name in $left; do
			if [ -e "$jobs/$name/done" ] || [ $alive = no ]; then
				finish "$name"
			else
				running="$running $name"
			fi
		done
		left=${running# }
		[ -z "$left" ] || sleep 1
	done
	wait
	lanes=''
}

# modules KERNEL: sets ko to the folder of the kernel's modules. The first job that needs the modules builds them. Fails if the
# build fails.
modules() {
	exec 9>"$jobs/.lock-$1"
	flock -w 3600 9 || say "another job has built the modules for kernel '$1' for an hour; check why it hangs."
	[ -e "$jobs/.ko-$1" ] || setpriv --pdeathsig TERM timeout 3600 sh "$top/lab/modules.sh" "$1" >"$jobs/.ko-$1" || : >"$jobs/.ko-$1"
	exec 9>&-
	ko=$(cat "$jobs/.ko-$1")
	[ -n "$ko" ]
}
