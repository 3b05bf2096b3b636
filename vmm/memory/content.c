/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vmm/memory/frame.h"
#include "vmm/memory/present.h"

#define SIZE_2M (FRAMES_2M * FRAME_SIZE)

struct content {
	struct frame_pool *pool;
	struct frame_run run;
	char *memory; /* the VMM's own view, for copies */
	void *reserved;
	uint64_t reserved_size;
};

/* Pages of 2 MiB are made where file and address agree. */
static int make_view(struct content *c)
{
	size_t size = c->run.count * FRAME_SIZE;

	c->reserved_size = size + 2 * SIZE_2M;
	c->reserved = mmap(NULL, c->reserved_size, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (c->reserved == MAP_FAILED)
		return -errno;

	uintptr_t at = ((uintptr_t)c->reserved + SIZE_2M - 1) & ~(SIZE_2M - 1);

	at += c->run.first * FRAME_SIZE % SIZE_2M;
	c->memory = mmap((void *)at, size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_NORESERVE | MAP_FIXED, frame_pool_fd(c->pool),
		(off_t)(c->run.first * FRAME_SIZE));
	if (c->memory == MAP_FAILED) {
		int err = -errno;

		munmap(c->reserved, c->reserved_size);
		return err;
	}
	madvise(c->memory, size, MADV_HUGEPAGE); /* a hint only */
	return 0;
}

int content_create(
	struct content **out, struct frame_pool *pool, uint64_t count)
{
	struct content *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->pool = pool;
	err = frame_alloc(pool, count, &c->run);
	if (err) {
		free(c);
		return err;
	}
	err = make_view(c);
	if (err) {
		frame_free(pool, c->run);
		free(c);
		return err;
	}
	*out = c;
	return 0;
}

void content_destroy(struct content *c)
{
	munmap(c->reserved, c->reserved_size);
	frame_free(c->pool, c->run);
	free(c);
}

uint64_t content_index(const struct content *c, uint64_t frame)
{
	return c->run.first + frame;
}

int content_fd(const struct content *c)
{
	return frame_pool_fd(c->pool);
}

bool content_populate(struct content *c, uint64_t *at, uint64_t size)
{
	uint64_t all = c->run.count * FRAME_SIZE;

	if (*at >= all)
		return false;
	if (!*at)
		mlock2(c->memory, all, MLOCK_ONFAULT);
	if (size > all - *at)
		size = all - *at;
	if (!present_make(c->memory + *at, size))
		return false;
	*at += size;
	return true;
}

void *content_frame(struct content *c, uint64_t frame)
{
	return c->memory + frame * FRAME_SIZE;
}

void content_zero(struct content *c, uint64_t first, uint64_t count)
{
	memset(content_frame(c, first), 0, count * FRAME_SIZE);
}

void content_copy(struct content *c, uint64_t to, uint64_t from)
{
	memcpy(content_frame(c, to), content_frame(c, from), FRAME_SIZE);
}
