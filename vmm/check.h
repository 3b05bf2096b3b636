/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd check DIR: is this a system that could be launched?
 *
 * Owner: vmm/launch.
 */
#ifndef VMM_CHECK_H
#define VMM_CHECK_H

/** check_main - exit status 0, or 2 if it is not; then it was said why. */
int check_main(int argc, char **argv);

#endif
