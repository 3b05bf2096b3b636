/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What top and metrics make of two looks at a system.
 */
/* link: vmm/watch/rate.c vmm/watch/screen.c vmm/watch/text.c vmm/report/sample.c */
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"
#include "vmm/watch/screen.h"
#include "vmm/watch/text.h"

#define SECOND UINT64_C(1000000000)

static struct client before;
static struct client after;
static char screen[4096];

/* Two domains over two seconds. */
static void begin(void)
{
	memset(&before, 0, sizeof(before));
	before.reply.now_ns = SECOND;
	before.reply.nr_domains = 2;
	before.reply.nr_executors = 1;
	strcpy(before.reply.system, "demo");
	strcpy(before.domain[0].name, "zoe");
	strcpy(before.domain[1].name, "adam");
	before.executor[0].wall_ns = SECOND;
	after = before;
	after.reply.now_ns = 3 * SECOND;
	after.executor[0].wall_ns = 3 * SECOND;
	after.executor[0].idle_ns = SECOND;
	after.domain[0].account.spent_ns[SPENT_GUEST] = SECOND / 2;
	after.domain[0].account.spent_ns[SPENT_ACTIONS] = SECOND / 4;
	after.domain[0].account.ipc = 100;
	after.domain[1].account.exits = 7;
	after.domain[1].account.missed = 3;
	after.domain[1].account.disk_read_bytes = 4096;
	after.domain[1].account.disk_written_bytes = 2048;
	after.domain[1].account.net_sent_bytes = 1024;
	after.domain[1].account.net_received_bytes = 8192;
}

static void keep(const char *text, bool title)
{
	(void)title;
	strncat(screen, text, sizeof(screen) - strlen(screen) - 1);
	strncat(screen, "\n", sizeof(screen) - strlen(screen) - 1);
}

TEST(rates_are_of_the_interval)
{
	struct rate row[RATE_ROWS_MAX];

	begin();
	CHECK_EQ(rate_between(&before, &after, row), 2);
	CHECK_EQ(row[0].cpu, 375);
	CHECK_EQ(row[0].cause[SPENT_GUEST], 250);
	CHECK_EQ(row[0].ipc, 50);
	CHECK_EQ(row[1].exits, 3);
	CHECK_EQ(row[1].missed, 3);
	CHECK_EQ(row[1].disk, 3072);
	CHECK_EQ(row[1].net, 4608);
}

TEST(counters_that_fall_give_no_rate)
{
	struct rate row[RATE_ROWS_MAX];

	begin();
	rate_between(&after, &before, row);
	CHECK_EQ(row[0].cpu, 0);
	CHECK_EQ(row[0].ipc, 0);
}

TEST(every_order_sorts)
{
	static const char *const first[NR_RATE_ORDERS] = {
		[RATE_BY_CPU] = "zoe",
		[RATE_BY_NAME] = "adam",
		[RATE_BY_IPC] = "zoe",
		[RATE_BY_EXITS] = "adam",
		[RATE_BY_MISSED] = "adam",
	};
	struct rate row[RATE_ROWS_MAX];

	begin();
	for (unsigned i = 0; i < NR_RATE_ORDERS; i++) {
		rate_between(&before, &after, row);
		rate_sort(row, 2, (enum rate_order)i);
		CHECK_STR(row[0].domain->name, first[i]);
	}
}

TEST(screen_shows_cpus_and_domains)
{
	begin();
	screen[0] = '\0';
	screen_show(&before, &after, RATE_BY_CPU, keep);
	CHECK(strstr(screen, "idle  50.0%"));
	CHECK(strstr(screen, "DOMAIN"));
	CHECK(strstr(screen, "\nzoe                 37.5    25.0    12.5"));
}

TEST(metrics_are_escaped_and_in_seconds)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	begin();
	strcpy(after.domain[1].name, "a\"b\\c");
	after.domain[1].slice_us = 1500;
	CHECK_EQ(text_write(out, &after, 1), 0);
	fclose(out);
	CHECK(strstr(text,
		"hyperhurd_domain_spent_seconds_total{system=\"demo\""
		",pid=\"0\",domain=\"zoe\",cause=\"guest\"} "
		"0.500000000\n"));
	CHECK(strstr(text, "domain=\"a\\\"b\\\\c\"} 0.001500000\n"));
	CHECK(strstr(text, "hyperhurd_cpu_idle_seconds_total{system=\"demo\","
			   "pid=\"0\",executor=\"0\"} 1.000000000\n"));
	CHECK(strstr(text, "hyperhurd_domain_net_received_bytes_total{system="
			   "\"demo\",pid=\"0\",domain=\"a\\\"b\\\\c\"} "
			   "8192\n"));
	free(text);
}

TEST(no_system_gives_no_samples)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK_EQ(text_write(out, &after, 0), 0);
	fclose(out);
	CHECK(!strstr(text, "\nhyperhurd_"));
	free(text);
}

static const struct tap_case cases[] = {CASE(rates_are_of_the_interval),
	CASE(counters_that_fall_give_no_rate), CASE(every_order_sorts),
	CASE(screen_shows_cpus_and_domains),
	CASE(metrics_are_escaped_and_in_seconds),
	CASE(no_system_gives_no_samples)};

int main(void)
{
	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
