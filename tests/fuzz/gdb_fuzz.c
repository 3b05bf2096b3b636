/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/gdb/session.c vmm/gdb/packet.c vmm/gdb/register.c tests/unit/gdbtarget.c */
/*
 * Bytes from someone who is no debugger: whatever comes, answers are packets
 * and fit, and the target is only ever asked for what its header allows.
 *
 * A 0x01 outside a packet is a moment in which the target stops, and frames
 * the bytes up to the next one as a packet: few checksums are right by chance.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/gdbtarget.h"
#include "vmm/gdb/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gdb_target target;
static struct gdb_session session;

static void check(unsigned set)
{
	const struct gdb_writer *out = &session.out;

	if (!(set & GDB_SEND_ANSWER))
		return;
	if (out->full || out->size < 4 || out->data[0] != '$' ||
		out->data[out->size - 3] != '#')
		abort();
}

static void take(char byte)
{
	check(gdb_session_take(&session, byte));
}

static void take_framed(const uint8_t *data, size_t size)
{
	uint8_t sum = 0;

	take('$');
	for (size_t i = 0; i < size; i++) {
		take((char)data[i]);
		sum = (uint8_t)(sum + data[i]);
	}
	take('#');
	take("0123456789abcdef"[sum >> 4]);
	take("0123456789abcdef"[sum & 15]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gdbtarget_init(&target);
	gdb_session_begin(&session, &target);
	for (size_t i = 0; i < size; i++) {
		const uint8_t *end;

		if (data[i] != 1) {
			take((char)data[i]);
			continue;
		}
		if (target.stop.reason == GDB_RUNS)
			target.stop.reason = GDB_STOP_BREAK;
		check(gdb_session_poll(&session));
		end = memchr(data + i + 1, 1, size - i - 1);
		if (!end)
			break;
		take_framed(data + i + 1, (size_t)(end - data) - i - 1);
		i = (size_t)(end - data) - 1;
	}
	return 0;
}
