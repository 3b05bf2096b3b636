/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/contenttag.h"

#include "vmm/memory/content.h"

void content_zero(struct content *content, uint64_t first, uint64_t count)
{
	for (uint64_t i = first; i < first + count; i++)
		content->tag[i] = 0;
}

void content_copy(struct content *content, uint64_t to, uint64_t from)
{
	content->tag[to] = content->tag[from];
}
