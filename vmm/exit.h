/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a vCPU left guest mode, and what is done about it.
 */
#ifndef VMM_EXIT_H
#define VMM_EXIT_H

#include <stdint.h>

struct domain;

/**
 * exit_dispatch - handle an exit.
 * @err: what vcpu_run() returned
 *
 * A guest that does what no guest may do ends (domain_crash); the VMM never
 * does.
 */
void exit_dispatch(struct domain *d, int err);

/**
 * exit_expire_machine - the domain's machine_timer has expired, at @now.
 *
 * What its devices have to do is left to the domain's turn.
 */
void exit_expire_machine(struct domain *d, uint64_t now);

/** exit_poll_machine - let the domain's devices go on, raise interrupts. */
void exit_poll_machine(struct domain *d);

#endif
