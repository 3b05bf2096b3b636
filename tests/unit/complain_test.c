/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Complaints: whole lines, and nobody stands still because nobody reads them.
 */
/* link: vmm/complain.c vmm/stream.c -pthread */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/tap.h"
#include "vmm/complain.h"
#include "vmm/stream.h"

static int reader; /* what is complained, to be read here */
static char text[1u << 17];

static const char *complained(void)
{
	struct pollfd p = {.fd = reader, .events = POLLIN};
	size_t len = 0;

	while (poll(&p, 1, 0) > 0) {
		ssize_t n = read(reader, text + len, sizeof(text) - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	text[len] = '\0';
	return text;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The next line finds no room. */
static void fill(void)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	static const char page[4096] = {'\n'};

	while (poll(&p, 1, 0) > 0)
		CHECK(write(STDERR_FILENO, page, sizeof(page)) > 0);
}

TEST(a_complaint_is_one_line)
{
	complain("%s %d", "no", 7);
	CHECK_STR(complained(), "hyperhurd: no 7\n");
}

TEST(a_long_complaint_is_cut_and_ends_its_line)
{
	size_t len;

	complain("%*s", 2 * (int)STREAM_LINE_MAX, "end");
	len = strlen(complained());
	CHECK(len > 500 && len <= STREAM_LINE_MAX);
	CHECK(text[len - 1] == '\n');
}

TEST(what_nobody_reads_is_lost_and_counted)
{
	int64_t began = now_ms();

	fill();
	alarm(4 * STREAM_PATIENCE_MS / 1000);
	complain("lost");
	CHECK(now_ms() - began >= STREAM_PATIENCE_MS);
	began = now_ms();
	for (unsigned i = 0; i < 1000; i++)
		complain("lost, too");
	CHECK(now_ms() - began < STREAM_PATIENCE_MS);
	alarm(0);
	CHECK(!strstr(complained(), "lost"));
	complain("there");
	CHECK_STR(complained(),
		"hyperhurd: [1001 lines lost]\nhyperhurd: there\n");
	complain("again");
	CHECK_STR(complained(), "hyperhurd: again\n");
}

static const struct tap_case cases[] = {
	CASE(a_complaint_is_one_line),
	CASE(a_long_complaint_is_cut_and_ends_its_line),
	CASE(what_nobody_reads_is_lost_and_counted),
};

int main(void)
{
	int ends[2];

	if (pipe(ends) || dup2(ends[1], STDERR_FILENO) < 0)
		return 1;
	reader = ends[0];
	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
