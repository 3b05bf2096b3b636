/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd probe: which hosts this machine can use, and why not the others.
 * Found out by running the probe guest, never by a CPU's name.
 */
#ifndef VMM_PROBE_PROBE_H
#define VMM_PROBE_PROBE_H

#include <stdbool.h>

/** probe_main - the command; exit status 0 if a host asked for is usable. */
int probe_main(int argc, char **argv);

/**
 * probe_kvm_usable - whether /dev/kvm passes the probe guest.
 *
 * What the guest said is kept in build/probe until the next boot.
 * Needs: no other thread in this process.
 */
bool probe_kvm_usable(void);

#endif
