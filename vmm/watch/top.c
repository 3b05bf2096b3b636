/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd-top: what the domains of a running system do, again and again.
 *
 * A program of its own, because the VMM's binary is static and has no use for
 * a terminal library.
 */
#include <curses.h>
#include <getopt.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vmm/config/value.h"
#include "vmm/watch/screen.h"

#define DELAY_MS 1000
#define ONCE_MS 500
#define DELAY_MAX_S 3600

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

static const char help_text[] =
	"usage: hyperhurd top [OPTION]...\n"
	"\n"
	"Show what the domains of a running system use, by cause.\n"
	"\n"
	"  --once        one screen as text, over half a second\n"
	"  --delay N     seconds between screens [1]\n"
	"  --sort KEY    cpu, name, ipc, exits or missed [cpu]\n"
	"  --system PID  of several running systems, that one\n"
	"  --help        this text\n"
	"\n"
	"IPC are calls and sends to other domains; messages inside a domain\n"
	"nobody counts: hyperhurd trace --guest shows them.\n"
	"\n"
	"Keys: q ends it; c n i e m sort by CPU, name, IPC, exits, missed\n"
	"deadlines.\n"
	"\n"
	"Exit status: 0; 1 no such system; 2 wrong usage.\n";

/* A key sorts; the word on the command line begins with it. */
static const char *const order_name[NR_RATE_ORDERS] = {
	[RATE_BY_CPU] = "cpu",
	[RATE_BY_NAME] = "name",
	[RATE_BY_IPC] = "ipc",
	[RATE_BY_EXITS] = "exits",
	[RATE_BY_MISSED] = "missed",
};

struct arguments {
	const char *system;
	uint32_t delay_ms;
	enum rate_order order;
	bool once;
	bool help;
};

static bool parse_order(const char *text, enum rate_order *order)
{
	for (unsigned i = 0; i < NR_RATE_ORDERS; i++)
		if (!strcmp(text, order_name[i])) {
			*order = (enum rate_order)i;
			return true;
		}
	return false;
}

static bool parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{"once", no_argument, NULL, '1'},
		{"delay", required_argument, NULL, 'd'},
		{"sort", required_argument, NULL, 'o'},
		{"system", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	uint32_t seconds;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '1')
			args->once = true;
		else if (option == 's')
			args->system = optarg;
		else if (option == 'h')
			args->help = true;
		else if (option == 'd' &&
			 !value_number(optarg, DELAY_MAX_S, &seconds) &&
			 seconds)
			args->delay_ms = seconds * 1000;
		else if (option != 'o' || !parse_order(optarg, &args->order))
			return false;
	}
	return optind == argc;
}

/* Look again; false: it has ended. */
static bool look(struct client *client)
{
	const struct control_request request = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.op = CONTROL_LIST,
	};

	return client_request(client, &request, NULL) == 0;
}

static void print_line(const char *text, bool title)
{
	(void)title;
	puts(text);
}

static int show_once(struct client *client, const struct arguments *args)
{
	const struct timespec pause = {.tv_nsec = ONCE_MS * 1000000L};
	struct client before = *client;

	nanosleep(&pause, NULL);
	if (!look(client)) {
		fputs("hyperhurd: the system has ended\n", stderr);
		return STATUS_FAILED;
	}
	screen_show(&before, client, args->order, print_line);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return STATUS_OK;
	fputs("hyperhurd: standard output cannot be written\n", stderr);
	return STATUS_FAILED;
}

static void draw_line(const char *text, bool title)
{
	int y = getcury(stdscr);

	if (y >= LINES - 1)
		return;
	if (title)
		attron(A_REVERSE);
	addnstr(text, COLS);
	if (title)
		attroff(A_REVERSE);
	move(y + 1, 0);
}

/* ERR: none came in time.  At the end of the input none ever will, which
 * getch() does not tell apart, and does not wait for: q. */
static int get_key(void)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	int key = getch();

	if (key != ERR || poll(&in, 1, 0) <= 0)
		return key;
	key = getch();
	return key == ERR ? 'q' : key;
}

/* Whether to go on. */
static bool take_key(int key, enum rate_order *order)
{
	if (key == 'q')
		return false;
	for (unsigned i = 0; i < NR_RATE_ORDERS; i++)
		if (key == order_name[i][0])
			*order = (enum rate_order)i;
	return true;
}

static int show_always(struct client *client, const struct arguments *args)
{
	static struct client before;
	struct client shown = *client;
	enum rate_order order = args->order;
	bool alive = true;
	int key = ERR;

	setlocale(LC_CTYPE, "");
	if (!initscr())
		return STATUS_FAILED;
	cbreak();
	noecho();
	curs_set(0);
	timeout((int)args->delay_ms);
	while (alive && take_key(key, &order)) {
		erase();
		screen_show(&before, &shown, order, draw_line);
		key = get_key();
		if (key != ERR)
			continue; /* the same figures, ordered anew */
		before = shown;
		alive = look(&shown);
	}
	endwin();
	if (!alive)
		puts("hyperhurd: the system has ended");
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	struct arguments args = {.delay_ms = DELAY_MS};
	struct client *client;

	if (!parse(argc, argv, &args)) {
		fputs("hyperhurd: see hyperhurd top --help\n", stderr);
		return STATUS_USAGE;
	}
	if (args.help) {
		fputs(help_text, stdout);
		return STATUS_OK;
	}
	client = client_choose(args.system);
	if (!client)
		return STATUS_FAILED;
	return args.once ? show_once(client, &args)
			 : show_always(client, &args);
}
