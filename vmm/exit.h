/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a vCPU left guest mode, and what is done about it.
 */
#ifndef VMM_EXIT_H
#define VMM_EXIT_H

struct domain;

/**
 * exit_dispatch - handle an exit.
 * @err: what vcpu_run() returned
 *
 * A guest that does what no guest may do ends (domain_crash); the VMM never
 * does.
 */
void exit_dispatch(struct domain *d, int err);

/** exit_poll_machine - let the domain's devices go on, raise interrupts. */
void exit_poll_machine(struct domain *d);

#endif
