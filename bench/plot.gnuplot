# SPDX-License-Identifier: GPL-2.0
# plot.gnuplot: draws the files plot-CONDITION-MEASURE in the folder "from", and writes the plot to standard output.
set terminal svg size 1100,720 background "white" font "sans,12"
set multiplot layout 2,3
set logscale xy
set xtics (4, 8, 16, 32, 64)
set xrange [3.5:72]
set format y "10^{%L}"
set grid ytics
set xlabel "CPUs"
set ylabel "instructions"
set key off
do for [condition in "idle busy"] {
	others = condition eq "idle" ? "others idle" : "others in a loop"
	do for [measure in "held captured printed"] {
		what = measure eq "held" ? "longest a CPU is held" : measure eq "captured" ? "until all are captured" : "until all is printed"
		set title what.", ".others
		if (condition eq "busy" && measure eq "printed") { set key bottom right } else { set key off }
		if (measure eq "held") { set yrange [1000:*] } else { set yrange [10000:*] }
		file = from."/plot-".condition."-".measure
		plot file using 1:2 with linespoints lw 2 lc rgb "#999999" title "6.12, interrupt", \
			file using 1:3 with linespoints lw 2 lc rgb "#1f77b4" title "6.12, pseudo-NMI", \
			file using 1:4 with linespoints lw 2 lc rgb "#ff7f0e" title "7.3's own", \
			file using 1:5 with linespoints lw 2 lc rgb "#2ca02c" title "sdei-nmi, module", \
			file using 1:6 with linespoints lw 2 lc rgb "#9467bd" title "sdei-nmi, built in", \
			file using 1:7 with lines lw 2 dt 2 lc rgb "#333333" title "empty handler"
	}
}
unset multiplot
