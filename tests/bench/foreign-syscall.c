/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A system call of a foreign program: from its SYSCALL to its next
 * instruction, with a handler that answers at once and sets %rax.
 *
 * The program takes the time of that and of a NOP in its place, and tells both
 * in registers.  What the handler executes in user mode is known by having it
 * run with a stub that enters no kernel: the rest is the kernel's.
 */
#include <string.h>

#include "guestkernel/abi/foreign.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/bench/bench.h"
#include "tests/guest/fixture.h"

#define PROGRAM UINT64_C(0x400000)

/* Ticks are in %r12 (with the call) and %r13 (without). */
#define TICKS_OF(instruction, result)                            \
	"lfence; rdtsc; shlq $32, %rdx\n\t"                      \
	"orq %rdx, %rax; movq %rax, %rbx\n\t" instruction "\n\t" \
	"lfence; rdtsc; shlq $32, %rdx\n\t"                      \
	"orq %rdx, %rax; subq %rbx, %rax\n\t"                    \
	"movq %rax, " result "\n\t"

extern const char program[], program_end[];
__asm__(".pushsection .rodata\n"
	"program:\n\t" TICKS_OF("nop", "%r13")
		TICKS_OF("syscall", "%r12") "jmp program\n"
					    "program_end:\n\t.popsection");

static char code[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static thread_id_t id;
static volatile uint64_t least;

static void start(void)
{
	uint64_t unused;
	L4_Word_t control;
	thread_id_t me = L4_MyGlobalId();

	id = root_thread_reserve(&unused);
	memcpy(code, program, (size_t)(program_end - program));
	if (!L4_ThreadControl(id, id, me, THREAD_NIL, UTCB_LOCATION_NONE) ||
		!L4_SpaceControl(id, SPACE_CONTROL_FOREIGN, FPAGE_NIL,
			fpage_make(FOREIGN_UTCB_AREA, FOREIGN_UTCB_AREA_LOG2,
				FPAGE_RIGHTS),
			THREAD_NIL, &control) ||
		!L4_ThreadControl(id, id, me, me, FOREIGN_UTCB_AREA))
		panic("no foreign space");
	L4_Set_MsgTag(msgtag_make(0, START_WORDS, 0));
	L4_LoadMR(1, PROGRAM);
	L4_LoadMR(2, 0);
	(void)L4_Call(id); /* its first page fault */
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(PROGRAM));
	L4_LoadMR(2,
		fpage_make((uint64_t)code, FPAGE_LOG2_MIN, FPAGE_RIGHTS).raw);
	(void)L4_Call(id);
}

/* One answer, and the next system call. */
static __attribute__((noinline)) void turn(void)
{
	L4_Word_t with, without;

	L4_LoadMR(EXCEPTION_MR_RAX, 0);
	L4_Set_MsgTag(msgtag_make(0, EXCEPTION_MR_RAX, 0));
	(void)L4_Call(id);
	L4_StoreMR(EXCEPTION_MR_R12, &with);
	L4_StoreMR(EXCEPTION_MR_R13, &without);
	if (with - without < least)
		least = with - without;
}

/* Its own instructions: the least of many, in which nothing else happens. */
static uint64_t turn_without_kernel(void)
{
	uint64_t link = l4_links[LINK_IPC / 8];
	uint64_t shortest = UINT64_MAX;

	l4_links[LINK_IPC / 8] = (uint64_t)no_ipc;
	for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
		uint64_t begin = bench_tsc();

		turn();

		uint64_t ticks = bench_tsc() - begin;

		if (ticks < shortest)
			shortest = ticks;
	}
	l4_links[LINK_IPC / 8] = link;
	return shortest - bench_tsc_cost();
}

int main(void)
{
	uint64_t user;

	start();
	for (unsigned i = 0; i < BENCH_WARM_UP; i++)
		turn();
	least = UINT64_MAX;
	for (unsigned i = 0; i < BENCH_ROUNDS; i++)
		turn();

	uint64_t ticks = least;

	least = 0; /* no new one is found */
	user = turn_without_kernel();
	bench_record("foreign-syscall", "instructions", ticks);
	bench_record("foreign-syscall", "kernel_instructions", ticks - user);
	print("foreign-syscall: %lu ticks, %lu in the kernel\n", ticks,
		ticks - user);
	return 0;
}
