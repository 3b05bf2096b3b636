/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The console thread: whole lines with the domain's name, counted losses, and
 * a terminal that attaches.
 */
/* link: vmm/console.c vmm/stream.c -pthread */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/tap.h"
#include "vmm/console.h"

#define WAIT_MS 5000
#define QUIET_MS 300

static int output; /* what the thread prints, to be read here */
static char text[65536];

/* What was printed, once it contains @wanted; else all there is. */
static const char *printed(const char *wanted)
{
	size_t len = 0;
	ssize_t n;

	memset(text, 0, sizeof(text));
	while (!strstr(text, wanted)) {
		struct pollfd p = {.fd = output, .events = POLLIN};

		if (poll(&p, 1, WAIT_MS) <= 0)
			break;
		n = read(output, text + len, sizeof(text) - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return text;
}

static void put(struct console *con, const char *s)
{
	console_write(con, s, strlen(s));
}

TEST(lines_carry_the_name)
{
	struct console *con = console_open("ping", -1);

	put(con, "one");
	put(con, " line\r\nand another\n");
	CHECK_STR(printed("another\n"), "ping| one line\nping| and another\n");
	console_close(con);
}

TEST(lines_of_two_domains_do_not_mix)
{
	struct console *a = console_open("a", -1);
	struct console *b = console_open("b", -1);

	put(a, "half");
	put(b, "whole\n");
	CHECK_STR(printed("whole\n"), "b| whole\n");
	put(a, " done\n");
	CHECK_STR(printed("done\n"), "a| half done\n");
	console_close(a);
	console_close(b);
}

/* Or a domain could write over other domains' lines. */
TEST(a_terminal_is_not_steered_by_lines)
{
	struct console *con = console_open("red", -1);

	put(con, "\033[2J\a\tv\303\251 \302\2332J\177\n");
	CHECK_STR(printed("\n"), "red| ?[2J?\tv\303\251 \302?2J?\n");
	console_close(con);
}

TEST(what_is_left_is_printed_at_the_end)
{
	struct console *con = console_open("last", -1);

	put(con, "no newline");
	console_close(con);
	CHECK_STR(printed("\n"), "last| no newline\n");
}

TEST(a_flood_is_cut_and_counted)
{
	struct console *con = console_open("flood", -1);
	static char much[100000];

	memset(much, 'x', sizeof(much));
	console_write(con, much, sizeof(much));
	CHECK(strstr(printed("lost]\n"), "bytes of output lost]\n") != NULL);
	console_close(con);
}

TEST(a_terminal_sees_output_and_types_input)
{
	int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct console *con = console_open("shell", wake);
	struct pollfd woken = {.fd = wake, .events = POLLIN};
	char got[16] = "";
	int pair[2];

	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	REQUIRE(console_attach(con, pair[0]) == 0);
	put(con, "$ ");
	CHECK_EQ(recv(pair[1], got, sizeof(got), 0), 2);
	CHECK_STR(got, "$ ");
	CHECK(!console_has_input(con));
	CHECK_EQ(send(pair[1], "ls\n", 3, 0), 3);
	CHECK_EQ(poll(&woken, 1, WAIT_MS), 1);
	CHECK(console_has_input(con));
	CHECK_EQ(console_read(con, got, sizeof(got)), 3);
	CHECK(memcmp(got, "ls\n", 3) == 0);
	close(pair[1]);
	console_close(con);
	close(wake);
}

static void fill_output(struct console *con)
{
	static char lines[20000];

	memset(lines, 'x', sizeof(lines));
	for (unsigned i = 100; i < sizeof(lines); i += 100)
		lines[i] = '\n';
	for (unsigned i = 0; i < 10; i++) {
		console_write(con, lines, sizeof(lines));
		usleep(20000); /* until the pipe is full */
	}
}

static void read_all(void)
{
	struct pollfd unread = {.fd = output, .events = POLLIN};

	while (poll(&unread, 1, QUIET_MS) > 0)
		CHECK(read(output, text, sizeof(text)) > 0);
}

/* The system's lock is held meanwhile: it must not wait for our reader. */
TEST(a_terminal_attaches_while_nobody_reads_the_output)
{
	struct console *con = console_open("stuck", -1);
	int first[2];
	int second[2];
	char byte;

	fill_output(con);
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, first) == 0);
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, second) == 0);
	alarm(WAIT_MS / 1000);
	CHECK_EQ(console_attach(con, first[0]), 0);
	CHECK_EQ(console_attach(con, second[0]), 0);
	alarm(0);
	CHECK_EQ(recv(first[1], &byte, 1, 0), 0); /* the second one came */
	read_all();
	put(con, "$");
	while (recv(second[1], &byte, 1, 0) == 1 && byte != '$')
		;
	CHECK_EQ(byte, '$');
	close(first[1]);
	close(second[1]);
	console_close(con);
}

TEST(a_domain_ends_though_nobody_reads_the_output)
{
	struct console *con = console_open("stuck", -1);

	fill_output(con);
	alarm(4 * WAIT_MS / 1000);
	console_close(con);
	alarm(0);
	read_all();
	con = console_open("next", -1);
	put(con, "goes on\n");
	CHECK(strstr(printed("goes on\n"), "next| goes on\n") != NULL);
	console_close(con);
}

static const struct tap_case cases[] = {
	CASE(lines_carry_the_name),
	CASE(lines_of_two_domains_do_not_mix),
	CASE(a_terminal_is_not_steered_by_lines),
	CASE(what_is_left_is_printed_at_the_end),
	CASE(a_flood_is_cut_and_counted),
	CASE(a_terminal_sees_output_and_types_input),
	CASE(a_terminal_attaches_while_nobody_reads_the_output),
	CASE(a_domain_ends_though_nobody_reads_the_output),
};

int main(void)
{
	int pair[2];
	int status;

	if (pipe(pair) < 0 || console_start(pair[1]) < 0)
		return 1;
	output = pair[0];
	status = tap_run(cases, sizeof(cases) / sizeof(cases[0]));
	console_stop();
	return status;
}
