/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd-mm/space.h"

#include "servers/lib/libhurd-mm/machine.h"
#include "servers/lib/libhurd-mm/mm.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libl4/space.h"

static uint64_t container;  /* all frames are in it */
static uint64_t frames_gpa; /* and here */

bool space_start(uint64_t gpa)
{
	frames_gpa = gpa;
	return container_create(&container) == VMM_OK;
}

static uint64_t gpa_of(uint32_t frame)
{
	return frames_gpa + (uint64_t)frame * MM_PAGE_SIZE;
}

static fpage_t page_of(uint32_t page, uint64_t rights)
{
	return fpage_make(MM_AREA_START + (uint64_t)page * MM_PAGE_SIZE,
		FPAGE_LOG2_MIN, rights);
}

static bool chunk_get(uint32_t first, uint64_t flags)
{
	if (container_allocate(container, first, MM_CHUNK, flags) != VMM_OK)
		return false;
	if (container_map(container, first, MM_CHUNK,
		    CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, gpa_of(first),
		    NULL) == VMM_OK)
		return true;
	(void)container_deallocate(container, first, MM_CHUNK, 0);
	return false;
}

bool space_frames_get(uint32_t first, uint32_t nr, bool extra)
{
	for (uint32_t i = first; i < first + nr; i += MM_CHUNK)
		if (!chunk_get(i, extra ? CONTAINER_ALLOCATE_EXTRA : 0))
			return false;
	return true;
}

bool space_frames_put(uint32_t first)
{
	return container_unmap(gpa_of(first), MM_CHUNK) == VMM_OK &&
	       container_deallocate(container, first, MM_CHUNK, 0) == VMM_OK;
}

bool space_notice(unsigned irq)
{
	const uint64_t arg = irq;

	return container_request(CONTAINER_NOTICE, &arg, 1, NULL) == VMM_OK;
}

uint64_t space_frames_owed(void)
{
	struct container_account now;

	return container_account(0, &now) == VMM_OK ? now.owed : 0;
}

void *space_frame(uint32_t frame)
{
	return (void *)gpa_of(frame);
}

bool space_map_window(uint32_t page, uint64_t gpa, uint64_t rights)
{
	const thread_id_t sigma0 = {startup_page()->sigma0};

	if (fpage_is_nil(L4_Sigma0_GetPage_RcvWindow(sigma0,
		    fpage_make(gpa, FPAGE_LOG2_MIN, FPAGE_RIGHTS),
		    page_of(page, FPAGE_RIGHTS))))
		return false;
	/* sigma0 gives all rights. */
	if (rights != FPAGE_RIGHTS)
		(void)L4_FlushFpage(page_of(page, FPAGE_RIGHTS & ~rights));
	return true;
}

bool space_map(uint32_t page, uint32_t frame, uint64_t rights)
{
	return space_map_window(page, gpa_of(frame), rights);
}

uint64_t space_revoke(uint32_t page, uint64_t rights)
{
	return fpage_rights(L4_FlushFpage(page_of(page, rights)));
}
