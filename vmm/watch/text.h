/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters of running systems in Prometheus' text format.
 *
 * Owner: vmm/watch.  Source: Prometheus, "Exposition formats", version 0.0.4.
 */
#ifndef VMM_WATCH_TEXT_H
#define VMM_WATCH_TEXT_H

#include <stdio.h>

#include "vmm/control/client.h"

/** text_write - all counters of @nr systems; 0 or the error of @out. */
int text_write(FILE *out, const struct client *client, unsigned nr);

#endif
