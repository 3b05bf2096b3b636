/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hello: the least that a domain can do for a person.
 */
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"

int main(void)
{
	print("hello from domain %s\n", startup_page()->domain);
	return 0;
}
