/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vmm/memory/frame.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

struct content {
	struct frame_pool *pool;
	struct frame_run run;
	char *memory; /* the VMM's own view, for copies */
};

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
	c->memory = mmap(NULL, count * FRAME_SIZE, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_NORESERVE, frame_pool_fd(pool),
		(off_t)(c->run.first * FRAME_SIZE));
	if (c->memory == MAP_FAILED) {
		err = -errno;
		frame_free(pool, c->run);
		free(c);
		return err;
	}
	*out = c;
	return 0;
}

void content_destroy(struct content *c)
{
	munmap(c->memory, c->run.count * FRAME_SIZE);
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
	if (madvise(c->memory + *at, size, MADV_POPULATE_WRITE))
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
