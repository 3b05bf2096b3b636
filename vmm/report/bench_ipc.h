/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd bench-ipc: what an IPC costs inside a domain, between domains by
 * hand-off, and between the same domains on one host thread each.
 *
 * Owner: vmm/report.  The programs that measure run in the domains of
 * configs/bench and record their medians (VMM_RECORD).
 */
#ifndef VMM_REPORT_BENCH_IPC_H
#define VMM_REPORT_BENCH_IPC_H

/**
 * bench_ipc_main - the command.
 *
 * Exit status: 0; 1 a run failed; 2 wrong arguments or configuration.
 */
int bench_ipc_main(int argc, char **argv);

#endif
