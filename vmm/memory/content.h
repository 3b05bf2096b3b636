/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies in the frames that containers are made of.
 *
 * Containers keep books over frame numbers; zero and copy are all they do
 * to memory.  Implemented by content.c over the pool's memfd; a test links
 * an array of tags behind the same functions.
 */
#ifndef VMM_MEMORY_CONTENT_H
#define VMM_MEMORY_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

struct content;
struct frame_pool;

/**
 * content_create - take @count frames out of @pool, numbered from 0 on.
 *
 * Returns 0, -ENOMEM, -ENOSPC or -errno of mmap.
 */
__attribute__((warn_unused_result)) int content_create(
	struct content **content, struct frame_pool *pool, uint64_t count);

/** content_destroy - give the frames back; no window may be left on them. */
void content_destroy(struct content *content);

/** content_index - where frame @frame lies in the pool's memfd, in frames. */
uint64_t content_index(const struct content *content, uint64_t frame);

/** content_fd - the memfd. */
int content_fd(const struct content *content);

/**
 * content_populate - make the next @size bytes of all frames present, and keep
 * them so.
 * @at: IN and OUT, bytes
 *
 * Errors of the host are no errors here.  Returns false when all is done.
 */
bool content_populate(struct content *content, uint64_t *at, uint64_t size);

/** content_frame - where the VMM reads and writes @frame. */
void *content_frame(struct content *content, uint64_t frame);

/** content_zero - make @count frames from @first on read as zero. */
void content_zero(struct content *content, uint64_t first, uint64_t count);

/** content_copy - @to becomes the same as @from. */
void content_copy(struct content *content, uint64_t to, uint64_t from);

#endif
