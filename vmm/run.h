/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands that launch a system: hyperhurd run DIR, hyperhurd launch FILE.
 */
#ifndef VMM_RUN_H
#define VMM_RUN_H

/** run_main - read a configuration and launch it; the exit status. */
int run_main(int argc, char **argv);

/** launch_main - launch from a launch record in a file; the exit status. */
int launch_main(int argc, char **argv);

#endif
