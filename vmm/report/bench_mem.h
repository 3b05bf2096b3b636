/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `hyperhurd bench-mem`: what requests about memory cost, beside what the host
 * has for the same ends.
 */
#ifndef VMM_REPORT_BENCH_MEM_H
#define VMM_REPORT_BENCH_MEM_H

/** bench_mem_main - the command; returns its exit status. */
int bench_mem_main(int argc, char **argv);

#endif
