/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page faults of the tasks: a frame is filled from the program's file when its
 * page is first touched.
 */
#include "guestkernel/abi/protocol.h"
#include "servers/abi/wortel.h"
#include "servers/lib/libhurd/console.h"
#include "servers/wortel/frame.h"
#include "servers/wortel/service.h"

/* The frame of a page that the task may have, or NULL. */
static struct frame *page_get(const struct task *task, uint64_t address)
{
	struct frame *frame = frame_find(task->index, address);

	if (frame != NULL)
		return frame;

	frame = frame_alloc(task->index, address);
	if (frame == NULL) {
		print("wortel: %s: no memory\n", task->module->name);
		return NULL;
	}
	frame->rights = (uint32_t)elf_page(&task->image,
		(const void *)task->module->start, address, frame->memory);
	if (frame->rights == 0) {
		frame_free(frame);
		return NULL;
	}
	return frame;
}

bool pager_serve(struct task *task, L4_MsgTag_t tag, const L4_Msg_t *msg)
{
	uint64_t access = msgtag_label(tag) & PROTOCOL_DETAIL_MASK;
	uint64_t address = L4_MsgWord(msg, 0);
	uint64_t ip = L4_MsgWord(msg, 1);
	uint64_t page = address & ~(FRAME_SIZE - 1);
	struct frame *frame = page_get(task, page);

	if (frame == NULL || (access & ~frame->rights)) {
		print("wortel: %s crashed: %s at %lx, IP %lx\n",
			task->module->name,
			access & FPAGE_W   ? "write"
			: access & FPAGE_X ? "execute"
					   : "read",
			address, ip);
		task_end(task, WORTEL_STATUS_CRASH);
		return false;
	}

	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(page));
	L4_LoadMR(2, fpage_make((uint64_t)frame->memory, FPAGE_LOG2_MIN,
			     frame->rights)
			     .raw);
	return true;
}
