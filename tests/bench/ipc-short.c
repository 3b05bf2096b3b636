/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Short messages between spaces, one by one, in each use of Ipc, and in a
 * space: from the sender's instructions before the system call to the
 * receiver's behind it.
 *
 * All threads run the same function and share memory, so the sender's half and
 * the receiver's half are together what one thread executes if its system call
 * does nothing: the difference is the kernel's.
 *
 * MemoryControl, a system call that nothing else here makes, marks for a
 * debugger that the next Ipc is one of those measured.
 */
#include "guestkernel/abi/syscall.h"
#include "servers/lib/libc/format.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/bench/bench.h"
#include "tests/guest/fixture.h"

#define HOPPERS_MAX 3
#define WORDS_MANY 7

enum use {
	SEND_WAIT, /* to one, then for a third, who waits likewise */
	CALL,	   /* to one who waits for anybody */
	REPLY_WAIT_CLOSED,
	REPLY_WAIT_OPEN,
	CALL_INTRA, /* as CALL, to a thread of this space */
	LIPC,	    /* the same, named by its local id */
	NR_USES,
};

static const char *const use_name[NR_USES] = {
	[SEND_WAIT] = "send-wait",
	[CALL] = "call",
	[REPLY_WAIT_CLOSED] = "replywait-closed",
	[REPLY_WAIT_OPEN] = "replywait-open",
	[CALL_INTRA] = "call-intra",
	[LIPC] = "lipc",
};

struct hopper {
	enum use use; /* of what it sends */
	thread_id_t to;
	thread_id_t from;
};

static struct hopper hopper[HOPPERS_MAX];

/* Of the message under way. */
static volatile L4_MsgTag_t tag;
static volatile enum use use;
static volatile uint64_t sent;
static volatile uint64_t least[NR_USES];
static volatile bool marking;

static void mark(enum use u)
{
	uint64_t control = (uint64_t)u | tag.raw << 8;

	__asm__ volatile("pushq %%rbp\n\t"
			 "movl %1, %%ebp\n\t"
			 "syscall\n\t"
			 "popq %%rbp"
			 : "+d"(control)
			 : "i"(SYSCALL_MEMORY_CONTROL)
			 : "rax", "rbx", "rcx", "rsi", "rdi", "r8", "r9", "r10",
			 "r11", "r12", "r13", "r14", "r15", "cc", "memory");
}

/* Never inlined: it is to be the same code for all. */
static __attribute__((noinline)) void hop(const struct hopper *h)
{
	L4_ThreadId_t from;

	if (marking)
		mark(h->use);
	use = h->use;
	sent = bench_tsc();
	L4_Set_MsgTag((L4_MsgTag_t){tag.raw});
	(void)L4_Ipc(h->to, h->from, TIMEOUTS(TIME_NEVER, TIME_NEVER), &from);

	uint64_t ticks = bench_tsc() - sent;

	if (ticks < least[use])
		least[use] = ticks;
}

static void hop_on(void *arg)
{
	const struct hopper *h = arg;
	L4_ThreadId_t from;

	(void)L4_Ipc(
		THREAD_NIL, h->from, TIMEOUTS(TIME_NEVER, TIME_NEVER), &from);
	for (;;)
		hop(h);
}

/* What a hop takes if the system call is one instruction, and it alone. */
static uint64_t without_kernel(void)
{
	const struct hopper self = {.use = CALL};
	uint64_t link = l4_links[LINK_IPC / 8];

	least[CALL] = UINT64_MAX;
	l4_links[LINK_IPC / 8] = (uint64_t)no_ipc;
	for (unsigned i = 0; i < BENCH_ROUNDS; i++)
		hop(&self);
	l4_links[LINK_IPC / 8] = link;
	return least[CALL];
}

static void record(enum use u, unsigned words, uint64_t empty, uint64_t cost)
{
	char name[32];

	format(name, sizeof(name), "%s-%u", use_name[u], words);
	bench_record(name, "instructions", least[u] - cost);
	bench_record(name, "kernel_instructions", least[u] - empty);
	print("%s: %lu ticks, %lu in the kernel\n", name, least[u] - cost,
		least[u] - empty);
}

static void measure(unsigned words)
{
	tag.raw = msgtag_make(0, words, 0).raw;

	uint64_t empty = without_kernel();
	uint64_t cost = bench_tsc_cost();

	for (unsigned u = 0; u < NR_USES; u++)
		least[u] = UINT64_MAX;
	for (unsigned i = 0; i < BENCH_ROUNDS; i++)
		hop(&hopper[0]);
	marking = true;
	hop(&hopper[0]);
	marking = false;
	for (unsigned u = 0; u < NR_USES; u++)
		if (least[u] != UINT64_MAX)
			record((enum use)u, words, empty, cost);
}

static bool is_closed(enum use u)
{
	return u != REPLY_WAIT_CLOSED && u != REPLY_WAIT_OPEN;
}

/* Each sends to the next, the last to the first, which is this thread. */
static void run(unsigned nr, const enum use *uses)
{
	thread_id_t id[HOPPERS_MAX] = {L4_MyGlobalId()};

	for (unsigned i = 1; i < nr; i++)
		id[i] = uses[0] < CALL_INTRA
				? spawn_in_new_space(hop_on, &hopper[i])
				: spawn(hop_on, &hopper[i]);
	for (unsigned i = 0; uses[0] == LIPC && i < nr; i++)
		id[i] = L4_LocalIdOf(id[i]);
	for (unsigned i = 0; i < nr; i++)
		hopper[i] = (struct hopper){
			.use = uses[i],
			.to = id[(i + 1) % nr],
			.from = is_closed(uses[i]) ? id[(i + nr - 1) % nr]
						   : THREAD_ANY,
		};
	settle();
	measure(0);
	measure(WORDS_MANY);
	for (unsigned i = 1; i < nr; i++)
		kill(id[i]);
}

int main(void)
{
	static const enum use ring[] = {SEND_WAIT, SEND_WAIT, SEND_WAIT};
	static const enum use calls[] = {CALL, REPLY_WAIT_CLOSED};
	static const enum use open[] = {REPLY_WAIT_OPEN, REPLY_WAIT_OPEN};
	static const enum use intra[] = {CALL_INTRA, CALL_INTRA};
	static const enum use lipc[] = {LIPC, LIPC};

	run(3, ring);
	run(2, calls);
	run(2, open);
	run(2, intra);
	run(2, lipc);
	return 0;
}
