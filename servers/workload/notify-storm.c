/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify-storm: raises the interrupt behind a portal, without end.
 *
 * Arguments: portal=NAME
 */
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/workload/report.h"

int main(void)
{
	thread_id_t portal = portal_from_args();

	if (portal_notify(portal) != 0)
		panic("the portal takes no notifications");
	workload_begin();
	for (;;)
		(void)portal_notify(portal);
}
