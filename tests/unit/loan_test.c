/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks along calls: what one decision remembers of those that led nowhere
 * changes no other's result, and keeps them short.
 */
/* link: vmm/loan.c */
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"
#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/loan.h"

#define DOMAINS 12
#define CALLS 4 /* at most, of each domain */
#define ROUNDS 20000

static struct executor ex;
static struct domain domain[DOMAINS];
static struct portal portal[DOMAINS];
static struct call calls[DOMAINS][CALLS];
static unsigned met; /* domains that were looked at and cannot run */

bool domain_has_event(const struct domain *d)
{
	(void)d;
	met++;
	return false;
}

static void begin(void)
{
	memset(&ex, 0, sizeof(ex));
	memset(domain, 0, sizeof(domain));
	ex.nr_domains = DOMAINS;
	for (unsigned i = 0; i < DOMAINS; i++) {
		struct domain *d = &domain[i];

		d->ex = &ex;
		d->state = VCPU_AT_ACTION;
		d->ctx.domain = d;
		TAILQ_INIT(&d->outgoing);
		TAILQ_INIT(&d->incoming);
		portal[i].server = d;
		ex.domain[i] = d;
	}
}

static void add_call(unsigned from, unsigned k, unsigned to, bool queued)
{
	struct call *c = &calls[from][k];

	c->caller = &domain[from];
	c->portal = &portal[to];
	c->state = queued ? CALL_QUEUED : CALL_ACCEPTED;
	TAILQ_INSERT_HEAD(&domain[from].outgoing, c, out);
	TAILQ_INSERT_HEAD(&domain[to].incoming, c, in);
}

static void connect_randomly(void)
{
	for (unsigned i = 0; i < DOMAINS; i++) {
		unsigned nr = (unsigned)rand() % (CALLS + 1);

		if (rand() % 8 == 0)
			domain[i].state = VCPU_RUNNING;
		domain[i].more_ready = rand() % 8 == 0;
		domain[i].memory_waits = rand() % 8 == 0;
		domain[i].hold = rand() % 8 == 0 ? HOLD_ON : HOLD_NONE;
		for (unsigned k = 0; k < nr; k++)
			add_call(i, k, (unsigned)rand() % DOMAINS,
				rand() % 2 == 0);
	}
}

TEST(what_is_remembered_changes_no_result)
{
	unsigned nowhere = 0;

	srand(7);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct domain *end[DOMAINS];
		const struct call *via[DOMAINS];

		begin();
		connect_randomly();
		for (unsigned i = 0; i < DOMAINS; i++) {
			end[i] = loan_follow(&ex, &domain[i].ctx, &via[i]);
			nowhere += !end[i];
		}
		loan_remember(&ex);
		for (unsigned i = 0; i < DOMAINS; i++) {
			const struct call *now;

			CHECK(loan_follow(&ex, &domain[i].ctx, &now) == end[i]);
			CHECK(!end[i] || now == via[i]);
			(void)loan_has_lender(&ex, &domain[i]);
		}
		loan_forget(&ex);
	}
	CHECK(nowhere > ROUNDS);
}

TEST(domains_that_wait_for_each_other_are_met_once_in_a_decision)
{
	const struct call *via;

	begin();
	for (unsigned i = 0; i < DOMAINS; i++)
		for (unsigned k = 0; k < CALLS; k++)
			add_call(i, k, (i + k + 1) % DOMAINS, false);
	met = 0;
	loan_remember(&ex);
	for (unsigned i = 0; i < DOMAINS; i++)
		CHECK(!loan_follow(&ex, &domain[i].ctx, &via));
	loan_forget(&ex);
	CHECK_EQ(met, DOMAINS);
}

TEST(what_has_changed_is_seen_by_the_next_decision)
{
	const struct call *via;

	begin();
	add_call(0, 0, 1, false);
	loan_remember(&ex);
	CHECK(!loan_follow(&ex, &domain[0].ctx, &via));
	loan_forget(&ex);
	domain[1].state = VCPU_RUNNING;
	CHECK(loan_follow(&ex, &domain[0].ctx, &via) == &domain[1]);
	domain[1].state = VCPU_AT_ACTION;
	loan_remember(&ex);
	CHECK(!loan_follow(&ex, &domain[0].ctx, &via));
	loan_forget(&ex);
	domain[1].state = VCPU_RUNNING;
	loan_remember(&ex);
	CHECK(loan_follow(&ex, &domain[0].ctx, &via) == &domain[1]);
	loan_forget(&ex);
}

TAP_MAIN(CASE(what_is_remembered_changes_no_result),
	CASE(domains_that_wait_for_each_other_are_met_once_in_a_decision),
	CASE(what_has_changed_is_seen_by_the_next_decision))
