/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The content of one pool, of tags: what a memory service makes is always it.
 */
#ifndef TESTS_UNIT_CONTENTPOOL_H
#define TESTS_UNIT_CONTENTPOOL_H

#include "tests/unit/contenttag.h"
#include "vmm/abi/policy.h"

extern struct content content_tags;
extern struct policy_buffer content_buffer; /* in whichever frame */

#endif
