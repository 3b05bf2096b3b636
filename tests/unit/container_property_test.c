/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/memory/container.c vmm/memory/reference.c vmm/memory/account.c vmm/memory/frametable.c tests/unit/contenttag.c */
/*
 * Random operations of several domains on containers, against a model that
 * copies at once and counts afresh: results, contents, rights and accounts
 * agree at every step, and in the end nothing is left.
 */
#include <errno.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/containers.h"
#include "tests/unit/contenttag.h"
#include "vmm/memory/reference.h"

#define STEPS 1000000u
#define FULL_CHECK 256u /* steps between looks at everything */
#define FRAMES 96u
#define DOMAINS 4u
#define NUMBERS 24u    /* frame numbers that are used */
#define CONTAINERS 24u /* of the model */

/* The model. */
struct model_container {
	bool alive;
	unsigned owner;
	int lock; /* domain, or -1 */
	bool present[NUMBERS + 1];
	uint64_t tag[NUMBERS + 1];
};

struct model_reference {
	int container; /* -1: none */
	unsigned rights;
	int parent; /* domain * REFERENCES_MAX + name, or -1 */
};

static struct model_container containers[CONTAINERS];
static struct model_reference refs[DOMAINS][REFERENCES_MAX];
static uint64_t guaranteed[DOMAINS];

/* The real thing. */
static struct content content;
static struct frame_table table;
static struct account_pool pool;
static struct holder holder[DOMAINS];

static uint64_t random_state = 0x9e3779b97f4a7c15;

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift
 * generators, scrambled". */
static unsigned any(unsigned below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (unsigned)((random_state * 0x2545f4914f6cdd1d) >> 33) % below;
}

static uint64_t model_used(unsigned domain)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < CONTAINERS; i++)
		if (containers[i].alive && containers[i].owner == domain)
			for (unsigned j = 0; j < NUMBERS; j++)
				n += containers[i].present[j];
	return n;
}

static uint64_t model_committed(void)
{
	uint64_t sum = 0;

	for (unsigned d = 0; d < DOMAINS; d++) {
		uint64_t used = model_used(d);

		sum += used > guaranteed[d] ? used : guaranteed[d];
	}
	return sum;
}

static uint64_t model_room(unsigned domain, bool extra)
{
	uint64_t used = model_used(domain);
	uint64_t room =
		guaranteed[domain] > used ? guaranteed[domain] - used : 0;

	return room + (extra ? FRAMES - model_committed() : 0);
}

/* What reference_use has to say. */
static int model_use(unsigned domain, unsigned name, unsigned rights)
{
	const struct model_reference *r = &refs[domain][name];

	if (r->container < 0)
		return -EBADF;
	if (rights & ~r->rights)
		return -EACCES;
	if (containers[r->container].lock >= 0 &&
		containers[r->container].lock != (int)domain)
		return -EBUSY;
	return 0;
}

static void model_lock_settle(int c)
{
	for (unsigned n = 0; n < REFERENCES_MAX; n++)
		if (containers[c].lock >= 0 &&
			refs[containers[c].lock][n].container == c)
			return;
	containers[c].lock = -1;
}

static bool derived_from(unsigned domain, unsigned name, int ancestor)
{
	int at = refs[domain][name].parent;

	while (at >= 0 && at != ancestor)
		at = refs[at / (int)REFERENCES_MAX][at % (int)REFERENCES_MAX]
			     .parent;
	return at == ancestor;
}

static void model_revoke(unsigned domain, unsigned name, bool itself)
{
	int id = (int)(domain * REFERENCES_MAX + name);
	int c = refs[domain][name].container;
	bool gone[DOMAINS][REFERENCES_MAX];
	bool any_left = false;

	for (unsigned d = 0; d < DOMAINS; d++)
		for (unsigned n = 0; n < REFERENCES_MAX; n++)
			gone[d][n] = refs[d][n].container == c &&
				     derived_from(d, n, id);
	gone[domain][name] = itself;
	for (unsigned d = 0; d < DOMAINS; d++)
		for (unsigned n = 0; n < REFERENCES_MAX; n++) {
			if (gone[d][n])
				refs[d][n].container = -1;
			any_left |= refs[d][n].container == c;
		}
	model_lock_settle(c);
	containers[c].alive = any_left;
}

static unsigned free_name(unsigned domain)
{
	for (unsigned n = 1; n < REFERENCES_MAX; n++)
		if (refs[domain][n].container < 0)
			return n;
	return 0;
}

static void step_create(unsigned d)
{
	unsigned name = 0, wanted = free_name(d), c = 0;

	while (c < CONTAINERS && containers[c].alive)
		c++;
	if (c == CONTAINERS)
		return;
	CHECK_EQ(reference_create(&holder[d], &holder[d].account, &name),
		wanted ? 0 : -ENFILE);
	if (!wanted)
		return;
	CHECK_EQ(name, wanted);
	memset(&containers[c], 0, sizeof(containers[c]));
	containers[c].alive = true;
	containers[c].owner = d;
	containers[c].lock = -1;
	refs[d][name] = (struct model_reference){(int)c, REFERENCE_RIGHTS, -1};
}

/* Half of the choices are names that exist, if any do. */
static unsigned any_name(unsigned d)
{
	unsigned name = any(REFERENCES_MAX);

	for (unsigned i = 0; any(16) && i < REFERENCES_MAX; i++) {
		if (refs[d][name].container >= 0)
			break;
		name = (name + 1) % REFERENCES_MAX;
	}
	return name;
}

static struct container *use(
	unsigned d, unsigned name, unsigned rights, struct model_container **m)
{
	struct container *c = NULL;
	int err = reference_use(&holder[d], name, rights, &c);

	CHECK_EQ(err, model_use(d, name, rights));
	if (err)
		return NULL;
	*m = &containers[refs[d][name].container];
	return c;
}

static void step_allocate(unsigned d)
{
	struct model_container *m;
	struct container *c = use(d, any_name(d), REFERENCE_FULL, &m);
	unsigned start = any(NUMBERS), flags = any(ALLOCATE_FLAGS + 1);
	uint64_t count = 1 + any(NUMBERS - start), done = count, n = 0, room;
	bool extra = flags & ALLOCATE_EXTRA;
	int err = 0;

	if (!c)
		return;
	room = model_room(m->owner, extra);
	for (; !err && n < count; n++) {
		if (m->present[start + n] && !(flags & ALLOCATE_SQUASH))
			err = -EEXIST;
		else if (!m->present[start + n] && !room--)
			err = extra ? -ENOMEM : -EDQUOT;
		n -= err != 0;
	}
	if (err && !(flags & ALLOCATE_PARTIAL))
		n = 0;
	CHECK_EQ(container_allocate(c, start, &done, flags), err);
	CHECK_EQ(done, n);
	for (unsigned i = start; i < start + n; i++) {
		m->present[i] = true;
		m->tag[i] = 0;
	}
}

static void step_deallocate(unsigned d)
{
	struct model_container *m;
	struct container *c = use(d, any_name(d), REFERENCE_FULL, &m);
	unsigned start = any(NUMBERS), flags = any(DEALLOCATE_FLAGS + 1);
	uint64_t count = 1 + any(NUMBERS - start), done = count, dropped = 0;
	unsigned end = start;
	int err = 0;

	if (!c)
		return;
	while (end < start + count &&
		(m->present[end] || (flags & DEALLOCATE_SQUASH)))
		end++;
	if (end < start + count)
		err = -ENOENT;
	if (err && !(flags & DEALLOCATE_PARTIAL))
		end = start;
	for (unsigned i = start; i < end; i++) {
		dropped += m->present[i];
		m->present[i] = false;
	}
	CHECK_EQ(container_deallocate(c, start, &done, flags), err);
	CHECK_EQ(done, dropped);
}

/* The model's half of a copy. */
static int model_copy(const struct model_container *from,
	const uint64_t *number, struct model_container *to, unsigned to_start,
	unsigned count)
{
	uint64_t tag[NUMBERS];

	for (unsigned i = 0; i < count; i++) {
		if (!from->present[number[i]])
			return -ENOENT;
		tag[i] = from->tag[number[i]];
	}
	for (unsigned i = 0; i < count; i++)
		if (!to->present[to_start + i])
			return -ENOMEM;
	memcpy(&to->tag[to_start], tag, count * sizeof(tag[0]));
	return 0;
}

static void step_copy(unsigned d)
{
	struct model_container *from, *to;
	struct container *source = use(d, any_name(d), REFERENCE_READ, &from);
	struct container *dest = use(d, any_name(d), REFERENCE_WRITE, &to);
	unsigned count = 1 + any(6), start = any(NUMBERS - 6);
	unsigned to_start = any(NUMBERS - 6);
	uint64_t number[6], bad;
	int err;

	if (!source || !dest)
		return;
	for (unsigned i = 0; i < count; i++)
		number[i] = start + i;
	if (source == dest && start < to_start + count &&
		to_start < start + count)
		err = -EINVAL;
	else
		err = model_copy(from, number, to, to_start, count);
	CHECK_EQ(copy_whole(source, start, dest, to_start, count, &bad), err);
}

static void step_copy_from(unsigned d)
{
	struct model_container *from, *to = NULL;
	struct container *source = use(d, any_name(d), REFERENCE_READ, &from);
	struct container *dest = use(d, any_name(d), REFERENCE_FULL, &to);
	unsigned start = any(NUMBERS), count = 1 + any(NUMBERS - start);
	bool extra = any(2);
	int err = 0;

	if (!source || !dest || container_frames(dest))
		return;
	for (unsigned i = start; i < start + count; i++)
		if (!from->present[i])
			err = -ENOENT;
	if (!err && count > model_room(to->owner, extra))
		err = extra ? -ENOMEM : -EDQUOT;
	CHECK_EQ(container_copy_from(dest, 0, source, start, count,
			 extra ? ALLOCATE_EXTRA : 0),
		err);
	for (unsigned i = 0; !err && i < count; i++) {
		to->present[i] = true;
		to->tag[i] = from->tag[start + i];
	}
}

static void step_write(unsigned d)
{
	struct model_container *m;
	struct container *c = use(d, any_name(d), REFERENCE_WRITE, &m);
	unsigned number = any(NUMBERS);
	bool writable = false;
	int err;

	if (!c)
		return;
	err = container_write(c, number);
	CHECK_EQ(err < 0, !m->present[number]);
	if (err < 0)
		return;
	m->tag[number] = 1 + any(1000000);
	content.tag[container_lookup(c, number, &writable)] = m->tag[number];
	CHECK(writable);
}

static void step_give(unsigned d)
{
	unsigned name = any_name(d), to = any(DOMAINS), given = 0;
	unsigned rights = 1 + any(REFERENCE_RIGHTS), wanted = free_name(to);
	const struct model_reference *r = &refs[d][name];
	int err = r->container < 0	  ? -EBADF
		  : (rights & ~r->rights) ? -EACCES
		  : !wanted		  ? -ENFILE
					  : 0;

	CHECK_EQ(reference_give(&holder[d], name, &holder[to], rights, &given),
		err);
	if (err)
		return;
	CHECK_EQ(given, wanted);
	refs[to][wanted] = (struct model_reference){
		r->container, rights, (int)(d * REFERENCES_MAX + name)};
}

static void step_revoke(unsigned d)
{
	unsigned name = any_name(d);
	bool itself = any(2);
	int err = model_use(d, name, 0);

	CHECK_EQ(revoke_whole(&holder[d], name, itself), err);
	if (!err)
		model_revoke(d, name, itself);
}

static void step_destroy(unsigned d)
{
	unsigned name = any_name(d);
	int err = model_use(d, name, REFERENCE_FULL);
	int c = refs[d][name].container;

	if (any(4))
		return;
	CHECK_EQ(destroy_whole(&holder[d], name), err);
	if (err)
		return;
	containers[c].alive = false;
	for (unsigned i = 0; i < DOMAINS; i++)
		for (unsigned n = 0; n < REFERENCES_MAX; n++)
			if (refs[i][n].container == c)
				refs[i][n].container = -1;
}

static void step_lock(unsigned d)
{
	unsigned name = any_name(d);
	int c = refs[d][name].container;
	int err = model_use(d, name, 0);

	if (any(3) == 0) {
		CHECK_EQ(reference_lock(&holder[d], name), err);
		if (!err)
			containers[c].lock = (int)d;
		return;
	}
	if (!err && containers[c].lock < 0)
		err = -EINVAL;
	CHECK_EQ(reference_unlock(&holder[d], name), err);
	if (!err)
		containers[c].lock = -1;
}

static void step_account(unsigned d)
{
	unsigned to = any(DOMAINS);
	uint64_t n = any(FRAMES / 2), used = model_used(d), sum = 0;
	int err = 0;

	if (any(4) == 0) {
		uint64_t lent = used > guaranteed[d] ? used - guaranteed[d] : 0;
		uint64_t more = n > lent ? n - lent : 0;

		for (unsigned i = 0; i < DOMAINS; i++)
			sum += guaranteed[i];
		if (sum + n > FRAMES || more + model_committed() > FRAMES)
			err = -ENOMEM;
		CHECK_EQ(account_admit(&holder[d].account,
				 (struct account_amount){n, 0}),
			err);
		guaranteed[d] += err ? 0 : n;
		return;
	}
	if (any(4) == 0 && used == 0)
		n = guaranteed[d];
	err = n > guaranteed[d]		      ? -EDQUOT
	      : n && used > guaranteed[d] - n ? -EBUSY
					      : 0;
	CHECK_EQ(account_split(&holder[d].account, &holder[to].account,
			 (struct account_amount){n, 0}),
		err);
	guaranteed[d] -= err ? 0 : n;
	guaranteed[to] += err ? 0 : n;
}

static void (*const step[])(unsigned) = {step_create, step_allocate,
	step_allocate, step_deallocate, step_copy, step_copy, step_copy_from,
	step_write, step_write, step_write, step_give, step_revoke,
	step_destroy, step_lock, step_account};

static void check_accounts(void)
{
	uint64_t sum = 0, used = 0;

	for (unsigned d = 0; d < DOMAINS; d++) {
		CHECK_EQ(holder[d].account.used.frames, model_used(d));
		CHECK_EQ(holder[d].account.guaranteed.frames, guaranteed[d]);
		sum += guaranteed[d];
		used += model_used(d);
	}
	CHECK_EQ(pool.guaranteed.frames, sum);
	CHECK_EQ(pool.committed, model_committed());
	CHECK(sum <= FRAMES && pool.committed <= FRAMES);
	CHECK(table.used <= used && used <= pool.committed);
}

static void check_contents(unsigned d, unsigned name)
{
	const struct model_reference *r = &refs[d][name];
	const struct reference *real = &holder[d].reference[name];

	CHECK_EQ(real->of != NULL, r->container >= 0);
	if (r->container < 0)
		return;
	CHECK_EQ(real->rights, r->rights);
	for (unsigned i = 0; i < NUMBERS; i++) {
		const struct model_container *m = &containers[r->container];
		bool writable;
		uint32_t frame =
			container_lookup(real->of->container, i, &writable);

		if (CHECK_EQ(frame != FRAME_NONE, m->present[i]) &&
			m->present[i])
			CHECK_EQ(content.tag[frame], m->tag[i]);
	}
}

/* The references that containers hold are those that the table counts. */
static void check_everything(void)
{
	uint64_t references = 0, used = 0;

	for (unsigned d = 0; d < DOMAINS; d++) {
		used += model_used(d);
		for (unsigned n = 1; n < REFERENCES_MAX; n++)
			check_contents(d, n);
	}
	for (unsigned i = 0; i < FRAMES; i++)
		references += table.references[i];
	CHECK_EQ(references, used);
}

static void begin(void)
{
	CHECK_EQ(frame_table_init(&table, FRAMES, &content), 0);
	pool = (struct account_pool){.total = {FRAMES, 0}};
	for (unsigned d = 0; d < DOMAINS; d++) {
		holder_init(&holder[d], d, &table, &pool);
		for (unsigned n = 0; n < REFERENCES_MAX; n++)
			refs[d][n].container = -1;
	}
}

TEST(a_million_steps_agree_with_the_model)
{
	begin();
	for (unsigned i = 0; i < STEPS && !tap_state.failed; i++) {
		unsigned d = any(DOMAINS);

		step[any(sizeof(step) / sizeof(step[0]))](d);
		check_accounts();
		check_contents(d, 1 + any(REFERENCES_MAX - 1));
		if (i % FULL_CHECK == 0)
			check_everything();
	}
	for (unsigned d = 0; d < DOMAINS; d++)
		holder_end(&holder[d]);
	CHECK_EQ(table.used, 0);
	for (unsigned d = 0; d < DOMAINS; d++) {
		CHECK_EQ(holder[d].account.used.frames, 0);
		CHECK_EQ(account_close(&holder[d].account), 0);
	}
	CHECK_EQ(pool.guaranteed.frames, 0);
	CHECK_EQ(pool.committed, 0);
	frame_table_fini(&table);
}

TAP_MAIN(CASE(a_million_steps_agree_with_the_model))
