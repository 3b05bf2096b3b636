/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deva: drives the domain's disk for others.
 *
 * Data goes between the device and the clients' containers; this program sees
 * none of it and copies nothing.
 *
 * Arguments: portal=NAME (for clients) control=NAME (for a file system)
 */
#include <string.h>

#include "servers/deva/frames.h"
#include "servers/deva/grant.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libvirtio/blk.h"
#include "vmm/abi/control.h"

#define DRIVER_GPA WINDOW_GPA /* the driver's own memory */

/* Pieces that wait for the message without STORE_MORE; the file system's. */
struct batch {
	struct blk_request request[STORE_BATCH_MAX]; /* gpa: in the container */
	unsigned nr;
};

static struct batch control_batch;
static uint32_t control_slot;

/* Who sent a request, as the VMM tells. */
struct sender {
	uint32_t domain;
	bool controls;
};

static struct sender sender_of(thread_id_t from)
{
	return (struct sender){
		.domain = REMOTE_ID_DOMAIN(from.raw),
		.controls = REMOTE_ID_SLOT(from.raw) == control_slot,
	};
}

static uint64_t from_blk(enum blk_error error)
{
	switch (error) {
	case BLK_OK:
		return STORE_OK;
	case BLK_EINVAL:
		return STORE_EINVAL;
	case BLK_EREADONLY:
		return STORE_EREADONLY;
	case BLK_ETIME:
		return STORE_ETIME;
	case BLK_ENODEVICE:
	case BLK_EIO:
		break;
	}
	return STORE_EIO;
}

/* The frames that a batch is about. */
static void span(const struct batch *batch, uint64_t *first, uint64_t *end)
{
	*first = UINT64_MAX;
	*end = 0;
	for (unsigned i = 0; i < batch->nr; i++) {
		const struct blk_request *r = &batch->request[i];
		uint64_t start = r->gpa / CONTAINER_FRAME_SIZE;
		uint64_t stop =
			(r->gpa + r->size - 1) / CONTAINER_FRAME_SIZE + 1;

		*first = start < *first ? start : *first;
		*end = stop > *end ? stop : *end;
	}
}

/*
 * Requests as the device gets them: one for each piece of memory, all at once
 * as long as there are no more than it takes.
 */
static enum blk_error carry_out(const struct batch *batch, bool write)
{
	static struct blk_request request[BLK_BATCH_MAX];
	enum blk_error error = BLK_OK;
	unsigned nr = 0;

	for (unsigned i = 0; !error && i < batch->nr; i++) {
		struct blk_request left = batch->request[i];

		while (!error && left.size) {
			uint64_t size = left.size;

			if (nr == BLK_BATCH_MAX) {
				error = blk_transfer(request, nr, write);
				nr = 0;
			}
			request[nr] = left;
			request[nr].gpa = frames_address(left.gpa, &size);
			request[nr++].size = (uint32_t)size;
			left.gpa += size;
			left.sector += size / STORE_SECTOR;
			left.size -= (uint32_t)size;
		}
	}
	return error ? error : blk_transfer(request, nr, write);
}

static uint64_t run(struct sender sender, const struct batch *batch, bool write,
	uint64_t container)
{
	uint64_t first, end, error;

	span(batch, &first, &end);
	error = frames_lock(sender.domain, container, first, end, !write);
	if (error)
		return error;
	error = from_blk(carry_out(batch, write));
	frames_unlock();
	return error;
}

static bool piece_is_valid(const uint64_t *piece)
{
	return grant_on_device((struct grant_extent){piece[0], piece[1]}) &&
	       piece[1] <= FRAMES_MAX * CONTAINER_FRAME_SIZE / STORE_SECTOR &&
	       piece[2] % STORE_SECTOR == 0 &&
	       piece[2] < UINT64_MAX - FRAMES_MAX * CONTAINER_FRAME_SIZE;
}

static uint64_t piece_check(struct sender sender, uint64_t capability,
	uint64_t right, const uint64_t *piece)
{
	struct grant_extent extent = {piece[0], piece[1]};

	if (!piece_is_valid(piece))
		return STORE_EINVAL;
	if (capability == STORE_ALL)
		return sender.controls ? STORE_OK : STORE_ENOENT;
	return grant_check(sender.domain, capability, right, extent);
}

static uint64_t transfer(
	struct sender sender, const uint64_t *word, unsigned nr)
{
	struct batch own = {.nr = 0};
	struct batch *batch = sender.controls ? &control_batch : &own;
	uint64_t right = word[1] & ~(uint64_t)STORE_MORE;
	uint64_t error = STORE_OK;

	if (nr < 6 || nr % 3 || (right != STORE_READ && right != STORE_WRITE) ||
		((word[1] & STORE_MORE) && !sender.controls))
		error = STORE_EINVAL;
	for (unsigned i = 3; !error && i < nr; i += 3) {
		error = piece_check(sender, word[0], right, &word[i]);
		if (!error && batch->nr == STORE_BATCH_MAX)
			error = STORE_EINVAL;
		if (!error)
			batch->request[batch->nr++] = (struct blk_request){
				.sector = word[i],
				.gpa = word[i + 2],
				.size = (uint32_t)(word[i + 1] * STORE_SECTOR),
			};
	}
	if (!error && (word[1] & STORE_MORE))
		return STORE_OK;
	if (!error)
		error = run(sender, batch, right == STORE_WRITE, word[2]);
	batch->nr = 0;
	return error;
}

static uint64_t grant(const uint64_t *word, unsigned nr, uint64_t *number)
{
	struct grant_extent extent[STORE_EXTENTS_MAX];
	unsigned extents = 0;

	if (nr < 4 || nr % 2 || nr > 2 + 2 * STORE_EXTENTS_MAX)
		return STORE_EINVAL;
	for (unsigned i = 2; i < nr; i += 2)
		extent[extents++] = (struct grant_extent){word[i], word[i + 1]};
	return grant_make((uint32_t)word[0], word[1], extent, extents, number);
}

/* Returns the error; results in @result. */
static uint64_t serve(struct sender sender, uint64_t label,
	const uint64_t *word, unsigned nr, uint64_t result[2])
{
	if (label == STORE_INFO) {
		result[0] = blk_sectors();
		result[1] = blk_is_read_only();
		return STORE_OK;
	}
	if (label == STORE_TRANSFER)
		return transfer(sender, word, nr);
	if (!sender.controls)
		return STORE_EACCESS;
	switch (label) {
	case STORE_GRANT:
		return grant(word, nr, &result[0]);
	case STORE_REVOKE:
		return nr == 1 ? grant_revoke(word[0]) : STORE_EINVAL;
	case STORE_FLUSH:
		return from_blk(blk_flush());
	default:
		return STORE_EINVAL;
	}
}

static void answer(thread_id_t from, msgtag_t tag)
{
	uint64_t result[2] = {0, 0}, error;
	L4_Msg_t msg = {0};

	L4_MsgStore(tag, &msg);
	error = serve(sender_of(from), msgtag_label(tag), &msg.mr[1],
		msgtag_untyped(tag), result);
	L4_Set_MsgTag(msgtag_make(0, 3, 0));
	L4_LoadMR(1, error);
	L4_LoadMR(2, result[0]);
	L4_LoadMR(3, result[1]);
}

static void start_device(void)
{
	uint64_t ref;
	enum blk_error error = BLK_ENODEVICE;

	if (container_create(&ref) == VMM_OK &&
		container_allocate(ref, 0,
			BLK_MEMORY_SIZE / CONTAINER_FRAME_SIZE, 0) == VMM_OK &&
		container_map(ref, 0, BLK_MEMORY_SIZE / CONTAINER_FRAME_SIZE,
			CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, DRIVER_GPA,
			NULL) == VMM_OK)
		error = blk_start((void *)DRIVER_GPA);
	if (error)
		panic("no block device that can be used");
	grant_reset(blk_sectors());
	print("deva: %lu sectors%s\n", blk_sectors(),
		blk_is_read_only() ? ", read-only" : "");
}

static void start_portals(void)
{
	const struct startup *page = startup_page();
	char name[BOOT_NAME_MAX];

	portal_serve_from_args(L4_MyGlobalId());
	if (!args_text(page->args, "control", name, sizeof(name)) ||
		portal_serve(name, L4_MyGlobalId()) != VMM_OK)
		panic("argument control=NAME names no portal to serve");
	for (uint32_t i = 0; i < page->nr_portals; i++)
		if (page->portal[i].role == BOOT_PORTAL_SERVER &&
			strcmp(page->portal[i].name, name) == 0)
			control_slot = page->portal[i].slot;
}

int main(void)
{
	thread_id_t from;
	msgtag_t tag;

	start_device();
	start_portals();
	tag = L4_Wait(&from);
	for (;;) {
		if (msgtag_failed(tag) || !thread_id_is_remote(from)) {
			/* One that came when its request was done already. */
			if (!msgtag_failed(tag))
				blk_interrupt(from);
			tag = L4_Wait(&from);
			continue;
		}
		answer(from, tag);
		tag = L4_ReplyWait(from, &from);
	}
}
