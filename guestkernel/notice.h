/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notices: memory that the VMM takes away from the domain's windows is taken
 * from its spaces, so that whoever touches it faults as for any other page.
 * Source: vmm/abi/control.h.
 */
#ifndef GUESTKERNEL_NOTICE_H
#define GUESTKERNEL_NOTICE_H

/** notice_take - unmap what the notices that came meanwhile name. */
void notice_take(void);

#endif
