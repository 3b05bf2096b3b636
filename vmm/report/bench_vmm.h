/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd bench-vmm: launching the same tiny guest by several VMMs, side by
 * side.
 *
 * Owner: vmm/report.  The guest and the floor are in tests/launch.
 */
#ifndef VMM_REPORT_BENCH_VMM_H
#define VMM_REPORT_BENCH_VMM_H

/**
 * bench_vmm_main - the command.
 *
 * Exit status: 0; 1 a VMM of ours failed; 2 wrong arguments or configuration.
 */
int bench_vmm_main(int argc, char **argv);

#endif
