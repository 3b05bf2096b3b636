/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking things up in the startup page.
 */
#include "servers/lib/libhurd/startup.h"

#include "guestkernel/abi/protocol.h"
#include "servers/lib/libc/string.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "vmm/abi/control.h"

static const struct boot_portal *find(const char *name, uint32_t role)
{
	const struct startup *page = startup_page();

	for (uint32_t i = 0; i < page->nr_portals; i++)
		if (page->portal[i].role == role &&
			strcmp(page->portal[i].name, name) == 0)
			return &page->portal[i];
	return NULL;
}

thread_id_t portal_find(const char *name)
{
	const struct boot_portal *portal = find(name, BOOT_PORTAL_CLIENT);

	if (portal == NULL)
		return THREAD_NIL;
	return (thread_id_t){REMOTE_ID_PORTAL(portal->slot)};
}

uint64_t portal_serve(const char *name, thread_id_t server)
{
	const struct boot_portal *portal = find(name, BOOT_PORTAL_SERVER);

	if (portal == NULL)
		return VMM_EINVAL;
	return vmm_portal_bind(portal->slot, server);
}

uint64_t portal_relieve(const char *name, thread_id_t server)
{
	const struct boot_portal *portal = find(name, BOOT_PORTAL_SERVER);

	if (portal == NULL)
		return VMM_EINVAL;
	return vmm_portal_relieve(portal->slot, server);
}

uint64_t portal_notify(thread_id_t portal)
{
	L4_Set_MsgTag(msgtag_make(PROTOCOL_INTERRUPT, 0, 0));
	return msgtag_failed(L4_Send(portal)) ? L4_ErrorCode() : 0;
}

thread_id_t task_find(const char *name)
{
	const struct startup *page = startup_page();

	for (uint32_t i = 0; i < page->nr_tasks; i++)
		if (strcmp(page->task[i].name, name) == 0)
			return (thread_id_t){page->task[i].thread};
	return THREAD_NIL;
}

thread_id_t partner_from_args(const char *argument)
{
	char name[BOOT_NAME_MAX];

	if (!args_text(startup_page()->args, argument, name, sizeof(name)))
		panic("argument %s=NAME is missing", argument);

	thread_id_t partner = portal_find(name);

	if (thread_id_is_nil(partner))
		partner = task_find(name);
	if (thread_id_is_nil(partner))
		panic("no portal and no task is called \"%s\"", name);
	return partner;
}

thread_id_t portal_from_args(void)
{
	return partner_from_args("portal");
}

static void serve_from_args(
	uint64_t (*serve)(const char *, thread_id_t), thread_id_t server)
{
	char name[BOOT_NAME_MAX];

	if (!args_text(startup_page()->args, "portal", name, sizeof(name)))
		panic("argument portal=NAME is missing");
	if (find(name, BOOT_PORTAL_SERVER) == NULL &&
		strcmp(startup_page()->name, name) == 0)
		return; /* the domain's own tasks find this one by its name */

	uint64_t error = serve(name, server);

	if (error != VMM_OK)
		panic("cannot serve portal \"%s\": error %lu", name, error);
}

void portal_serve_from_args(thread_id_t server)
{
	serve_from_args(portal_serve, server);
}

void portal_relieve_from_args(thread_id_t server)
{
	serve_from_args(portal_relieve, server);
}
