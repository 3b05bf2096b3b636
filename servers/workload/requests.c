/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * requests: open load on a server.  Requests arrive at times that the seed
 * alone decides, with exponentially distributed distances, whether the ones
 * before are answered or not; one that arrives early waits.  Its samples are
 * from arrival to answer.
 *
 * The distances are the same again after DISTANCES requests: one that waits for
 * another one of its own is then in any stretch of so many or in none, wherever
 * a run begins to measure.
 *
 * Arguments: portal=NAME every_us=NUMBER (on average) call_us=NUMBER
 * seed=NUMBER
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/report.h"
#include "servers/workload/work.h"

#define ARRIVAL_IRQ 2
#define EVERY_US_DEFAULT 10000
#define CALL_US_DEFAULT 200
#define DISTANCES 50

#define ONE (UINT64_C(1) << 32) /* numbers of 32.32 bits */
#define LN_2 UINT64_C(2977044472)

/*
 * -ln(u) for a random u in (0, 1], 32.32 bits.  With u = m * 2^-k, m in [1, 2):
 * k * ln 2 - ln m; the logarithm of m bit by bit, by squaring.
 */
static uint64_t exponential(uint64_t random)
{
	uint64_t m = (random >> 32) + 1; /* u * 2^32 */
	uint64_t log2 = 0;		 /* of m, fraction in 32 bits */
	unsigned k = 0;

	while (m < ONE) {
		m <<= 1;
		k++;
	}
	for (unsigned bit = 31; bit > 0; bit--) {
		m = (uint64_t)((unsigned __int128)m * m >> 32);
		if (m >= 2 * ONE) {
			m >>= 1;
			log2 |= UINT64_C(1) << bit;
		}
	}
	return (uint64_t)((unsigned __int128)(k * ONE - log2) * LN_2 >> 32);
}

static void wait_until(uint64_t tsc)
{
	const thread_id_t irq = thread_id_interrupt(ARRIVAL_IRQ);
	uint64_t now = work_tsc();

	if (now >= tsc)
		return;
	if (vmm_notify_after(ARRIVAL_IRQ, tsc - now) != VMM_OK)
		panic("the VMM raises no interrupt");
	if (msgtag_failed(L4_Receive(irq)))
		panic("no interrupt: error %lu", L4_ErrorCode());
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(irq);
}

static void request(thread_id_t server, uint64_t us)
{
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, us);
	if (msgtag_failed(L4_Call(server)))
		panic("the server failed: error %lu", L4_ErrorCode());
}

int main(void)
{
	const struct startup *page = startup_page();
	uint64_t every = args_number(page->args, "every_us", EVERY_US_DEFAULT) *
			 page->tsc_khz / 1000;
	uint64_t us = args_number(page->args, "call_us", CALL_US_DEFAULT);
	thread_id_t server = portal_from_args();
	uint64_t distance[DISTANCES]; /* ticks */
	uint64_t arrival;

	for (unsigned i = 0; i < DISTANCES; i++)
		distance[i] =
			(uint64_t)((unsigned __int128)every *
					   exponential(workload_random()) >>
				   32);
	if (interrupt_attach(ARRIVAL_IRQ) != 0)
		panic("cannot get interrupt %u", ARRIVAL_IRQ);
	request(server, us);
	workload_begin();

	arrival = work_tsc();
	for (unsigned i = 0;; i = (i + 1) % DISTANCES) {
		arrival += distance[i];
		wait_until(arrival);
		request(server, us);
		workload_sample(arrival);
	}
}
