/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd selftest: the guest tests and the IPC bench on one host, and a
 * report to send to others.
 */
#ifndef VMM_SELFTEST_H
#define VMM_SELFTEST_H

/**
 * selftest_main - the command.
 *
 * Exit status: 0; 1 a test failed or the bench did; 2 wrong usage.
 */
int selftest_main(int argc, char **argv);

#endif
