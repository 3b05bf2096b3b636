/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control: who moves what is guaranteed between domains, and says how much they
 * may have beyond it.  Requests CONTAINER_CONTROL*.
 *
 * The VMM decides nothing: who holds the control capability does, within what
 * is guaranteed in all and not in use.
 */
#ifndef VMM_MEMORY_CONTROL_H
#define VMM_MEMORY_CONTROL_H

#include "vmm/memory/window.h"

/** control_leave - @d is gone: the capability is free, if it had it. */
void control_leave(struct memory_domain *d);

/**
 * control_answer - carry out the request of @d's job.
 *
 * Returns 0; -EINVAL (unknown request, portal, number), -EACCES (without
 * control, or it may not have it), -EBUSY, -EDQUOT, -ENFILE, -ENOENT.
 */
NODISCARD int control_answer(struct memory_domain *d);

#endif
