/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * echo: serves a portal and sends every request back as it came.
 *
 * Arguments: portal=NAME
 */
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"

int main(void)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	portal_serve_from_args(L4_MyGlobalId());
	print("echo: domain %s serves\n", startup_page()->domain);

	tag = L4_Wait(&from);
	for (;;) {
		if (msgtag_failed(tag)) {
			tag = L4_Wait(&from);
			continue;
		}
		/* Words only: an item has been taken out of its message. */
		L4_Set_MsgTag(
			msgtag_make(msgtag_label(tag), msgtag_untyped(tag), 0));
		tag = L4_ReplyWait(from, &from);
	}
}
