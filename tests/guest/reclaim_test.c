/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extra frames come back: on notice, or by force when the time is over, and a
 * task that pages itself goes on with fewer.  The domain has control itself.
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd-mm/mm.h"
#include "servers/lib/libhurd-mm/policy.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/tap.h"
#include "vmm/abi/policy.h"

#define GUARANTEED 512u /* as tests/guest/reclaim/test.xml says */
#define EXTRA 256u
#define IRQ 5u
#define MM_IRQ 6u
#define SHORT_US 5000u
#define LONG_US 2000000u
#define READ CONTAINER_MAP_READ
#define WRITE CONTAINER_MAP_WRITE
#define FAR (WINDOW_GPA + UINT64_C(0x1000000))
#define BUFFER (WINDOW_GPA + UINT64_C(0x1800000))

static uint64_t self; /* index of this domain */
static thread_id_t tester;
static char stack[4096] __attribute__((aligned(16)));

static uint64_t ask(uint64_t label, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t arg[] = {a, b, c};
	uint64_t result = 0;

	CHECK_EQ(container_request(label, arg, 3, &result), VMM_OK);
	return result;
}

static uint64_t limit(uint64_t extra, uint64_t us)
{
	return ask(CONTAINER_CONTROL_LIMIT, self, extra, us);
}

static struct container_account account(void)
{
	struct container_account now = {0};

	CHECK_EQ(container_account(0, &now), VMM_OK);
	return now;
}

static uint64_t lent(void)
{
	struct container_account now = account();

	return now.used > now.guaranteed ? now.used - now.guaranteed : 0;
}

/* All that is guaranteed and left, and @extra frames more. */
static uint64_t with_extra(uint64_t extra)
{
	struct container_account now = account();
	uint64_t ref = 0;

	CHECK_EQ(container_create(&ref), VMM_OK);
	CHECK_EQ(container_allocate(ref, 0, now.guaranteed - now.used + extra,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_OK);
	CHECK_EQ(lent(), extra);
	return ref;
}

static void destroy(uint64_t ref)
{
	(void)ask(CONTAINER_DESTROY, ref, 0, 0);
}

/* Until what is overdue was taken. */
static void wait_for_force(void)
{
	for (unsigned i = 0; i < 400 && account().owed; i++)
		L4_Sleep(L4_TimePeriod(SHORT_US));
	CHECK_EQ(account().owed, 0);
}

TEST(control_is_had_for_the_asking_if_configured)
{
	uint64_t ref = with_extra(0);

	CHECK_EQ(container_origin(ref, &self), VMM_OK);
	destroy(ref);
	(void)ask(CONTAINER_CONTROL, 0, 0, 0);
}

TEST(a_notice_comes_as_an_interrupt)
{
	uint64_t ref = with_extra(100);
	L4_MsgTag_t tag;

	CHECK_EQ(interrupt_attach(IRQ), 0);
	(void)ask(CONTAINER_NOTICE, IRQ, 0, 0);
	CHECK_EQ(limit(40, LONG_US), 60);
	tag = L4_Receive_Timeout(
		thread_id_interrupt(IRQ), L4_TimePeriod(LONG_US));
	REQUIRE(!msgtag_failed(tag));
	CHECK_EQ(msgtag_label(tag), PROTOCOL_INTERRUPT);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(thread_id_interrupt(IRQ));
	CHECK_EQ(account().extra, 40);
	CHECK_EQ(account().owed, 60);
	CHECK(account().left_us > 0 && account().left_us <= LONG_US);
	CHECK_EQ(container_deallocate(ref, 0, 60, 0), VMM_OK);
	CHECK_EQ(account().owed, 0);
	CHECK_EQ(lent(), 40);
	(void)ask(CONTAINER_NOTICE, 48, 0, 0);
	(void)limit(EXTRA, 0);
	destroy(ref);
}

TEST(what_was_not_given_back_in_time_is_gone)
{
	uint64_t ref, first;

	/* The window's page tables are there before. */
	CHECK_EQ(container_create(&ref), VMM_OK);
	CHECK_EQ(container_allocate(ref, 0, 8, 0), VMM_OK);
	CHECK_EQ(container_map(ref, 0, 8, READ | WRITE, FAR, NULL), VMM_OK);
	first = with_extra(20);
	(void)ask(CONTAINER_RANK, ref, 1, 0);
	CHECK_EQ(limit(16, SHORT_US), 4);
	wait_for_force();
	CHECK_EQ(lent(), 16);
	/* From the end of the one with the higher rank. */
	CHECK_EQ(container_deallocate(ref, 4, 1, 0), VMM_ENOENT);
	*(volatile uint64_t *)(FAR + 3 * MM_PAGE_SIZE) = 1;
	(void)ask(CONTAINER_LOCK, ref, 0, 0);
	(void)limit(10, 0);
	wait_for_force();
	CHECK_EQ(lent(), 10);
	*(volatile uint64_t *)(FAR + 3 * MM_PAGE_SIZE) = 2;
	(void)ask(CONTAINER_UNLOCK, ref, 0, 0);
	(void)limit(EXTRA, 0);
	destroy(first);
	CHECK_EQ(container_unmap(FAR, 8), VMM_OK);
	destroy(ref);
}

/* Once it is told to, when it has another pager than wortel. */
static void touch(void *address)
{
	(void)L4_Receive(tester);
	*(volatile uint64_t *)address = 1;
}

/* As any other page that is not there. */
TEST(who_touches_what_is_gone_faults)
{
	struct l4_exregs regs = {
		.control = EXREGS_SET_PAGER, .pager = L4_MyGlobalId().raw};
	uint64_t ref, rest, address = 0;
	L4_MsgTag_t tag;
	thread_id_t id;

	CHECK_EQ(container_create(&ref), VMM_OK);
	CHECK_EQ(container_allocate(ref, 0, 4, 0), VMM_OK);
	CHECK_EQ(container_map(ref, 0, 4, READ | WRITE, FAR, NULL), VMM_OK);
	*(volatile uint64_t *)(FAR + 3 * MM_PAGE_SIZE) = 1;
	rest = with_extra(1);
	(void)ask(CONTAINER_RANK, ref, 1, 0);
	(void)limit(0, 0);
	wait_for_force();
	tester = L4_MyGlobalId();
	id = thread_create(
		touch, (void *)(FAR + 3 * MM_PAGE_SIZE), stack, sizeof(stack));
	regs.thread = id.raw;
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send(id)));
	tag = L4_Receive_Timeout(id, L4_TimePeriod(LONG_US));
	L4_StoreMR(1, &address);
	CHECK_EQ(msgtag_label(tag), PROTOCOL_PAGEFAULT | FPAGE_W);
	CHECK_EQ(address, FAR + 3 * MM_PAGE_SIZE);
	CHECK_EQ(thread_delete(id), 0);
	(void)limit(EXTRA, 0);
	destroy(rest);
	CHECK_EQ(container_unmap(FAR, 4), VMM_OK);
	destroy(ref);
}

TEST(the_policy_buffer_is_read)
{
	const volatile struct policy_buffer *now =
		(const volatile struct policy_buffer *)BUFFER;
	const volatile struct policy_domain *me = &now->domain[self];
	uint64_t ref = ask(CONTAINER_CONTROL_BUFFER, 0, 0, 0), more;

	CHECK_EQ(container_map(ref, 0, 1, READ, BUFFER, NULL), VMM_OK);
	CHECK_EQ(now->version, POLICY_ABI_VERSION);
	CHECK_EQ(now->total, GUARANTEED + EXTRA);
	CHECK_EQ(now->guaranteed, GUARANTEED);
	CHECK_EQ(me->flags, POLICY_LIVE);
	CHECK_EQ(me->guaranteed, GUARANTEED);
	CHECK_EQ(me->share, 1);
	more = with_extra(7);
	CHECK_EQ(me->lent, 7);
	CHECK_EQ(
		container_allocate(more, 4096, EXTRA, CONTAINER_ALLOCATE_EXTRA),
		VMM_ENOMEM);
	CHECK_EQ(me->refused, 1);
	CHECK_EQ(me->wanted, EXTRA);
	(void)limit(5, LONG_US);
	CHECK_EQ(me->limit, 5);
	CHECK_EQ(me->owed, 2);
	(void)limit(EXTRA, 0);
	destroy(more);
	CHECK_EQ(me->lent, 0);
	CHECK_EQ(container_unmap(BUFFER, 1), VMM_OK);
}

/* The frames of the task are not the program's affair. */
TEST(a_task_that_pages_itself_gives_back_on_notice)
{
	volatile uint64_t *word;
	struct mm_stat stat;
	void *region = NULL;
	uint64_t rest;

	CHECK_EQ(mm_start(&(struct mm_setup){.frames = MM_CHUNK,
			 .gpa = WINDOW_GPA,
			 .policy = &mm_clock,
			 .store = NULL,
			 .notice = 16}),
		MM_EINVAL);
	REQUIRE(mm_start(&(struct mm_setup){.frames = MM_CHUNK,
			.gpa = WINDOW_GPA,
			.policy = &mm_clock,
			.store = NULL,
			.notice = MM_IRQ}) == MM_OK);
	rest = with_extra(0);
	CHECK_EQ(mm_grow(), MM_OK);
	CHECK_EQ(mm_grow(), MM_OK);
	CHECK_EQ(lent(), 2 * MM_CHUNK);
	CHECK_EQ(mm_map(&region, MM_CHUNK * MM_PAGE_SIZE, FPAGE_R | FPAGE_W, 0),
		MM_OK);
	word = region;
	for (unsigned i = 0; i < MM_CHUNK; i++)
		word[i * MM_PAGE_SIZE / 8] = i;
	(void)limit(MM_CHUNK / 2, LONG_US);
	for (unsigned i = 0; i < 400 && account().owed; i++)
		L4_Sleep(L4_TimePeriod(SHORT_US));
	CHECK_EQ(lent(), 0);
	CHECK_EQ(mm_stat(&stat), MM_OK);
	CHECK_EQ(stat.frames, MM_CHUNK);
	for (unsigned i = 0; i < MM_CHUNK; i++)
		CHECK_EQ(word[i * MM_PAGE_SIZE / 8], i);
	CHECK_EQ(mm_grow(), MM_ENOMEM);
	(void)limit(EXTRA, 0);
	CHECK_EQ(mm_grow(), MM_OK);
	destroy(rest);
}

TAP_MAIN(CASE(control_is_had_for_the_asking_if_configured),
	CASE(a_notice_comes_as_an_interrupt),
	CASE(what_was_not_given_back_in_time_is_gone),
	CASE(who_touches_what_is_gone_faults), CASE(the_policy_buffer_is_read),
	CASE(a_task_that_pages_itself_gives_back_on_notice))
