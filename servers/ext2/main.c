/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file system server: ext2 on a store that it controls.
 *
 * Arguments: portal=NAME (for clients) store=NAME (the store's control portal)
 */
#include <string.h>

#include "servers/ext2/copy.h"
#include "servers/ext2/metadata.h"
#include "servers/ext2/service.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "vmm/abi/control.h"

static struct ext2 fs;

static void start(thread_id_t control)
{
	struct ext2_store store;
	uint64_t failed = metadata_start(control, &store);
	enum ext2_error error;

	if (!failed)
		failed = copy_start(control);
	if (failed)
		panic("the store does not answer: error %lu", failed);
	error = ext2_mount(&fs, &store);
	if (error)
		panic("cannot use the disk: %s", ext2_error_text(error));
	service_start(&fs, control);
	print("ext2: %u blocks of %u bytes\n", fs.super.s_blocks_count,
		fs.block_size);
}

int main(void)
{
	thread_id_t from;
	msgtag_t tag;
	L4_Msg_t msg;

	start(partner_from_args("store"));
	portal_serve_from_args(L4_MyGlobalId());
	tag = L4_Wait(&from);
	for (;;) {
		if (msgtag_failed(tag) || !thread_id_is_remote(from)) {
			tag = L4_Wait(&from);
			continue;
		}
		memset(&msg, 0, sizeof(msg));
		L4_MsgStore(tag, &msg);
		service_answer(REMOTE_ID_DOMAIN(from.raw), &msg);
		L4_MsgLoad(&msg);
		tag = L4_ReplyWait(from, &from);
	}
}
