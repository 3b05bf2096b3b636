/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random system calls with random registers, from threads of privileged and
 * unprivileged spaces that come and go: the kernel neither stops nor loses
 * memory.
 */
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/protocol.h"
#include "guestkernel/abi/syscall.h"
#include "guestkernel/abi/utcb.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define FUZZERS 8 /* the first two in the root task's own space */
#define PRIVILEGED 2
#define FIRST_NUMBER 1000u
#define VICTIMS 16 /* numbers that privileged fuzzers play with */
#define FIRST_VICTIM 1100u
#define FIRST_FILLER 2000u
#define FILLERS 1000u
#define ROUND_US 300000
#define LOST_MAX 8 /* spaces' worth of memory that a round may cost */

extern char image_start[], image_end[];

static char stack[FUZZERS][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint32_t version[FUZZERS];
static volatile uint64_t calls[FUZZERS];
static thread_id_t root;

struct registers {
	uint64_t rax, rbx, rdx, rsi, rdi, r8, r9, r10, r12, r13, r14, r15;
};

/* The registers come back in no particular state; only the stack is kept. */
static void call(uint64_t number, struct registers *r)
{
	__asm__ volatile("pushq %%rbp\n\t"
			 "pushq %%rcx\n\t"
			 "movq %%rdx, %%rbp\n\t"
			 "movq 0(%%rcx), %%rax\n\t"
			 "movq 8(%%rcx), %%rbx\n\t"
			 "movq 16(%%rcx), %%rdx\n\t"
			 "movq 24(%%rcx), %%rsi\n\t"
			 "movq 32(%%rcx), %%rdi\n\t"
			 "movq 40(%%rcx), %%r8\n\t"
			 "movq 48(%%rcx), %%r9\n\t"
			 "movq 56(%%rcx), %%r10\n\t"
			 "movq 64(%%rcx), %%r12\n\t"
			 "movq 72(%%rcx), %%r13\n\t"
			 "movq 80(%%rcx), %%r14\n\t"
			 "movq 88(%%rcx), %%r15\n\t"
			 "syscall\n\t"
			 "popq %%rcx\n\t"
			 "popq %%rbp\n\t"
			 : "+c"(r), "+d"(number)
			 :
			 : "rax", "rbx", "rsi", "rdi", "r8", "r9", "r10", "r11",
			 "r12", "r13", "r14", "r15", "memory", "cc");
}

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint64_t victim(uint64_t r)
{
	return thread_id_global(FIRST_VICTIM + r % VICTIMS, 1 + r / 64 % 2).raw;
}

/* An id of every kind; never the VMM's portal, which can end the domain. */
static uint64_t any_id(uint64_t r)
{
	switch (r % 12) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return UINT64_MAX << 6;
	case 3:
		return root.raw;
	case 4:
		return thread_id_global(THREAD_USER_BASE, 1).raw;
	case 5:
		return thread_id_global((uint32_t)(r >> 8) % 64, 1).raw;
	case 6:
		return UTCB_AREA_BASE + UTCB_POINTER +
		       (r >> 8) % 260 * UTCB_SIZE;
	case 7:
		return r;
	case 8:
		return THREAD_REMOTE_BIT | (1 + (r >> 8) % 600) << 32 |
		       ((r >> 20) % 3 * 64 + 1);
	case 9:
		return victim(r >> 8);
	default:
		r >>= 8;
		return thread_id_global(FIRST_NUMBER + (uint32_t)r % FUZZERS,
			version[r % FUZZERS])
			.raw;
	}
}

static uint64_t any_fpage(uint64_t r)
{
	uint64_t log2 = (r >> 16) % 4 ? 12 + (r >> 20) % 4 : (r >> 20) % 64;
	uint64_t base = (r >> 8) % 3 ? (uint64_t)image_start +
					       (r >> 24) % 64 * PAGE_SIZE
				     : (r >> 24) << 12;

	return (base & ~UINT64_C(0x3ff)) | log2 << FPAGE_LOG2_SHIFT | (r & 0xf);
}

static uint64_t any_word(uint64_t *state)
{
	uint64_t r = next(state);

	switch (r % 8) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
	case 3:
		return any_id(r >> 4);
	case 4:
	case 5:
		return any_fpage(r >> 4);
	case 6:
		return r >> 4 & 0xfff;
	default:
		return r;
	}
}

static uint64_t any_tag(uint64_t r)
{
	if (r % 16 == 0)
		return r;
	return msgtag_make(r >> 40, (unsigned)(r >> 8) % 12,
		       (unsigned)(r >> 16) % 3 * 2)
		       .raw |
	       (r >> 24 & MSGTAG_FLAGS);
}

static uint64_t any_item(uint64_t r)
{
	uint64_t word = (r & ~UINT64_C(0x3ff)) % (UINT64_C(1) << 32);

	return word | (r % 4 == 0	   ? ITEM_GRANT
			      : r % 7 == 0 ? r & 0xe
					   : ITEM_MAP);
}

static void prepare_ipc(uint64_t *state, struct registers *r)
{
	uint64_t *utcb = (uint64_t *)(void *)l4_utcb()->mr;
	uint64_t tag = any_tag(next(state));
	unsigned first = msgtag_untyped((msgtag_t){tag}) + 1;
	uint64_t *mr[8] = {&r->r9, &r->rax, &r->rbx, &r->r10, &r->r12, &r->r13,
		&r->r14, &r->r15};

	r->rsi = any_id(next(state));
	r->rdx = any_id(next(state));
	/* Some never, most short: a fuzzer is to call often. */
	r->r8 = next(state) % 16 ? UINT64_C(0x04010401) : next(state);
	*mr[0] = tag;
	for (unsigned i = first; i < 64; i += 2) {
		uint64_t item = any_item(next(state));
		uint64_t fpage = any_fpage(next(state));

		*(i < 8 ? mr[i] : &utcb[i]) = item;
		*(i + 1 < 8 ? mr[i + 1] : &utcb[i + 1 < 64 ? i + 1 : 63]) =
			fpage;
	}
	utcb[UTCB_BR0] =
		next(state) % 3 ? FPAGE_COMPLETE.raw : any_fpage(next(state));
	utcb[UTCB_VIRTUAL_SENDER] = any_id(next(state));
}

/*
 * A space that a victim may live in: not the root task's, whose memory it
 * would write at random.
 */
static uint64_t foreign_space(uint64_t r)
{
	unsigned n = PRIVILEGED + (unsigned)(r >> 8) % (FUZZERS - PRIVILEGED);

	switch (r % 4) {
	case 0:
		return 0;
	case 1:
		return thread_id_global(FIRST_NUMBER + n, version[n]).raw;
	default:
		return victim(r >> 8);
	}
}

/* What the root task itself needs is left alone by its own threads. */
static void spare_root(uint64_t number, uint64_t *state, struct registers *r)
{
	if (number == SYSCALL_EXCHANGE_REGISTERS)
		r->rax = victim(next(state));
	else if (number != SYSCALL_UNMAP && number > SYSCALL_LIPC)
		r->rdi = victim(next(state));
	if (number == SYSCALL_THREAD_CONTROL)
		r->r8 = foreign_space(next(state));
}

static void any_call(uint64_t *state, bool privileged)
{
	uint64_t number = next(state) % (SYSCALL_NR + 2);
	struct registers r;

	for (unsigned i = 0; i < sizeof(r) / 8; i++)
		((uint64_t *)&r)[i] = any_word(state);
	if (next(state) % 2)
		number = SYSCALL_IPC;
	if (number <= SYSCALL_LIPC)
		prepare_ipc(state, &r);
	if (privileged)
		spare_root(number, state, &r);
	call(number, &r);
}

static void fuzz(void *arg)
{
	uint64_t n = (uint64_t)arg;
	uint64_t state = (n + 1) * UINT64_C(0x9e3779b97f4a7c15) + version[n];

	for (;;) {
		any_call(&state, n < PRIVILEGED);
		calls[n]++;
	}
}

/* --- the root task: makes fuzzers, pages them --- */

static thread_id_t fuzzer_id(unsigned n)
{
	return thread_id_global(FIRST_NUMBER + n, version[n]);
}

static void remove(uint32_t number)
{
	(void)L4_ThreadControl(thread_id_global(number, 1), THREAD_NIL,
		THREAD_NIL, THREAD_NIL, UTCB_LOCATION_NONE);
}

static void make_space(thread_id_t id)
{
	L4_Word_t old;

	(void)L4_ThreadControl(id, id, root, THREAD_NIL, UTCB_LOCATION_NONE);
	(void)L4_SpaceControl(id, 0,
		fpage_make(KIP_BASE, FPAGE_LOG2_MIN, FPAGE_RIGHTS),
		fpage_make(UTCB_AREA_BASE, UTCB_AREA_LOG2, FPAGE_RIGHTS),
		THREAD_NIL, &old);
}

static void make_fuzzer(unsigned n)
{
	uint64_t utcb = UTCB_AREA_BASE;
	thread_id_t space = root;
	thread_id_t id;
	uint64_t sp;

	remove(FIRST_NUMBER + n);
	version[n]++;
	id = fuzzer_id(n);
	if (n < PRIVILEGED) {
		utcb += (200 + n) * UTCB_SIZE;
	} else {
		make_space(id);
		space = id;
	}
	if (L4_ThreadControl(id, space, root, root, utcb) == 0)
		return;
	(void)L4_Set_Priority(id, 100);
	sp = thread_push_entry(
		fuzz, (void *)(uint64_t)n, stack[n], sizeof(stack[n]));
	L4_Set_MsgTag(msgtag_make(0, START_WORDS, 0));
	L4_LoadMR(1, (uint64_t)thread_entry);
	L4_LoadMR(2, sp);
	(void)L4_Send_Timeout(id, L4_TimePeriod(1000));
}

static void give_page(L4_ThreadId_t to, uint64_t address)
{
	uint64_t page = address & ~(uint64_t)(PAGE_SIZE - 1);

	if (page < (uint64_t)image_start || page >= (uint64_t)image_end)
		return;
	(void)*(volatile char *)page;
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(page));
	L4_LoadMR(2, fpage_make(page, FPAGE_LOG2_MIN, FPAGE_RIGHTS).raw);
	(void)L4_Send_Timeout(to, L4_ZeroTime);
}

static void page_for(uint64_t us)
{
	uint64_t end = L4_SystemClock() + us;

	while (L4_SystemClock() < end) {
		L4_ThreadId_t from;
		L4_MsgTag_t tag = L4_Wait_Timeout(L4_TimePeriod(1000), &from);
		uint64_t address;

		if (msgtag_failed(tag) ||
			msgtag_label(tag) >> 4 != PROTOCOL_PAGEFAULT >> 4)
			continue;
		L4_StoreMR(1, &address);
		give_page(from, address);
	}
}

static void fuzz_round(void)
{
	uint64_t end = L4_SystemClock() + ROUND_US;
	unsigned n = 0;

	root = L4_MyGlobalId();
	L4_Accept(ACCEPT_UNTYPED);
	image_touch();
	while (L4_SystemClock() < end) {
		make_fuzzer(n++ % FUZZERS);
		page_for(3000);
	}
	for (n = 0; n < FUZZERS; n++)
		remove(FIRST_NUMBER + n);
	for (n = 0; n < VICTIMS; n++)
		remove(FIRST_VICTIM + n);
}

/* Spaces that the kernel has memory for. */
static unsigned capacity(void)
{
	unsigned n = 0;

	while (n < FILLERS) {
		thread_id_t id = thread_id_global(FIRST_FILLER + n, 1);

		if (L4_ThreadControl(
			    id, id, root, THREAD_NIL, UTCB_LOCATION_NONE) == 0)
			break;
		n++;
	}
	for (unsigned i = 0; i < n; i++)
		remove(FIRST_FILLER + i);
	return n;
}

TEST(random_calls_stop_nothing)
{
	fuzz_round();
	for (unsigned n = 0; n < FUZZERS; n++)
		CHECK(calls[n] > 0);
}

TEST(random_calls_cost_no_memory)
{
	unsigned before, after;

	(void)capacity();
	fuzz_round();
	before = capacity();
	fuzz_round();
	after = capacity();
	CHECK(before > 0);
	CHECK(before < FILLERS);
	if (after + LOST_MAX < before)
		CHECK_EQ(after, before);
}

static void answer(void *arg)
{
	(void)arg;
	L4_LoadMR(0, MSGTAG_EMPTY.raw);
	(void)L4_Call(root);
}

TEST(the_kernel_serves_as_before)
{
	thread_id_t id = spawn_in_new_space(answer, NULL);

	REQUIRE(!thread_id_is_nil(id));
	CHECK(!msgtag_failed(L4_Receive_Timeout(id, L4_TimePeriod(1000000))));
	kill(id);
}

TAP_MAIN(CASE(random_calls_stop_nothing), CASE(random_calls_cost_no_memory),
	CASE(the_kernel_serves_as_before))
