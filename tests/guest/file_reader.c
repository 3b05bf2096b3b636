/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a file again and again into a container that another domain shares with
 * it: whose name is in the one request that it answers.
 *
 * Arguments: portal=NAME (for that request) fs=NAME store=NAME (portals)
 */
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/file.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"

static uint64_t asked(void)
{
	L4_ThreadId_t from;
	L4_Msg_t msg;

	portal_serve_from_args(L4_MyGlobalId());
	L4_MsgStore(L4_Wait(&from), &msg);
	L4_Set_MsgTag(msgtag_make(0, 0, 0));
	L4_Reply(from);
	return L4_MsgWord(&msg, 0);
}

int main(void)
{
	const struct file_system fs = {
		.fs = partner_from_args("fs"),
		.store = partner_from_args("store"),
	};
	struct file_buffer buffer;
	struct file file;
	uint64_t done;

	if (file_share(&fs, asked(), &buffer) ||
		file_open(&fs, "/big", 0, &file))
		panic("no file, or nothing to read into");
	print("reads\n");
	while (!file_read(&file, 0, FS_UNIT, &buffer, 0, &done))
		;
	panic("not read");
}
