/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/notice.h"

#include "guestkernel/frames.h"
#include "guestkernel/map.h"
#include "guestkernel/x86/layout.h"

void notice_take(void)
{
	uint32_t tail = CONTROL->notice_tail;

	if (__atomic_exchange_n(&CONTROL->notice_lost, 0, __ATOMIC_ACQUIRE))
		map_unmap_frames(BOOT_DEVICE_END, FRAMES_END, FPAGE_RIGHTS);
	while (tail !=
		__atomic_load_n(&CONTROL->notice_head, __ATOMIC_ACQUIRE)) {
		uint64_t notice = CONTROL->notice[tail++ % NOTICES];
		uint64_t start = notice & NOTICE_PAGE_MASK;
		uint64_t frames = notice >> NOTICE_FRAMES_SHIFT;

		map_unmap_frames(start, start + frames * PAGE_SIZE,
			notice & NOTICE_RIGHTS_MASK);
	}
	CONTROL->notice_tail = tail;
}
