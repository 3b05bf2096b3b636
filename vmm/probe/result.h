/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results of the probe guest as text: how they leave an appliance, and how
 * they are kept in build/probe/HOST.
 */
#ifndef VMM_PROBE_RESULT_H
#define VMM_PROBE_RESULT_H

#include <stdio.h>

#include "vmm/host.h"
#include "vmm/probe/vm.h"

#define RESULT_KEY_MAX 256 /* bytes, with the NUL */

/** result_write - as text. */
void result_write(FILE *out, const struct probe_result *result);

/** result_read - from text; 0, or -EPROTO if it is not complete. */
__attribute__((warn_unused_result)) int result_read(
	FILE *in, struct probe_result *result);

/**
 * result_load - what was kept for @host under the same @key.
 *
 * Returns 0, -ENOENT if there is nothing, -ESTALE if the key differs, or as
 * result_read().
 */
__attribute__((warn_unused_result)) int result_load(
	enum host host, const char *key, struct probe_result *result);

/** result_store - keep @result; a folder that cannot be written is no error. */
void result_store(
	enum host host, const char *key, const struct probe_result *result);

#endif
