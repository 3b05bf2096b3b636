/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running systems as tables and as JSON.
 *
 * Owner: vmm/control.
 */
#ifndef VMM_CONTROL_PRINT_H
#define VMM_CONTROL_PRINT_H

#include "vmm/control/client.h"

/* Prints to standard output; returns 0 or the error of the output. */
typedef int print_systems(const struct client *client, unsigned nr);

print_systems print_list;
print_systems print_list_json;
print_systems print_stat;
print_systems print_stat_json;

#endif
