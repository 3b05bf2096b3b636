/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/container.h"

#include <errno.h>
#include <stdlib.h>

#define GAPS 2u	   /* between runs, in one piece of an allocation */
#define COPIES 16u /* may be written one after the other */

struct container {
	struct frame_table *table;
	struct account *account;
	uint64_t frames;
	unsigned pins;
	uint64_t large_end;		    /* allocation goes up to here */
	uint32_t place[CONTAINER_SIZE_MAX]; /* frame of memory + 1; 0: none */
};

struct container *container_new(
	struct frame_table *table, struct account *account)
{
	struct container *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->table = table;
	c->account = account;
	account->containers++;
	return c;
}

void container_pin(struct container *c)
{
	c->pins++;
}

void container_unpin(struct container *c)
{
	c->pins--;
}

bool container_is_pinned(const struct container *c)
{
	return c->pins != 0;
}

static void drop(struct container *c, uint64_t number)
{
	frame_put(c->table, c->place[number] - 1);
	c->place[number] = 0;
	c->frames--;
}

void container_free(struct container *c)
{
	account_release(c->account, c->frames);
	c->account->containers--;
	for (uint64_t i = 0; c->frames; i++)
		if (c->place[i])
			drop(c, i);
	free(c);
}

bool container_range_ok(uint64_t start, uint64_t count)
{
	return count && start < CONTAINER_SIZE_MAX &&
	       count <= CONTAINER_SIZE_MAX - start;
}

/* How many from @start on can be had, and the error at the next. */
static uint64_t allocatable(const struct container *c, uint64_t start,
	uint64_t count, unsigned flags, uint64_t *fresh, int *err)
{
	bool extra = flags & ALLOCATE_EXTRA;
	uint64_t room = account_room(c->account, extra);
	uint64_t at = start, end = start + count;

	*fresh = 0;
	while (at < end) {
		uint64_t gap = container_gap(c, at, end);
		uint64_t got = gap < room - *fresh ? gap : room - *fresh;

		*fresh += got;
		at += got;
		if (got < gap) {
			*err = extra ? -ENOMEM : -EDQUOT;
			return at - start;
		}
		if (at < end && !(flags & ALLOCATE_SQUASH)) {
			*err = -EEXIST;
			return at - start;
		}
		(void)container_has(c, at, end - at, &at);
	}
	*err = 0;
	return count;
}

/* Behind the one before it, if that is possible; @run are about to be taken. */
static uint32_t take_for(struct container *c, uint64_t number, uint64_t run)
{
	uint32_t behind = number && c->place[number - 1] ? c->place[number - 1]
							 : FRAME_NONE;

	return frame_take(c->table, behind, run);
}

/*
 * How many of an allocation are to lie side by side.  If it fills an aligned
 * group of numbers, that is to be a whole page of 2 MiB.
 */
static uint64_t run_from(const struct container *c, uint64_t number)
{
	uint64_t left = number < c->large_end ? c->large_end - number : 1;

	return left < FRAMES_2M ? left : FRAMES_2M - number % FRAMES_2M;
}

/* They are charged.  What lies side by side is zeroed in one go; where memory is
 * in pieces, looking for runs would take longer than it is worth. */
static void fill(struct container *c, uint64_t start, uint64_t count)
{
	uint32_t first = 0, n = 0, gaps = 0;

	for (uint64_t i = start; i < start + count; i++) {
		uint32_t frame;

		if (c->place[i])
			drop(c, i);
		frame = take_for(c, i, gaps < GAPS ? run_from(c, i) : 1);
		c->place[i] = frame + 1;
		c->frames++;
		if (n && frame != first + n) {
			content_zero(c->table->content, first, n);
			n = 0;
			gaps++;
		}
		if (!n++)
			first = frame;
	}
	if (n)
		content_zero(c->table->content, first, n);
}

/* As far as an allocation can go, and how many new frames that takes. */
static int plan(const struct container *c, uint64_t start, uint64_t *count,
	unsigned flags, uint64_t *fresh)
{
	uint64_t wanted = *count;
	int err;

	*count = *fresh = 0;
	if ((flags & ~ALLOCATE_FLAGS) || !container_range_ok(start, wanted))
		return -EINVAL;
	wanted = allocatable(c, start, wanted, flags, fresh, &err);
	if (!err || (flags & ALLOCATE_PARTIAL))
		*count = wanted;
	return err;
}

void container_expect(struct container *c, uint64_t end)
{
	c->large_end = end;
}

int container_can_allocate(const struct container *c, uint64_t start,
	uint64_t *count, unsigned flags)
{
	uint64_t fresh;

	return plan(c, start, count, flags, &fresh);
}

int container_allocate(
	struct container *c, uint64_t start, uint64_t *count, unsigned flags)
{
	uint64_t possible = *count, fresh;
	int err = plan(c, start, &possible, flags, &fresh);

	*count = 0;
	if (!possible)
		return err;
	if (account_charge(c->account, fresh, flags & ALLOCATE_EXTRA))
		return -ENOMEM;
	fill(c, start, possible);
	*count = possible;
	return err;
}

int container_can_deallocate(const struct container *c, uint64_t start,
	uint64_t *count, unsigned flags)
{
	uint64_t end = start, wanted = *count;

	*count = 0;
	if ((flags & ~DEALLOCATE_FLAGS) || !container_range_ok(start, wanted))
		return -EINVAL;
	while (end < start + wanted &&
		(c->place[end] || (flags & DEALLOCATE_SQUASH)))
		end++;
	if (end == start + wanted || (flags & DEALLOCATE_PARTIAL))
		*count = end - start;
	return end == start + wanted ? 0 : -ENOENT;
}

int container_deallocate(
	struct container *c, uint64_t start, uint64_t *count, unsigned flags)
{
	uint64_t before = c->frames;
	int err = c->pins ? -EBUSY
			  : container_can_deallocate(c, start, count, flags);

	if (c->pins)
		*count = 0;
	for (uint64_t i = start; i < start + *count; i++)
		if (c->place[i])
			drop(c, i);
	*count = before - c->frames;
	account_release(c->account, *count);
	return err;
}

bool container_has(const struct container *c, uint64_t start, uint64_t count,
	uint64_t *missing)
{
	uint64_t at = start, end = CONTAINER_SIZE_MAX;

	if (start < end && count < end - start)
		end = start + count;
	while (at < end && c->place[at])
		at++;
	*missing = at;
	return at - start == count;
}

uint32_t container_lend(
	const struct container *c, uint64_t start, uint64_t count)
{
	for (uint64_t i = start; i < start + count; i++)
		frame_reference(c->table, c->place[i] - 1);
	return c->place[start] - 1;
}

void container_adopt(
	struct container *c, uint64_t start, uint32_t first, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		frame_put(c->table, c->place[start + i] - 1);
		c->place[start + i] = first + (uint32_t)i + 1;
	}
}

bool container_copies_overlap(const struct container *from, uint64_t from_start,
	const struct container *to, uint64_t to_start, uint64_t count)
{
	return from == to && from_start < to_start + count &&
	       to_start < from_start + count;
}

int container_copy_from(struct container *to, uint64_t to_start,
	const struct container *from, uint64_t start, uint64_t count,
	unsigned flags)
{
	uint64_t missing;
	int err;

	if ((flags & ~ALLOCATE_EXTRA) || !container_range_ok(start, count) ||
		!container_range_ok(to_start, count))
		return -EINVAL;
	if (!container_has(from, start, count, &missing))
		return -ENOENT;
	for (uint64_t i = to_start; i < to_start + count; i++)
		if (to->place[i])
			return -EEXIST;
	err = account_charge(to->account, count, flags & ALLOCATE_EXTRA);
	for (uint64_t i = 0; !err && i < count; i++) {
		to->place[to_start + i] = from->place[start + i];
		frame_reference(to->table, from->place[start + i] - 1);
		to->frames++;
	}
	return err;
}

/* From @number on, as far as it is worth looking. */
static uint64_t shared_from(const struct container *c, uint64_t number)
{
	uint64_t n = 1;

	while (n < COPIES && number + n < CONTAINER_SIZE_MAX &&
		c->place[number + n] &&
		frame_is_shared(c->table, c->place[number + n] - 1))
		n++;
	return n;
}

int container_write(struct container *c, uint64_t number)
{
	uint32_t old, frame;

	if (number >= CONTAINER_SIZE_MAX || !c->place[number])
		return -ENOENT;
	old = c->place[number] - 1;
	if (!frame_is_shared(c->table, old))
		return 0;
	/* Accounts left one. */
	frame = take_for(c, number, shared_from(c, number));
	content_copy(c->table->content, frame, old);
	frame_put(c->table, old);
	c->place[number] = frame + 1;
	return 1;
}

uint32_t container_lookup(
	const struct container *c, uint64_t number, bool *writable)
{
	if (number >= CONTAINER_SIZE_MAX || !c->place[number])
		return FRAME_NONE;
	*writable = !frame_is_shared(c->table, c->place[number] - 1);
	return c->place[number] - 1;
}

uint64_t container_run(const struct container *c, uint64_t number, uint64_t end,
	uint32_t *first, bool *writable)
{
	const uint32_t *place = &c->place[number];
	uint64_t n = 1;

	if (number >= end || !place[0])
		return 0;
	*first = place[0] - 1;
	*writable = !frame_is_shared(c->table, *first);
	while (n < end - number && place[n] == place[0] + n &&
		frame_is_shared(c->table, place[n] - 1) == !*writable)
		n++;
	return n;
}

uint64_t container_gap(const struct container *c, uint64_t number, uint64_t end)
{
	uint64_t at = number;

	while (at < end && !c->place[at])
		at++;
	return at - number;
}

const struct account *container_account(const struct container *c)
{
	return c->account;
}

uint64_t container_frames(const struct container *c)
{
	return c->frames;
}
