/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A notification that interrupts a program reaches a handler that waits
 * without a timeout by the kernel's short way: with the same message, the same
 * books, and the program none the wiser.
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define IRQ 6
#define OTHER_IRQ 7
#define SOON 100000 /* TSC ticks */
#define LATEST (SOON << 8)
#define LATE_US 20000
#define LOW 50
#define HIGH 60
#define ROUNDS 20
#define GUESS UINT64_C(0x9e3779b97f4a7c15)

static volatile uint64_t spins[2];
static volatile bool spoilt;

/* All registers, flags included, are as this thread left them. */
static void spin(void *counter)
{
	__asm__ volatile("movq %1, %%r10\n\t"
			 "movl $11, %%r11d\n\t"
			 "movl $12, %%r12d\n\t"
			 "movl $13, %%r13d\n\t"
			 "movl $14, %%r14d\n\t"
			 "movl $15, %%r15d\n\t"
			 "movl $1, %%eax\n\t"
			 "movl $2, %%ebx\n\t"
			 "movl $3, %%ecx\n\t"
			 "movl $4, %%edx\n\t"
			 "movl $8, %%r8d\n\t"
			 "movl $9, %%r9d\n\t"
			 "cmpl $2, %%eax\n" /* carry, for all of the loop */
			 "1:\tjnc 2f\n\t"
			 "leaq (%%rax,%%rbx), %%rsi\n\t"
			 "leaq (%%rsi,%%rcx), %%rsi\n\t"
			 "leaq (%%rsi,%%rdx), %%rsi\n\t"
			 "leaq (%%rsi,%%r8), %%rsi\n\t"
			 "leaq (%%rsi,%%r9), %%rsi\n\t"
			 "leaq (%%rsi,%%r11), %%rsi\n\t"
			 "leaq (%%rsi,%%r12), %%rsi\n\t"
			 "leaq (%%rsi,%%r13), %%rsi\n\t"
			 "leaq (%%rsi,%%r14), %%rsi\n\t"
			 "leaq -92(%%rsi,%%r15), %%rsi\n\t"
			 "pushfq\n\t"
			 "testq %%rsi, %%rsi\n\t"
			 "jnz 2f\n\t"
			 "incq (%0)\n\t"
			 "popfq\n\t"
			 "jmp 1b\n"
			 "2:"
			 :
			 : "D"(counter), "r"(GUESS)
			 : "rax", "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10",
			 "r11", "r12", "r13", "r14", "r15", "cc", "memory");
	spoilt = true;
	for (;;)
		L4_Sleep(L4_Never);
}

static thread_id_t associate(uint32_t n)
{
	thread_id_t id = thread_id_interrupt(n);

	CHECK(L4_AssociateInterrupt(id, L4_MyGlobalId()) != 0);
	return id;
}

/* Acknowledges @irq and waits for @from, for ever. */
static L4_MsgTag_t next(thread_id_t irq, thread_id_t from, L4_ThreadId_t *who)
{
	for (unsigned i = 1; i < 8; i++)
		L4_LoadMR(i, 0);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	return L4_Ipc(irq, from, TIMEOUTS(TIME_NEVER, TIME_NEVER), who);
}

/*
 * Each of them finds the spinner running.  One that a busy host brings before
 * the spinner came to run interrupts nobody: then it is done again, after twice
 * the time from there on.
 */
static void interrupt_often(thread_id_t irq, thread_id_t from)
{
	uint64_t ticks = SOON;
	unsigned i = 0;

	while (i < ROUNDS) {
		uint64_t before = spins[0];
		L4_ThreadId_t who;
		L4_Word_t unannounced;

		CHECK_EQ(vmm_notify_after(IRQ, ticks), VMM_OK);
		CHECK_EQ(next(irq, from, &who).raw,
			msgtag_make(PROTOCOL_INTERRUPT, 0, 0).raw);
		CHECK_EQ(who.raw, irq.raw);
		if (spins[0] == before && ticks < LATEST) {
			ticks *= 2;
			continue;
		}
		CHECK(spins[0] > before);
		/* It went the short way. */
		L4_StoreMR(3, &unannounced);
		CHECK_EQ(unannounced, GUESS);
		i++;
	}
}

static thread_id_t spawn_spinner(
	thread_id_t (*how)(void (*)(void *), void *), unsigned n, uint64_t prio)
{
	thread_id_t id = how(spin, (void *)(uint64_t)&spins[n]);

	CHECK(L4_Set_Priority(id, prio) != SCHEDULE_ERROR);
	/* It has the pages that it needs. */
	while (spins[n] == 0)
		L4_Sleep(L4_TimePeriod(1000));
	return id;
}

static void check_interrupted(thread_id_t (*how)(void (*)(void *), void *))
{
	thread_id_t irq = associate(IRQ);
	thread_id_t spinner;

	spins[0] = 0;
	spoilt = false;
	spinner = spawn_spinner(how, 0, LOW);
	interrupt_often(irq, irq);
	interrupt_often(irq, THREAD_ANY);
	CHECK(!spoilt);
	kill(spinner);
	CHECK(L4_DeassociateInterrupt(irq) != 0);
}

TEST(it_interrupts_a_thread_of_the_same_space)
{
	check_interrupted(spawn);
}

TEST(it_interrupts_a_thread_of_another_space)
{
	check_interrupted(spawn_in_new_space);
}

/* Who is interrupted comes first of its equals, and they share as before. */
TEST(who_was_interrupted_goes_on_beside_its_equals)
{
	thread_id_t irq = associate(IRQ);
	L4_ThreadId_t who;
	thread_id_t one, other;

	spins[0] = 0;
	spins[1] = 0;
	one = spawn_spinner(spawn, 0, HIGH);
	CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);
	CHECK(!msgtag_failed(next(irq, irq, &who)));
	other = spawn(spin, (void *)(uint64_t)&spins[1]);
	CHECK(L4_Set_Priority(other, HIGH) != SCHEDULE_ERROR);
	CHECK(L4_Set_Timeslice(one, time_period(1000)) != SCHEDULE_ERROR);
	CHECK(L4_Set_Timeslice(other, time_period(1000)) != SCHEDULE_ERROR);
	for (unsigned i = 0; i < ROUNDS; i++) {
		CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);
		CHECK(!msgtag_failed(next(irq, irq, &who)));
	}
	spins[0] = 0;
	spins[1] = 0;
	L4_Sleep(L4_TimePeriod(LATE_US));
	CHECK(spins[0] > 0);
	CHECK(spins[1] > 0);
	CHECK(spins[0] < 2 * spins[1] && spins[1] < 2 * spins[0]);
	CHECK(!spoilt);
	kill(one);
	kill(other);
	CHECK(L4_DeassociateInterrupt(irq) != 0);
}

static volatile unsigned taken;
static volatile bool acknowledges;

static void take_interrupts(void *arg)
{
	const thread_id_t irq = thread_id_interrupt(IRQ);
	L4_ThreadId_t who;

	(void)arg;
	(void)L4_Receive(irq);
	for (;;) {
		taken++;
		while (!acknowledges)
			(void)L4_Receive_Timeout(irq, L4_TimePeriod(1000));
		(void)next(irq, irq, &who);
	}
}

TEST(it_is_masked_until_the_acknowledgement)
{
	const thread_id_t irq = thread_id_interrupt(IRQ);
	thread_id_t spinner = spawn_spinner(spawn, 0, LOW);
	thread_id_t handler = spawn(take_interrupts, NULL);

	taken = 0;
	acknowledges = false;
	CHECK(L4_AssociateInterrupt(irq, handler) != 0);
	CHECK(L4_Set_Priority(handler, HIGH) != SCHEDULE_ERROR);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);
		L4_Sleep(L4_TimePeriod(LATE_US));
		CHECK_EQ(taken, 1);
	}
	acknowledges = true;
	L4_Sleep(L4_TimePeriod(LATE_US));
	CHECK_EQ(taken, 2);
	kill(spinner);
	kill(handler);
	CHECK(L4_DeassociateInterrupt(irq) != 0);
}

/* With a slice without end an equal never comes. */
static void check_waits(uint64_t priority)
{
	const thread_id_t irq = thread_id_interrupt(IRQ);
	thread_id_t handler = spawn(take_interrupts, NULL);
	thread_id_t spinner;

	taken = 0;
	acknowledges = true;
	CHECK(L4_AssociateInterrupt(irq, handler) != 0);
	settle();
	CHECK(L4_Set_Priority(handler, priority) != SCHEDULE_ERROR);
	spinner = spawn_spinner(spawn, 0, HIGH);
	CHECK(L4_Set_Timeslice(spinner, TIME_NEVER) != SCHEDULE_ERROR);
	CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);
	L4_Sleep(L4_TimePeriod(LATE_US));
	CHECK_EQ(taken, 0);
	kill(spinner);
	L4_Sleep(L4_TimePeriod(LATE_US));
	CHECK_EQ(taken, 1);
	kill(handler);
	CHECK(L4_DeassociateInterrupt(irq) != 0);
}

TEST(a_handler_that_is_no_more_important_waits)
{
	check_waits(LOW);
	check_waits(HIGH);
}

TEST(two_at_once_both_arrive)
{
	thread_id_t irq = associate(IRQ), other = associate(OTHER_IRQ);
	thread_id_t spinner = spawn_spinner(spawn, 0, LOW);
	L4_ThreadId_t first, second;

	CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);
	CHECK_EQ(vmm_notify_after(OTHER_IRQ, SOON), VMM_OK);
	CHECK(!msgtag_failed(next(irq, THREAD_ANY, &first)));
	CHECK(!msgtag_failed(next(first, THREAD_ANY, &second)));
	CHECK_EQ(first.raw ^ second.raw, irq.raw ^ other.raw);
	(void)L4_Send(second);
	kill(spinner);
	CHECK(L4_DeassociateInterrupt(irq) != 0);
	CHECK(L4_DeassociateInterrupt(other) != 0);
}

static void spin_with_signal(void *unused)
{
	(void)unused;
	L4_Set_ExceptionHandler(THREAD_ROOT);
	l4_utcb()->flags = PREEMPT_SIGNAL;
	for (;;)
		__asm__ volatile("" : : : "memory");
}

/* Its exception handler is also the interrupt's. */
TEST(who_wants_to_hear_of_preemption_does)
{
	thread_id_t irq = associate(IRQ);
	thread_id_t spinner = spawn(spin_with_signal, NULL);
	L4_ThreadId_t who;

	CHECK(L4_Set_Priority(spinner, LOW) != SCHEDULE_ERROR);
	CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);
	CHECK(!msgtag_failed(next(irq, irq, &who)));
	CHECK_EQ(msgtag_label(
			 L4_Receive_Timeout(spinner, L4_TimePeriod(LATE_US))),
		PROTOCOL_PREEMPTION);
	kill(spinner);
	(void)L4_Send(irq);
	CHECK(L4_DeassociateInterrupt(irq) != 0);
}

TAP_MAIN(CASE(it_interrupts_a_thread_of_the_same_space),
	CASE(it_interrupts_a_thread_of_another_space),
	CASE(who_was_interrupted_goes_on_beside_its_equals),
	CASE(it_is_masked_until_the_acknowledgement),
	CASE(a_handler_that_is_no_more_important_waits),
	CASE(two_at_once_both_arrive),
	CASE(who_wants_to_hear_of_preemption_does))
