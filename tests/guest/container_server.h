/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What container_server does, by label: the domain that containers are shared
 * with.
 */
#ifndef TESTS_GUEST_CONTAINER_SERVER_H
#define TESTS_GUEST_CONTAINER_SERVER_H

#define SHARED_MAP 1u	   /* MR1 ref, MR2 flags: frame 0 there.  MR1 error */
#define SHARED_PEEK 2u	   /* MR1 its first word */
#define SHARED_POKE 3u	   /* MR1 becomes its first word */
#define SHARED_UNMAP 4u	   /* MR1 error */
#define SHARED_ALLOCATE 5u /* MR1 ref: what a weak one is refused.  MR1 error */
#define SHARED_LOCK 6u	   /* MR1 ref, MR2 1: unmap elsewhere.  MR1 error */
#define SHARED_UNLOCK 7u   /* MR1 ref.  MR1 error */

#endif
