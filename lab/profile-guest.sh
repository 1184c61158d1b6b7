# SPDX-License-Identifier: GPL-2.0
# The guest's part of make profile, the example of docs/profiling.md. A cgroup with a limit has 8,000 cgroups below it. Each time the
# kernel stops it at its limit, and each time it lets it go on, it walks all of them with interrupts off.
# shellcheck shell=sh

batch=/sys/fs/cgroup/batch
jobs=8000
cp /payload/fold.awk .

mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo +cpu >/sys/fs/cgroup/cgroup.subtree_control
mkdir $batch
echo +cpu >$batch/cgroup.subtree_control
seq $jobs | sed "s,^,$batch/job," | xargs mkdir
echo '5000 20000' >$batch/cpu.max
# Only one job still runs, on CPU 3.
sh -c "echo \$\$ >$batch/job$jobs/cgroup.procs; exec taskset 8 gzip </dev/zero >/dev/null" &
gzip=$!
dd if=/dev/zero of=image bs=1M count=20 2>/dev/null
insmod /payload/sdei_nmi.ko

title "$(uname -s) $(uname -r), unmodified, from Debian. $(nproc) CPUs. The symptom:"
run 'time taskset 4 sha256sum image'
run 'time taskset 8 sha256sum image'

title 'Samples of both kinds, of the same 10 s:'
taskset 8 sha256sum /dev/zero &
program=$!
perf record -q -g -C 3 -F 199 -e cycles -o cycles.data sleep 10 &
cycles=$!
run 'perf record -q -g -C 3 -F 199 -e cpu-clock -o clock.data sleep 10 &
perf record -q -g -C 3 -F 199 -e sdei_nmi/sample/ -o sdei.data sleep 10; wait'
wait "$cycles"

report='--stdio --no-children -g none'
for kind in clock sdei cycles; do
	title "The samples of $kind.data:"
	run "perf report -i $kind.data $report --sort comm,dso -n 2>/dev/null | grep %"
	run "perf report -i $kind.data $report --sort symbol -n 2>/dev/null | grep '\\[k\\]' | head -n 5"
done

title 'The callers:'
run "perf report -i sdei.data --stdio --children -g none --sort symbol 2>/dev/null | grep -E 'tg_|cfs_' | head -n 8"

title 'Which group it is, and how often the kernel stops it:'
run 'find /sys/fs/cgroup -name cpu.max | xargs grep -Hv max'
run "find $batch -type d | wc -l"
run "grep nr_throttled $batch/cpu.stat; sleep 10; grep nr_throttled $batch/cpu.stat"
kill "$program"

title 'The same limit, with a longer period:'
run "echo 25000 100000 > $batch/cpu.max"
run 'time taskset 8 sha256sum image'
kill "$gzip"

for kind in clock sdei; do
	title "The stacks of $kind.data:"
	run "perf script -i $kind.data -F comm,ip,sym 2>/dev/null | awk -f fold.awk | sort > $kind.folded"
	run "cat $kind.folded"
done

# share FILE: prints which percentage of the stacks in FILE are the kernel's work on the limit.
share() {
	awk '{ all += $NF } /;(un)?throttle_cfs_rq[.; ]/ { found += $NF } END { printf "%.0f\n", 100 * found / (all + !all) }' "$1"
}

title 'Summary'
clock=$(share clock.folded) sdei=$(share sdei.folded)
echo "throttle_cfs_rq and unthrottle_cfs_rq, with all that they call: $clock% of cpu-clock's samples, $sdei% of the driver's"
if [ "$clock" -le 1 ] && [ "$sdei" -ge 15 ]; then
	echo 'The driver has found the function, and cpu-clock has not.'
fi
