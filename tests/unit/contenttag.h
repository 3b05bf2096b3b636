/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames as tags: the content of a frame is one number.
 */
#ifndef TESTS_UNIT_CONTENTTAG_H
#define TESTS_UNIT_CONTENTTAG_H

#include <stdint.h>

#define CONTENT_TAGS_MAX 16384

struct content {
	uint64_t tag[CONTENT_TAGS_MAX];
};

#endif
