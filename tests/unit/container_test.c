/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/memory/container.c vmm/memory/reference.c vmm/memory/account.c vmm/memory/frametable.c tests/unit/contenttag.c */
/*
 * Containers and references: what each operation does, and what it refuses.
 */
#include "vmm/memory/container.h"

#include <errno.h>

#include "tests/tap.h"
#include "tests/unit/containers.h"
#include "tests/unit/contenttag.h"
#include "vmm/memory/reference.h"

#define FRAMES 100u
#define GUARANTEE 40u
#define FAILS(call, error) CHECK_EQ(call, (uint64_t) - (error))

static struct content content;
static struct frame_table table;
static struct account_pool pool;
static struct holder alice, bob, carol;

static void begin(void)
{
	const struct account_amount amount = {GUARANTEE, 0};

	content_zero(&content, 0, CONTENT_TAGS_MAX);
	CHECK_EQ(frame_table_init(&table, FRAMES, &content), 0);
	pool = (struct account_pool){.total = {FRAMES, 0}};
	holder_init(&alice, 3, &table, &pool);
	holder_init(&bob, 5, &table, &pool);
	holder_init(&carol, 7, &table, &pool);
	CHECK_EQ(account_admit(&alice.account, amount), 0);
	CHECK_EQ(account_admit(&bob.account, amount), 0);
}

/* Nothing is left of anything. */
static void end(void)
{
	holder_end(&alice);
	holder_end(&bob);
	holder_end(&carol);
	CHECK_EQ(table.used, 0);
	CHECK_EQ(alice.account.used.frames, 0);
	CHECK_EQ(bob.account.used.frames, 0);
	frame_table_fini(&table);
}

static unsigned create(struct holder *h)
{
	unsigned name = 0;

	CHECK_EQ(reference_create(h, &h->account, &name), 0);
	return name;
}

static struct container *use(struct holder *h, unsigned name)
{
	struct container *c = NULL;

	CHECK_EQ(reference_use(h, name, 0, &c), 0);
	return c;
}

static struct container *with_frames(
	struct holder *h, uint64_t start, uint64_t count)
{
	struct container *c = use(h, create(h));

	CHECK_EQ(container_allocate(c, start, &count, 0), 0);
	return c;
}

static uint64_t *at(struct container *c, uint64_t number)
{
	bool writable;

	return &content.tag[container_lookup(c, number, &writable)];
}

static int allocate(struct container *c, uint64_t start, uint64_t count,
	unsigned flags, uint64_t *done)
{
	*done = count;
	return container_allocate(c, start, done, flags);
}

static int deallocate(struct container *c, uint64_t start, uint64_t count,
	unsigned flags, uint64_t *done)
{
	*done = count;
	return container_deallocate(c, start, done, flags);
}

TEST(allocated_frames_read_as_zero)
{
	uint64_t n;

	begin();
	for (unsigned i = 0; i < FRAMES; i++)
		content.tag[i] = 7;

	struct container *c = with_frames(&alice, 10, 3);

	CHECK_EQ(*at(c, 10) | *at(c, 11) | *at(c, 12), 0);
	*at(c, 11) = 5;
	CHECK_EQ(allocate(c, 11, 1, ALLOCATE_SQUASH, &n), 0);
	CHECK_EQ(*at(c, 11), 0);
	CHECK_EQ(alice.account.used.frames, 3);
	end();
}

TEST(allocate_refuses)
{
	uint64_t n;

	begin();

	struct container *c = with_frames(&alice, 2, 1);

	FAILS(allocate(c, 0, 1, 8, &n), EINVAL);
	FAILS(allocate(c, 0, 0, 0, &n), EINVAL);
	FAILS(allocate(c, CONTAINER_SIZE_MAX, 1, 0, &n), EINVAL);
	FAILS(allocate(c, 1, CONTAINER_SIZE_MAX, 0, &n), EINVAL);
	FAILS(allocate(c, 1, UINT64_MAX, 0, &n), EINVAL);
	FAILS(allocate(c, 0, 4, 0, &n), EEXIST);
	CHECK_EQ(n, 0);
	FAILS(allocate(c, 3, GUARANTEE, 0, &n), EDQUOT);
	FAILS(allocate(c, 3, FRAMES, ALLOCATE_EXTRA, &n), ENOMEM);
	CHECK_EQ(container_frames(c), 1);
	end();
}

TEST(partial_allocation_says_how_far_it_went)
{
	uint64_t n;

	begin();

	struct container *c = with_frames(&alice, 2, 1);

	FAILS(allocate(c, 0, 4, ALLOCATE_PARTIAL, &n), EEXIST);
	CHECK_EQ(n, 2);
	FAILS(allocate(c, 3, 60, ALLOCATE_PARTIAL, &n), EDQUOT);
	CHECK_EQ(n, GUARANTEE - 3);
	FAILS(allocate(c, 100, 60, ALLOCATE_PARTIAL | ALLOCATE_EXTRA, &n),
		ENOMEM);
	CHECK_EQ(n, FRAMES - 2 * GUARANTEE);
	CHECK_EQ(container_frames(c), FRAMES - GUARANTEE);
	end();
}

TEST(deallocate_refuses_holes_or_passes_over_them)
{
	uint64_t n;

	begin();

	struct container *c = with_frames(&alice, 0, 4);

	FAILS(deallocate(c, 0, 1, 4, &n), EINVAL);
	FAILS(deallocate(c, 0, 0, 0, &n), EINVAL);
	FAILS(deallocate(c, 2, 3, 0, &n), ENOENT);
	CHECK_EQ(container_frames(c), 4);
	FAILS(deallocate(c, 3, 3, DEALLOCATE_PARTIAL, &n), ENOENT);
	CHECK_EQ(n, 1);
	CHECK_EQ(deallocate(c, 0, 9, DEALLOCATE_SQUASH, &n), 0);
	CHECK_EQ(n, 3);
	CHECK_EQ(alice.account.used.frames, 0);
	end();
}

TEST(copy_is_logical_until_one_is_written)
{
	uint64_t bad;
	bool writable;

	begin();

	struct container *from = with_frames(&alice, 0, 2);
	struct container *to = with_frames(&bob, 5, 2);

	*at(from, 0) = 11;
	*at(from, 1) = 12;
	CHECK_EQ(copy_whole(from, 0, to, 5, 2, &bad), 0);
	CHECK_EQ(table.used, 2);
	CHECK_EQ(*at(to, 6), 12);
	(void)container_lookup(from, 0, &writable);
	CHECK(!writable);
	CHECK_EQ(container_write(to, 5), 1);
	*at(to, 5) = 99;
	CHECK_EQ(*at(from, 0), 11);
	CHECK_EQ(container_write(from, 0), 0);
	FAILS(container_write(from, 2), ENOENT);
	FAILS(container_write(from, CONTAINER_SIZE_MAX), ENOENT);
	CHECK_EQ(table.used, 3);
	CHECK_EQ(alice.account.used.frames, 2);
	CHECK_EQ(bob.account.used.frames, 2);
	end();
}

TEST(copy_refuses)
{
	uint64_t bad = 0;

	begin();

	struct container *from = with_frames(&alice, 0, 4);
	struct container *to = with_frames(&bob, 0, 3);

	FAILS(copy_whole(from, 0, to, 0, 0, &bad), EINVAL);
	FAILS(copy_whole(from, CONTAINER_SIZE_MAX, to, 0, 1, &bad), EINVAL);
	FAILS(copy_whole(from, 0, to, CONTAINER_SIZE_MAX, 1, &bad), EINVAL);
	FAILS(copy_whole(from, 0, from, 1, 2, &bad), EINVAL);
	FAILS(copy_whole(from, 2, to, 0, 3, &bad), ENOENT);
	CHECK_EQ(bad, 4);
	FAILS(copy_whole(from, 0, to, 1, 3, &bad), ENOMEM);
	CHECK_EQ(bad, 3);
	CHECK_EQ(copy_whole(from, 0, from, 2, 2, &bad), 0);
	end();
}

TEST(a_container_is_made_from_another)
{
	begin();

	struct container *from = with_frames(&alice, 4, 4);
	struct container *to = use(&bob, create(&bob));

	*at(from, 5) = 15;
	FAILS(container_copy_from(to, 0, from, 4, 4, ALLOCATE_SQUASH), EINVAL);
	FAILS(container_copy_from(to, 0, from, 4, 0, 0), EINVAL);
	FAILS(container_copy_from(to, 0, from, 6, 4, 0), ENOENT);
	CHECK_EQ(container_copy_from(to, 0, from, 5, 3, 0), 0);
	FAILS(container_copy_from(to, 2, from, 4, 2, 0), EEXIST);
	CHECK_EQ(*at(to, 0), 15);
	CHECK_EQ(bob.account.used.frames, 3);

	struct container *poor = use(&carol, create(&carol));

	FAILS(container_copy_from(poor, 0, from, 4, 1, 0), EDQUOT);
	CHECK_EQ(container_copy_from(poor, 0, from, 4, 4, ALLOCATE_EXTRA), 0);
	end();
}

TEST(weak_reference_cannot_allocate_or_destroy)
{
	struct container *c;
	unsigned weak = 0, more = 0;

	begin();

	unsigned name = create(&alice);

	CHECK_EQ(reference_give(&alice, name, &bob, REFERENCE_READ, &weak), 0);
	CHECK_EQ(reference_use(&bob, weak, REFERENCE_READ, &c), 0);
	FAILS(reference_use(&bob, weak, REFERENCE_WRITE, &c), EACCES);
	FAILS(reference_use(&bob, weak, REFERENCE_FULL, &c), EACCES);
	FAILS(destroy_whole(&bob, weak), EACCES);
	FAILS(reference_give(&bob, weak, &carol, REFERENCE_WRITE, &more),
		EACCES);
	FAILS(reference_give(&bob, weak, &carol, 0, &more), EINVAL);
	FAILS(reference_give(&bob, weak, &carol, 8, &more), EINVAL);
	FAILS(reference_give(&bob, 40, &carol, REFERENCE_READ, &more), EBADF);
	end();
}

TEST(full_reference_allocates_at_its_owners_expense)
{
	uint64_t n = 5;
	unsigned full = 0;
	struct container *c = NULL;

	begin();

	unsigned name = create(&alice);

	CHECK_EQ(
		reference_give(&alice, name, &bob, REFERENCE_RIGHTS, &full), 0);
	CHECK_EQ(reference_use(&bob, full, REFERENCE_FULL, &c), 0);
	CHECK_EQ(container_allocate(c, 0, &n, 0), 0);
	CHECK_EQ(alice.account.used.frames, 5);
	CHECK_EQ(bob.account.used.frames, 0);
	CHECK_EQ(destroy_whole(&bob, full), 0);
	FAILS(reference_use(&alice, name, 0, &c), EBADF);
	CHECK_EQ(alice.account.used.frames, 0);
	end();
}

TEST(revocation_takes_what_was_derived)
{
	struct container *c;
	unsigned at_bob = 0, at_carol = 0, other = 0;

	begin();

	unsigned name = create(&alice);

	CHECK_EQ(
		reference_give(&alice, name, &bob, REFERENCE_READ, &at_bob), 0);
	CHECK_EQ(
		reference_give(&bob, at_bob, &carol, REFERENCE_READ, &at_carol),
		0);
	CHECK_EQ(reference_give(&alice, name, &carol, REFERENCE_READ, &other),
		0);
	CHECK_EQ(revoke_whole(&bob, at_bob, true), 0);
	FAILS(reference_use(&bob, at_bob, 0, &c), EBADF);
	FAILS(reference_use(&carol, at_carol, 0, &c), EBADF);
	CHECK_EQ(reference_use(&carol, other, 0, &c), 0);
	CHECK_EQ(revoke_whole(&alice, name, false), 0);
	FAILS(reference_use(&carol, other, 0, &c), EBADF);
	CHECK_EQ(reference_use(&alice, name, 0, &c), 0);
	FAILS(revoke_whole(&alice, 0, true), EBADF);
	FAILS(destroy_whole(&alice, REFERENCES_MAX), EBADF);
	end();
}

TEST(lock_keeps_others_out)
{
	struct container *c;
	unsigned weak = 0;

	begin();

	unsigned name = create(&alice);

	CHECK_EQ(reference_give(&alice, name, &bob, REFERENCE_READ, &weak), 0);
	FAILS(reference_unlock(&bob, weak), EINVAL);
	FAILS(reference_lock(&bob, 40), EBADF);
	FAILS(reference_unlock(&bob, 40), EBADF);
	CHECK_EQ(reference_lock(&bob, weak), 0);
	CHECK_EQ(reference_use(&bob, weak, REFERENCE_READ, &c), 0);
	FAILS(reference_use(&alice, name, 0, &c), EBUSY);
	FAILS(reference_lock(&alice, name), EBUSY);
	FAILS(reference_unlock(&alice, name), EBUSY);
	FAILS(revoke_whole(&alice, name, true), EBUSY);
	FAILS(destroy_whole(&alice, name), EBUSY);
	CHECK_EQ(reference_unlock(&bob, weak), 0);
	CHECK_EQ(reference_use(&alice, name, 0, &c), 0);
	CHECK_EQ(reference_lock(&bob, weak), 0);
	CHECK_EQ(revoke_whole(&bob, weak, true), 0);
	CHECK_EQ(reference_use(&alice, name, 0, &c), 0);
	end();
}

TEST(table_of_references_ends)
{
	unsigned name, given;

	begin();
	for (unsigned i = 1; i < REFERENCES_MAX; i++)
		(void)create(&alice);
	FAILS(reference_create(&alice, &alice.account, &name), ENFILE);
	name = create(&bob);
	FAILS(reference_give(&bob, name, &alice, REFERENCE_READ, &given),
		ENFILE);
	end();
}

TEST(a_reference_tells_who_gave_it)
{
	unsigned first, second, third, index;

	begin();
	CHECK_EQ(reference_create(&alice, &alice.account, &first), 0);
	CHECK_EQ(reference_give(&alice, first, &bob, REFERENCE_RIGHTS, &second),
		0);
	CHECK_EQ(reference_give(&bob, second, &carol, REFERENCE_READ, &third),
		0);
	CHECK_EQ(reference_origin(&alice, first, &index), 0);
	CHECK_EQ(index, 3);
	CHECK_EQ(reference_origin(&bob, second, &index), 0);
	CHECK_EQ(index, 3);
	CHECK_EQ(reference_origin(&carol, third, &index), 0);
	CHECK_EQ(index, 5);
	/* A later reference of another does not change what was said. */
	CHECK_EQ(reference_give(&alice, first, &carol, REFERENCE_READ, &first),
		0);
	CHECK_EQ(reference_origin(&carol, third, &index), 0);
	CHECK_EQ(index, 5);
	CHECK_EQ(reference_origin(&carol, first, &index), 0);
	CHECK_EQ(index, 3);
	CHECK_EQ(reference_origin(&carol, 63, &index), -EBADF);
	end();
}

TAP_MAIN(CASE(allocated_frames_read_as_zero), CASE(allocate_refuses),
	CASE(partial_allocation_says_how_far_it_went),
	CASE(deallocate_refuses_holes_or_passes_over_them),
	CASE(copy_is_logical_until_one_is_written), CASE(copy_refuses),
	CASE(a_container_is_made_from_another),
	CASE(weak_reference_cannot_allocate_or_destroy),
	CASE(full_reference_allocates_at_its_owners_expense),
	CASE(revocation_takes_what_was_derived), CASE(lock_keeps_others_out),
	CASE(table_of_references_ends), CASE(a_reference_tells_who_gave_it))
