/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers by message: sets of frames that a domain allocates, maps, shares
 * and copies.
 *
 * Owner: vmm.  Users: programs of an L4 domain, by calls to portal slot 0
 * (vmmcall.h).  Label = CONTAINER_*, arguments from MR1 on; reply: MR1 = 0 or
 * VMM_E*, results from MR2 on, zero where an error leaves none.
 *
 * A container, `ref`, is a number in the table of the domain that names it.
 * Frames are counted in 4 KiB, CONTAINER_COUNT_MAX at most in one request.
 */
#ifndef VMM_ABI_CONTAINER_H
#define VMM_ABI_CONTAINER_H

#include <stdint.h>

#define CONTAINER_ABI_VERSION 1

#define CONTAINER_FRAME_SIZE UINT64_C(4096)
#define CONTAINER_COUNT_MAX 8192u
#define CONTAINER_GATHER_MAX 56u
#define CONTAINER_PHYSICAL_MAX 28u

/*
 * Where windows can be: guest-physical memory that sigma0 owns and gives to
 * whoever asks.  There is nothing behind it but windows.
 */
#define WINDOW_GPA UINT64_C(0x100000000)
#define WINDOW_SIZE UINT64_C(0x2000000)

/* account.  Reply: ref, a full one; its frames are charged to the account (0:
 * the domain's own).  VMM_ENOSLOT: the table is full. */
#define CONTAINER_CREATE 32u
/* count, CONTAINER_ALLOCATE_*, slot of a portal or 0, account.  Reply: ref, whose frames
 * 0 .. count - 1 are there, and the name of a weak reference, to read and
 * write, for the domain that serves the portal, or 0. */
#define CONTAINER_CREATE_WITH 33u
/* ref, start, count, CONTAINER_ALLOCATE_EXTRA or 0, slot of a portal or 0,
 * account.  Reply: ref, whose frames 0 .. count - 1 are logical copies, and a weak
 * reference as above. */
#define CONTAINER_CREATE_FROM 34u
/* ref, a full one; every reference to the container is gone then. */
#define CONTAINER_DESTROY 35u
/* ref, start, count, flags.  Reply: how many were allocated.  VMM_EEXIST,
 * VMM_EQUOTA (guaranteed frames), VMM_ENOMEM (extra frames). */
#define CONTAINER_ALLOCATE 36u
/* ref, start, count, flags.  Reply: how many were dropped.  VMM_ENOENT. */
#define CONTAINER_DEALLOCATE 37u
/*
 * ref, start, count, CONTAINER_MAP_*, gpa: frames appear at gpa, a multiple of
 * the frame's size in the range above where no window is.  Reply: the rights
 * that it has, CONTAINER_MAP_READ, or with CONTAINER_MAP_WRITE too if no frame
 * is a logical copy.  VMM_ENOENT, VMM_EEXIST (a window is there), VMM_ENOSLOT
 * (64 windows, or 3 that overlap in the container), VMM_ENOSPC_RUNS,
 * VMM_EQUOTA (page tables).
 */
#define CONTAINER_MAP 38u
/* gpa of a window, which goes, with a notice to the kernel (control.h).
 * VMM_ENOENT. */
#define CONTAINER_UNMAP 39u
/* ref, CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, slot of a portal: a weak
 * reference for the domain that serves it.  Reply: its name there. */
#define CONTAINER_SHARE 40u
/* ref, 0, slot of a portal: a full reference.  Reply: its name there. */
#define CONTAINER_GRANT_ACCESS 41u
/* ref, 0: what was derived from it is gone; 1: so is it. */
#define CONTAINER_REVOKE 42u
/* ref, start, ref of the destination, start there, count.  Reply: the frame
 * that is missing, with VMM_ENOENT in the source, VMM_ENOMEM in the other. */
#define CONTAINER_COPY 43u
/* ref, ref of the destination, start there, count, frames. */
#define CONTAINER_COPY_GATHER 44u
/* ref, 1: unmap it in all other domains.  Others get VMM_EBUSY from now on. */
#define CONTAINER_LOCK 45u
/* ref.  VMM_EBUSY: a device is at work on its frames; no new request of one
 * can name them, and it is to be asked again. */
#define CONTAINER_UNLOCK 46u
/*
 * account.  Reply: frames guaranteed and used, host mappings guaranteed and
 * used; those of account 0 with the domain's RAM.  Then how many frames it may
 * use beyond its guarantee, how many it has to give back, and how many
 * microseconds are left for that.
 */
#define CONTAINER_ACCOUNT 47u
/* ref, start, ref of the destination, count, frames there. */
#define CONTAINER_COPY_SCATTER 48u
/*
 * Accounts.  A domain names its own by 0 and those that it has split off by
 * other numbers.  What is in use cannot be moved: VMM_EBUSY; VMM_EQUOTA: there
 * is not so much.
 */
/* account, frames, host mappings.  Reply: a new account with so much of it.
 * VMM_ENOSLOT: there are 15. */
#define CONTAINER_ACCOUNT_SPLIT 50u
/* account, account: all of the second, which is gone then. */
#define CONTAINER_ACCOUNT_MERGE 51u
/*
 * The control capability: one domain has it, the first that asked of those that
 * are configured to, or who was given it; the next that asks when that one is
 * gone.  VMM_EBUSY: another one has it; VMM_EACCESS: it may not have it.
 */
#define CONTAINER_CONTROL 52u
/* 0, 0, slot of a portal: its server's domain has the capability from now on.
 * This and the following: VMM_EACCESS without it. */
#define CONTAINER_CONTROL_PASS 53u
/* index of a domain.  Reply: as CONTAINER_ACCOUNT, its other accounts included;
 * then the faults of its second-level page table, which also go to the policy
 * buffer (policy.h).  VMM_ENOENT: there is none. */
#define CONTAINER_CONTROL_READ 54u
/* index of a domain, of another one, frames, host mappings: so much of the
 * first one's guarantee is the second one's. */
#define CONTAINER_CONTROL_MOVE 55u
/*
 * Extra frames have to be given back when who has control says so.
 *
 * index of a domain, frames, microseconds: it may use so many frames beyond its
 * guarantee.  Reply: how many it has to give back.  When the time is over, the
 * VMM takes what it has not given back, and ends the domain if it cannot.  A
 * later request replaces an earlier one.  VMM_EINVAL: frames above 2^28, more
 * than RECLAIM_US_MAX; VMM_ENOENT.
 */
#define CONTAINER_CONTROL_LIMIT 56u
#define RECLAIM_US_MAX 60000000u
/* Reply: ref, to be read: one frame, the policy buffer (policy.h).
 * VMM_ENOSLOT.  The references of who had control before are gone. */
#define CONTAINER_CONTROL_BUFFER 57u
/* interrupt, 0..47: raised when frames have to be given back, and now if so; 48:
 * none is any more. */
#define CONTAINER_NOTICE 58u
/*
 * ref, a full one, rank up to CONTAINER_RANK_MAX: what is taken by force comes
 * from containers of the highest rank first, of those from the youngest, and in
 * a container from the end.  A new container has rank 0.  From a locked one
 * nothing is taken; a lock for devices ends with their requests.
 */
#define CONTAINER_RANK 59u
#define CONTAINER_RANK_MAX 255u
#define CONTAINER_OP_FIRST CONTAINER_CREATE
/* ref.  Reply: the index of the domain that gave it away, or that created the
 * container: who it is, a server knows from the sender's id (control.h). */
#define CONTAINER_ORIGIN 49u
/*
 * ref, start, count, CONTAINER_MAP_READ (devices read from the frames) |
 * CONTAINER_MAP_WRITE (they write to them), 1: unmap it in all other domains.
 * As CONTAINER_LOCK, for the devices of this domain, which need no window:
 * logical copies get memory of their own, and until CONTAINER_UNLOCK all
 * requests that would take frames of the container away or make others share
 * them get VMM_EBUSY.  Reply: how many frames from start on are locked, fewer
 * if they lie in more than CONTAINER_PHYSICAL_MAX pieces of memory; then for
 * each piece the address that a device's data may have, and its frames.
 * VMM_ENOENT, VMM_EACCES, VMM_ENOSLOT (no more pieces in this domain).
 */
#define CONTAINER_LOCK_PHYSICAL 60u
#define CONTAINER_OP_LAST CONTAINER_LOCK_PHYSICAL

#define CONTAINER_ALLOCATE_PARTIAL 1u	/* as many as can be had */
#define CONTAINER_ALLOCATE_SQUASH 2u	/* drop what is there */
#define CONTAINER_ALLOCATE_EXTRA 4u	/* extra frames will do */
#define CONTAINER_DEALLOCATE_PARTIAL 1u /* up to the first that is missing */
#define CONTAINER_DEALLOCATE_SQUASH 2u	/* pass over what is missing */

#define CONTAINER_MAP_READ 1u
#define CONTAINER_MAP_WRITE 2u
#define CONTAINER_MAP_FORCE_WRITE 4u /* logical copies get their own memory */

/* Errors, beside those of vmmcall.h. */
#define VMM_EEXIST 4u
#define VMM_ENOENT 5u
#define VMM_ENOMEM 6u
#define VMM_EQUOTA 7u
#define VMM_EBUSY 8u /* another domain has locked the container */
#define VMM_ENOSPC_RUNS 9u
#define VMM_EBADREF 10u

_Static_assert(WINDOW_GPA % (UINT64_C(2) << 20) == 0, "2 MiB pages");
_Static_assert(WINDOW_SIZE % (UINT64_C(2) << 20) == 0, "2 MiB pages");
_Static_assert(CONTAINER_OP_LAST - CONTAINER_OP_FIRST == 28, "container ABI 1");
_Static_assert(3 + 2 * CONTAINER_PHYSICAL_MAX <= 63, "one message");
_Static_assert(6 + CONTAINER_GATHER_MAX <= 63, "one message");

#endif
