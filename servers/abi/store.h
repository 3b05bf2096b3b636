/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store: blocks of a device, for who holds a capability for them.
 *
 * Owner: deva.  Users: file systems, which hold the portal that controls the
 * store, and their clients.  Freestanding C11 only.
 *
 * A request is an Ipc (call); the label is STORE_*, arguments from MR1 on.  The
 * reply has MR1 = an error, results from MR2 on.
 *
 * A capability stands in the store's table; its number means something only to
 * the domain that it was made for, which the VMM tells the store.  Data goes
 * between the device and a container that the sender shared with the store.
 */
#ifndef SERVERS_ABI_STORE_H
#define SERVERS_ABI_STORE_H

#include <stdint.h>

#define STORE_ABI_VERSION 1

/* Reply: MR2 = sectors of 512 bytes, MR3 = 1 if it cannot be written. */
#define STORE_INFO 1u
/*
 * By the control portal alone: MR1 = domain, MR2 = STORE_READ | STORE_WRITE,
 * then pairs: first sector, sectors; at most STORE_EXTENTS_MAX.  Reply: MR2 =
 * the capability.  STORE_EINVAL: nothing, or not on the device; STORE_ENOMEM.
 */
#define STORE_GRANT 2u
/* By the control portal alone: MR1 = capability.  STORE_ENOENT. */
#define STORE_REVOKE 3u
/*
 * MR1 = capability (STORE_ALL by the control portal), MR2 = STORE_READ (into
 * the container) or STORE_WRITE, perhaps with STORE_MORE, MR3 = the container's
 * name in the store's domain, as the share gave it; then triples: first sector,
 * sectors, first byte in the container, a multiple of 512.  At most
 * STORE_PIECES_MAX in one message; with STORE_MORE nothing is done until a
 * message without it comes, STORE_BATCH_MAX pieces in all.
 *
 * STORE_ENOENT (no such capability of this domain), STORE_EACCESS (a block
 * outside of it, or the direction), STORE_ECONTAINER (not the sender's, or no
 * frames), STORE_EIO, STORE_ETIME, STORE_EREADONLY, STORE_EINVAL.
 */
#define STORE_TRANSFER 4u
/* By the control portal alone: what was written is on stable storage. */
#define STORE_FLUSH 5u

#define STORE_READ 1u
#define STORE_WRITE 2u
#define STORE_MORE 4u

#define STORE_ALL UINT64_MAX
#define STORE_EXTENTS_MAX 28u
#define STORE_PIECES_MAX 19u
#define STORE_BATCH_MAX 64u
#define STORE_SECTOR 512u

#define STORE_OK 0u
#define STORE_EINVAL 1u
#define STORE_ENOENT 2u
#define STORE_EACCESS 3u
#define STORE_ENOMEM 4u
#define STORE_ECONTAINER 5u
#define STORE_EIO 6u
#define STORE_EREADONLY 7u
#define STORE_ETIME \
	8u /* the device does not answer; it may still use the frames */

_Static_assert(2 + 2 * STORE_EXTENTS_MAX <= 60, "one message");
_Static_assert(3 + 3 * STORE_PIECES_MAX <= 60, "one message");

#endif
