/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers: sets of virtual frames, each named by a number.
 *
 * A frame of a container is charged to the account of the container's owner,
 * whatever it shares memory with: so a copy that is written has its frame of
 * memory paid for already.  Nothing here maps memory; see service.c.
 *
 * Source: Hurd on L4, "Virtual Memory Management", The Container Interface.
 */
#ifndef VMM_MEMORY_CONTAINER_H
#define VMM_MEMORY_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/memory/account.h"
#include "vmm/memory/frametable.h"

#define CONTAINER_SIZE_MAX 8192u /* frame numbers: 0 .. this - 1 */

#define ALLOCATE_PARTIAL 1u /* as many as can be had */
#define ALLOCATE_SQUASH 2u  /* drop what is there */
#define ALLOCATE_EXTRA 4u   /* extra frames will do */
#define ALLOCATE_FLAGS 7u
#define DEALLOCATE_PARTIAL 1u /* up to the first that is not there */
#define DEALLOCATE_SQUASH 2u  /* pass over what is not there */
#define DEALLOCATE_FLAGS 3u

struct container;

/**
 * container_new - an empty container.
 * @account: what its frames are charged to
 *
 * Returns NULL without memory.
 */
struct container *container_new(
	struct frame_table *table, struct account *account);

/** container_free - drop all frames, and the container. */
void container_free(struct container *c);

/**
 * container_can_allocate - how far container_allocate would come.
 *
 * Its arguments and results; nothing changes.
 */
__attribute__((warn_unused_result)) int container_can_allocate(
	const struct container *c, uint64_t start, uint64_t *count,
	unsigned flags);

/**
 * container_expect - the allocations to come go up to number @end: frames of
 * aligned groups of FRAMES_2M below it are to be one aligned run of memory.
 */
void container_expect(struct container *c, uint64_t end);

/**
 * container_allocate - new frames, which read as zero, at numbers [@start,
 * @start + *@count).
 * @count: IN how many; OUT how many there were
 * @flags: ALLOCATE_*
 *
 * Returns 0; -EINVAL (unknown flag, range), -EEXIST (a number is taken),
 * -EDQUOT (the guarantee is used up), -ENOMEM (so are the extra frames).
 * After an error *@count is 0, or with ALLOCATE_PARTIAL what was possible.
 */
__attribute__((warn_unused_result)) int container_allocate(
	struct container *c, uint64_t start, uint64_t *count, unsigned flags);

/**
 * container_can_deallocate - how far container_deallocate would come.
 * @count: IN how many numbers; OUT up to which, those without a frame included
 */
__attribute__((warn_unused_result)) int container_can_deallocate(
	const struct container *c, uint64_t start, uint64_t *count,
	unsigned flags);

/**
 * container_deallocate - drop frames.
 * @count: IN how many numbers; OUT how many frames were dropped
 * @flags: DEALLOCATE_*
 *
 * Returns 0; -EINVAL (unknown flag, range), -EBUSY (pinned), -ENOENT (a number
 * has no frame); then *@count is 0, or with DEALLOCATE_PARTIAL what came before it.
 */
__attribute__((warn_unused_result)) int container_deallocate(
	struct container *c, uint64_t start, uint64_t *count, unsigned flags);

/** container_has - all of [@start, @start + @count) is there; else *@missing
 * is the first number that is not. */
bool container_has(const struct container *c, uint64_t start, uint64_t count,
	uint64_t *missing);

/**
 * container_lend - the first half of a logical copy: the memory of frames
 * [@start, @start + @count), which are there and lie side by side, is shared
 * from now on.
 *
 * Returns its first frame, for container_adopt.
 */
uint32_t container_lend(
	const struct container *c, uint64_t start, uint64_t count);

/**
 * container_adopt - the second half: frames [@start, @start + @count), which
 * are there, become the memory from @first on that was lent.
 */
void container_adopt(
	struct container *c, uint64_t start, uint32_t first, uint64_t count);

/** container_copies_overlap - these ranges may not be copied in one request:
 * they overlap in one container. */
bool container_copies_overlap(const struct container *from, uint64_t from_start,
	const struct container *to, uint64_t to_start, uint64_t count);

/**
 * container_copy_from - numbers [@to_start, + @count) of @to, which are free,
 * become logical copies of @from's.
 * @flags: ALLOCATE_EXTRA or 0
 *
 * Returns 0, -EINVAL, -ENOENT (nothing at a number of the source), -EEXIST,
 * -EDQUOT or -ENOMEM as container_allocate; nothing has changed then.
 */
__attribute__((warn_unused_result)) int container_copy_from(
	struct container *to, uint64_t to_start, const struct container *from,
	uint64_t start, uint64_t count, unsigned flags);

/**
 * container_write - give frame @number memory of its own, with the same
 * contents: it may be written then.
 *
 * Returns 1 if its memory changed, 0 if it was its own, or -ENOENT.
 */
__attribute__((warn_unused_result)) int container_write(
	struct container *c, uint64_t number);

/**
 * container_lookup - the memory of frame @number.
 * @writable: OUT, no other frame stands on it
 *
 * Returns FRAME_NONE if there is no such frame.
 */
uint32_t container_lookup(
	const struct container *c, uint64_t number, bool *writable);

/**
 * container_pin - a device may be at work on its frames: until as many calls of
 * container_unpin none of them goes or becomes another's.
 */
void container_pin(struct container *c);
void container_unpin(struct container *c);
bool container_is_pinned(const struct container *c);

/** container_account - whom its frames are charged to. */
const struct account *container_account(const struct container *c);

/**
 * container_run - how many frames from @number on, before @end, lie side by
 * side in memory and can or cannot be written alike.
 * @first:    OUT, the first one's memory
 * @writable: OUT, no other frames stand on them
 *
 * Returns 0 if there is no frame @number.
 */
uint64_t container_run(const struct container *c, uint64_t number, uint64_t end,
	uint32_t *first, bool *writable);

/** container_gap - how many frames are missing from @number on, before @end. */
uint64_t container_gap(
	const struct container *c, uint64_t number, uint64_t end);

/** container_frames - how many it has. */
uint64_t container_frames(const struct container *c);

/** container_range_ok - [@start, @start + @count) are numbers, at least one. */
bool container_range_ok(uint64_t start, uint64_t count);

#endif
