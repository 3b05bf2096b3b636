/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crasher: a task that ends badly, for wortel_test.
 *
 * Arguments: how=write (to address 0), text (a write to it), opcode, jump,
 * memory (more than there is), exit
 */
#include "servers/lib/libc/string.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"

#define MUCH (UINT64_C(40) << 20)

static char much[MUCH];

static void use_memory(void)
{
	for (uint64_t i = 0; i < MUCH; i += 4096)
		*(volatile char *)&much[i] = 1;
}

int main(void)
{
	char how[16];

	args_text(startup_page()->args, "how", how, sizeof(how));
	if (strcmp(how, "write") == 0)
		*(volatile char *)NULL = 1;
	if (strcmp(how, "text") == 0)
		*(volatile char *)(uint64_t)main = 1;
	if (strcmp(how, "opcode") == 0)
		__asm__ volatile("ud2");
	if (strcmp(how, "jump") == 0)
		__asm__ volatile("jmp *%0" : : "r"(UINT64_C(0x7000000000)));
	if (strcmp(how, "memory") == 0)
		use_memory();
	return 0;
}
