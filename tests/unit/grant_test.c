/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store's capabilities: for exactly these sectors, this domain, these rights.
 */
/* link: servers/deva/grant.c */
#include "servers/deva/grant.h"
#include "tests/tap.h"

#define SECTORS 1000u

static const struct grant_extent two[] = {{100, 8}, {200, 16}};

static uint64_t make(uint32_t domain, uint64_t rights)
{
	uint64_t number = 0;

	CHECK_EQ(grant_make(domain, rights, two, 2, &number), STORE_OK);
	return number;
}

static uint64_t check(
	uint32_t domain, uint64_t number, uint64_t sector, uint64_t nr)
{
	return grant_check(
		domain, number, STORE_READ, (struct grant_extent){sector, nr});
}

TEST(exactly_the_sectors_are_granted)
{
	uint64_t number;

	grant_reset(SECTORS);
	number = make(1, STORE_READ);
	CHECK_EQ(check(1, number, 100, 8), STORE_OK);
	CHECK_EQ(check(1, number, 107, 1), STORE_OK);
	CHECK_EQ(check(1, number, 215, 1), STORE_OK);
	CHECK_EQ(check(1, number, 99, 1), STORE_EACCESS);
	CHECK_EQ(check(1, number, 108, 1), STORE_EACCESS);
	CHECK_EQ(check(1, number, 107, 2), STORE_EACCESS);
	CHECK_EQ(check(1, number, 100, UINT64_MAX), STORE_EACCESS);
	CHECK_EQ(check(1, number, UINT64_MAX, 8), STORE_EACCESS);
}

TEST(nobody_else_has_it_and_no_other_right)
{
	uint64_t number;

	grant_reset(SECTORS);
	number = make(1, STORE_READ);
	CHECK_EQ(check(2, number, 100, 8), STORE_ENOENT);
	CHECK_EQ(check(1, number + 1, 100, 8), STORE_ENOENT);
	CHECK_EQ(check(1, 0, 100, 8), STORE_ENOENT);
	CHECK_EQ(grant_check(
			 1, number, STORE_WRITE, (struct grant_extent){100, 8}),
		STORE_EACCESS);
	CHECK_EQ(grant_revoke(number), STORE_OK);
	CHECK_EQ(grant_revoke(number), STORE_ENOENT);
	CHECK_EQ(check(1, number, 100, 8), STORE_ENOENT);
}

TEST(what_makes_no_sense_is_refused)
{
	static const struct grant_extent none = {5, 0}, behind = {999, 2},
					 far = {UINT64_MAX, 2};
	uint64_t number = 77;

	grant_reset(SECTORS);
	CHECK_EQ(grant_make(1, STORE_READ, two, 0, &number), STORE_EINVAL);
	CHECK_EQ(grant_make(1, STORE_READ, two, STORE_EXTENTS_MAX + 1, &number),
		STORE_EINVAL);
	CHECK_EQ(grant_make(1, 0, two, 2, &number), STORE_EINVAL);
	CHECK_EQ(grant_make(1, STORE_MORE, two, 2, &number), STORE_EINVAL);
	CHECK_EQ(grant_make(1, STORE_READ, &none, 1, &number), STORE_EINVAL);
	CHECK_EQ(grant_make(1, STORE_READ, &behind, 1, &number), STORE_EINVAL);
	CHECK_EQ(grant_make(1, STORE_READ, &far, 1, &number), STORE_EINVAL);
	CHECK_EQ(number, 77);
}

TEST(the_oldest_goes_and_its_number_never_returns)
{
	uint64_t first, last = 0;

	grant_reset(SECTORS);
	first = make(1, STORE_READ);
	for (unsigned i = 0; i < GRANTS_MAX; i++)
		last = make(2, STORE_READ);
	CHECK_EQ(check(1, first, 100, 8), STORE_ENOENT);
	CHECK_EQ(check(2, first, 100, 8), STORE_ENOENT);
	CHECK_EQ(check(2, last, 100, 8), STORE_OK);
}

TAP_MAIN(CASE(exactly_the_sectors_are_granted),
	CASE(nobody_else_has_it_and_no_other_right),
	CASE(what_makes_no_sense_is_refused),
	CASE(the_oldest_goes_and_its_number_never_returns))
