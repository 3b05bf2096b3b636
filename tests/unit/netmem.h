/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network in memory, for tests and fuzzers: the last frame sent, and one to
 * be received again and again.
 */
#ifndef TESTS_UNIT_NETMEM_H
#define TESTS_UNIT_NETMEM_H

#include "virtio/backend.h"

struct net {
	unsigned room;	  /* frames that can still be sent */
	unsigned nr_sent; /* all in all */
	uint8_t sent[NET_FRAME_MAX];
	size_t sent_len;
	unsigned nr_waiting;  /* frames to be received */
	size_t waiting_len;   /* of each; over NET_FRAME_MAX: too long */
	uint8_t waiting_byte; /* what they are made of */
	int result;	      /* 0, or the error of sending */
};

#endif
