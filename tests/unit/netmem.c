/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network in memory, for tests and fuzzers.
 */
#include "tests/unit/netmem.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* The assertion is what a device promises its back end. */
int net_send(struct net *net, const void *frame, size_t len)
{
	assert(len >= NET_FRAME_MIN && len <= NET_FRAME_MAX);
	if (net->result)
		return net->result;
	if (!net->room)
		return -EAGAIN;
	net->room--;
	net->nr_sent++;
	memcpy(net->sent, frame, len);
	net->sent_len = len;
	return 0;
}

int net_receive(struct net *net, void *frame)
{
	if (!net->nr_waiting)
		return -EAGAIN;
	net->nr_waiting--;
	if (net->waiting_len > NET_FRAME_MAX)
		return -EMSGSIZE;
	memset(frame, net->waiting_byte, net->waiting_len);
	return (int)net->waiting_len;
}

bool net_readable(const struct net *net)
{
	return net->nr_waiting != 0;
}

bool net_writable(const struct net *net)
{
	return net->room != 0;
}
