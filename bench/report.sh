#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# report.sh FROM TO: reads FROM/bench.csv and FROM/versions, and writes bench.md, bench.csv and bench.svg to TO.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

from=${1:?usage: report.sh FROM TO}
to=${2:?usage: report.sh FROM TO}

# statistics: prints PEER,CPUS,CONDITION,MEASURE,RUNS,MEDIAN,MIN,MAX,UNIT for each measure.
statistics() {
	awk -F , -v OFS=, '
		NR > 1 {
			key = $2 OFS $3 OFS $4 OFS $5
			if (!(key in count))
				order[++keys] = key
			value[key, ++count[key]] = $7
			unit[key] = $8
		}
		END {
			for (k = 1; k <= keys; k++) {
				key = order[k]
				n = count[key]
				for (i = 2; i <= n; i++)
					for (j = i; j > 1 && value[key, j] + 0 < value[key, j - 1] + 0; j--) {
						swap = value[key, j]
						value[key, j] = value[key, j - 1]
						value[key, j - 1] = swap
					}
				middle = int((n + 1) / 2)
				print key, n, (value[key, middle] + value[key, n + 1 - middle]) / 2, value[key, 1], value[key, n], unit[key]
			}
		}' OFMT='%.1f' "$from/bench.csv"
}

# series CONDITION MEASURE FIELD: prints the number of CPUs and a column for each peer, for the plot.
series() {
	awk -F , -v condition="$1" -v measure="$2" -v field="$3" '
		$3 == condition && $4 == measure { value[$2, $1] = $field }
		END {
			n = split("4 8 16 32 64", cpus, " ")
			m = split("ipi pnmi linux module builtin floor", peers, " ")
			for (i = 1; i <= n; i++) {
				line = cpus[i]
				for (p = 1; p <= m; p++)
					line = line " " ((cpus[i], peers[p]) in value ? value[cpus[i], peers[p]] : "NaN")
				print line
			}
		}' "$from/statistics"
}

statistics >"$from/statistics"
for condition in idle busy; do
	series $condition held 8 >"$from/plot-$condition-held"
	series $condition captured 6 >"$from/plot-$condition-captured"
	series $condition printed 6 >"$from/plot-$condition-printed"
done
mkdir -p "$to"
gnuplot -e "from='$from'" "$top/bench/plot.gnuplot" >"$from/bench.svg" 2>"$from/gnuplot" ||
	die "gnuplot could not draw the plot: $(head -n 1 "$from/gnuplot")."
awk -v method="$top/bench/method.md" -f "$top/bench/report.awk" "$from/statistics" "$from/versions" >"$from/bench.md" ||
	die "a measurement is missing; see $from/statistics."
cp "$from/bench.csv" "$from/bench.svg" "$from/bench.md" "$to/"
sed -n '1,/^## /p' "$from/bench.md" | sed '$d'
say "bench: written to ${to#"$top"/}: bench.md, bench.csv, bench.svg"
