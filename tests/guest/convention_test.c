/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every system call keeps: the stack pointer, floating-point and vector
 * registers, a clear direction flag; and %rdi in those that take messages.
 * Source: guestkernel/abi/syscall.h.
 */
#include "guestkernel/abi/error.h"
#include "guestkernel/abi/kip.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define RFLAGS_IF 0x200
#define RFLAGS_DF 0x400

#define FX_CONTROL 0 /* offsets in FXSAVE's area */
#define FX_MXCSR 24
#define FX_ST 32
#define FX_XMM 160
#define FX_END 416

struct registers {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, r8, r9, r10, r11, r12, r13, r14,
		r15, rflags;
};

/* Call @link with all registers but %rbp and %rsp from, and back to, @r. */
void call_link(uint64_t link, struct registers *r);

/* clang-format off */
__asm__("call_link:\n\t"
	"pushq %rbx\n\tpushq %rbp\n\tpushq %r12\n\tpushq %r13\n\t"
	"pushq %r14\n\tpushq %r15\n\tpushq %rsi\n\tpushq %rdi\n\t"
	"movq %rsi, %rbp\n\t"
	"movq 0(%rbp), %rax\n\tmovq 8(%rbp), %rbx\n\t"
	"movq 16(%rbp), %rcx\n\tmovq 24(%rbp), %rdx\n\t"
	"movq 32(%rbp), %rsi\n\tmovq 40(%rbp), %rdi\n\t"
	"movq 48(%rbp), %r8\n\tmovq 56(%rbp), %r9\n\t"
	"movq 64(%rbp), %r10\n\tmovq 72(%rbp), %r11\n\t"
	"movq 80(%rbp), %r12\n\tmovq 88(%rbp), %r13\n\t"
	"movq 96(%rbp), %r14\n\tmovq 104(%rbp), %r15\n\t"
	"call *(%rsp)\n\t"
	"popq %rbp\n\tpopq %rbp\n\t"
	"movq %rax, 0(%rbp)\n\tmovq %rbx, 8(%rbp)\n\t"
	"movq %rcx, 16(%rbp)\n\tmovq %rdx, 24(%rbp)\n\t"
	"movq %rsi, 32(%rbp)\n\tmovq %rdi, 40(%rbp)\n\t"
	"movq %r8, 48(%rbp)\n\tmovq %r9, 56(%rbp)\n\t"
	"movq %r10, 64(%rbp)\n\tmovq %r11, 72(%rbp)\n\t"
	"movq %r12, 80(%rbp)\n\tmovq %r13, 88(%rbp)\n\t"
	"movq %r14, 96(%rbp)\n\tmovq %r15, 104(%rbp)\n\t"
	"pushfq\n\tpopq 112(%rbp)\n\t"
	"cld\n\t"
	"popq %r15\n\tpopq %r14\n\tpopq %r13\n\tpopq %r12\n\t"
	"popq %rbp\n\tpopq %rbx\n\tret");
/* clang-format on */

static uint8_t before[512] __attribute__((aligned(16)));
static uint8_t after[512] __attribute__((aligned(16)));

static bool fpu_is_kept(void)
{
	for (unsigned i = FX_ST; i < FX_END; i++)
		if (i % 16 < 10 || i >= FX_XMM) /* of 16, 10 are ST's */
			if (before[i] != after[i])
				return false;
	for (unsigned i = 0; i < 4; i++)
		if (before[FX_MXCSR + i] != after[FX_MXCSR + i])
			return false;
	return before[FX_CONTROL] == after[FX_CONTROL];
}

static void checked_call(uint64_t link, struct registers *r)
{
	__asm__ volatile("fninit\n\tfldpi\n\tfxsave %0" : "=m"(before));
	for (unsigned i = FX_XMM; i < FX_END; i++)
		before[i] = (uint8_t)(i * 7);
	before[FX_MXCSR + 1] |= 0x20; /* round down */
	__asm__ volatile("fxrstor %0" : : "m"(before));
	call_link(link, r);
	__asm__ volatile("fxsave %0\n\tfninit" : "=m"(after));
	CHECK(fpu_is_kept());
	CHECK_EQ(r->rflags & (RFLAGS_DF | RFLAGS_IF), RFLAGS_IF);
}

static uint64_t self_utcb(void)
{
	return L4_MyLocalId().raw;
}

/* Switches to others, which use the registers too. */
static void spoil(void *arg)
{
	(void)arg;
	for (;;) {
		__asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n\t"
				 "pcmpeqd %%xmm9, %%xmm9\n\t"
				 "fninit\n\tfld1\n\tfld1"
				 :
				 :
				 : "xmm0", "xmm9");
		L4_Sleep(L4_TimePeriod(100));
	}
}

TEST(ipc_and_lipc)
{
	const uint64_t link[] = {l4_kip()->ipc, l4_kip()->lipc};
	thread_id_t other = spawn(spoil, NULL);

	for (unsigned i = 0; i < 2; i++) {
		struct registers sleep = {
			.rdi = self_utcb(),
			.rdx = L4_MyGlobalId().raw,
			.r8 = TIMEOUTS(TIME_NEVER, time_period(3000)),
		};
		struct registers fail = {
			.rdi = self_utcb(),
			.rsi = UINT64_C(0x1000000000001),
		};

		checked_call(link[i], &sleep);
		CHECK_EQ(sleep.rdi, self_utcb());
		CHECK_EQ(sleep.r9, MSGTAG_ERROR);
		CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
		checked_call(link[i], &fail);
		CHECK_EQ(fail.rdi, self_utcb());
		CHECK_EQ(fail.r9, MSGTAG_ERROR);
		CHECK_EQ(L4_ErrorCode(), IPC_SEND_NO_PARTNER);
	}
	kill(other);
}

TEST(unmap)
{
	struct registers r = {.rdi = self_utcb(), .r9 = FPAGE_NIL.raw};

	checked_call(l4_kip()->unmap, &r);
	CHECK_EQ(r.rdi, self_utcb());
}

TEST(exchange_registers_and_thread_switch)
{
	struct registers r = {.rax = L4_MyGlobalId().raw};
	struct registers s = {.rdi = 0};

	checked_call(l4_kip()->exchange_registers, &r);
	CHECK_EQ(r.rax, L4_MyLocalId().raw);
	checked_call(l4_kip()->thread_switch, &s);
}

TEST(schedule_and_clock)
{
	struct registers r = {
		.rdi = L4_MyGlobalId().raw,
		.rdx = SCHEDULE_KEEP,
		.rsi = SCHEDULE_KEEP,
		.r8 = SCHEDULE_KEEP,
		.r9 = SCHEDULE_KEEP,
	};
	struct registers c = {.rax = 0};

	checked_call(l4_kip()->schedule, &r);
	CHECK_EQ(r.rax, SCHEDULE_RUNNING);
	checked_call(l4_kip()->system_clock, &c);
	CHECK(c.rax != 0);
}

TEST(thread_and_space_control)
{
	struct registers t = {.rdi = 1};
	struct registers s = {.rdi = 1};

	checked_call(l4_kip()->thread_control, &t);
	CHECK_EQ(t.rax, 0);
	checked_call(l4_kip()->space_control, &s);
	CHECK_EQ(s.rax, 0);
}

TEST(there_is_nothing_to_control_about_processors)
{
	struct registers r = {.rdi = 0};

	checked_call(l4_kip()->processor_control, &r);
	CHECK_EQ(r.rax, 0);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_PARAMETER);
}

TEST(no_memory_attribute_can_be_chosen)
{
	struct registers r = {.rdi = self_utcb(), .rsi = 1, .rax = 0x1234};

	checked_call(l4_kip()->memory_control, &r);
	CHECK_EQ(r.rdx, 0);
	CHECK_EQ(r.rdi, self_utcb());
	CHECK_EQ(r.rax, 0x1234); /* MR1 */
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_PARAMETER);
}

static volatile uint64_t result[2], error[2];

static void try_privileged(void *arg)
{
	struct registers p = {.rax = 99}, m = {.rdx = 99};

	call_link(l4_kip()->processor_control, &p);
	result[0] = p.rax;
	error[0] = L4_ErrorCode();
	m.rdi = self_utcb();
	call_link(l4_kip()->memory_control, &m);
	result[1] = m.rdx;
	error[1] = L4_ErrorCode();
	spoil(arg);
}

TEST(both_are_for_privileged_spaces)
{
	thread_id_t id = spawn_in_new_space(try_privileged, NULL);

	settle();
	for (unsigned i = 0; i < 2; i++) {
		CHECK_EQ(result[i], 0);
		CHECK_EQ(error[i], L4_NO_PRIVILEGE);
	}
	kill(id);
}

TEST(a_number_of_no_call_is_ignored)
{
	uint64_t rax = 77;

	__asm__ volatile("pushq %%rbp\n\tmovl $99, %%ebp\n\tsyscall\n\t"
			 "popq %%rbp"
			 : "+a"(rax)
			 :
			 : "rcx", "r11", "memory");
	CHECK_EQ(rax, 77);
}

TAP_MAIN(CASE(ipc_and_lipc), CASE(unmap),
	CASE(exchange_registers_and_thread_switch), CASE(schedule_and_clock),
	CASE(thread_and_space_control),
	CASE(there_is_nothing_to_control_about_processors),
	CASE(no_memory_attribute_can_be_chosen),
	CASE(both_are_for_privileged_spaces),
	CASE(a_number_of_no_call_is_ignored))
