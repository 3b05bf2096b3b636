/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/contentpool.h"

#include <assert.h>

#include "vmm/memory/content.h"

struct content content_tags;
struct policy_buffer content_buffer;

int content_create(
	struct content **content, struct frame_pool *pool, uint64_t count)
{
	(void)pool;
	assert(count <= CONTENT_TAGS_MAX);
	*content = &content_tags;
	return 0;
}

void content_destroy(struct content *content)
{
	(void)content;
}

void *content_frame(struct content *content, uint64_t frame)
{
	(void)content;
	(void)frame;
	return &content_buffer;
}

uint64_t content_index(const struct content *content, uint64_t frame)
{
	(void)content;
	return frame;
}

int content_fd(const struct content *content)
{
	(void)content;
	return 0;
}
