/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What portal_server does, by label: the partner of the tests that talk to
 * another domain.
 */
#ifndef TESTS_GUEST_PORTAL_SERVER_H
#define TESTS_GUEST_PORTAL_SERVER_H

#define SERVE_ECHO 1u	/* reply: each word and the label plus one */
#define SERVE_NOTE 2u	/* no reply; MR1 is noted */
#define SERVE_NOTES 3u	/* reply: MR1 number of notes, MR2 the last */
#define SERVE_SLEEP 4u	/* reply after MR1 microseconds asleep */
#define SERVE_WORK 14u	/* reply after MR1 microseconds at work */
#define SERVE_FORGET 5u /* no reply, the caller waits */
#define SERVE_SENDER 6u /* reply: MR1 the id of the sender, as seen there */
/*
 * MR1 a number, then a thread item: the server calls that thread with
 * SERVE_ECHO and the number.  Reply: MR1 what came back, MR2 the error of that
 * call or 0, MR3 the id that it called.
 */
#define SERVE_CALL_BACK 7u
/* Reply: MR1 = 0, then a thread item for a thread that adds 1000 to MR1. */
#define SERVE_OBJECT 8u
#define SERVE_LAST_ERROR 9u  /* reply: MR1 the error of the last bad reply */
#define SERVE_COMPUTE 10u    /* MR1 = 1: a thread computes, 0: no longer */
#define SERVE_EXIT 11u	     /* the domain ends, no reply */
#define SERVE_INTERRUPTS 12u /* reply: MR1 notifications so far */

/* As SERVE_CALL_BACK, without an item: the thread that was passed last. */
#define SERVE_CALL_AGAIN 13u

#define OBJECT_ADDS 1000u

#endif
