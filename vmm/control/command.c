/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands list, console, stop, kill, set and stat.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/config/value.h"
#include "vmm/control/client.h"
#include "vmm/control/print.h"
#include "vmm/launch.h"

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

struct arguments {
	bool json;
	bool help;
	const char *system; /* process id, or NULL: the only one */
	const char *domain; /* NULL: the command takes none */
	char **rest;	    /* what is behind the domain's name */
};

/* Asked for, it is the answer; else it says what was wrong. */
static int usage(const struct arguments *args, const char *text)
{
	fprintf(args->help ? stdout : stderr,
		"usage: hyperhurd %s\n\n"
		"Options: --system PID  of several running systems, that one\n",
		text);
	return args->help ? STATUS_OK : STATUS_USAGE;
}

static bool parse(int argc, char **argv, bool domain, struct arguments *args)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"system", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "s:", options, NULL)) != -1) {
		if (option == 'j')
			args->json = true;
		else if (option == 's')
			args->system = optarg;
		else if (option == 'h')
			args->help = true;
		else
			return false;
	}
	if (args->help)
		return false;
	if (domain && optind < argc)
		args->domain = argv[optind++];
	args->rest = argv + optind;
	return !domain || args->domain;
}

static int find_domain(const struct client *client, const char *name)
{
	for (unsigned i = 0; i < client->reply.nr_domains; i++)
		if (!strcmp(client->domain[i].name, name))
			return (int)i;
	fprintf(stderr, "hyperhurd: no domain named '%s'; there are: ", name);
	for (unsigned i = 0; i < client->reply.nr_domains; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", client->domain[i].name);
	fputc('\n', stderr);
	return -1;
}

static const char *explain(uint32_t op, int err)
{
	switch (err) {
	case -ESRCH:
		return "the domain does not run";
	case -EBUSY:
		return "refused: too much of the CPU would be reserved";
	case -ENOTSUP:
		return "it has no memory balloon; its file needs "
		       "<memballoon model='virtio'/>";
	case -EINVAL:
		if (op == CONTROL_SET_MEMORY)
			return "refused: more than nothing, at least what "
			       "it is guaranteed, at most its RAM, in units "
			       "of 4KiB";
		_Static_assert(LAUNCH_SLICE_MIN_US == 100 &&
				       LAUNCH_PERIOD_MIN_US == 1000 &&
				       LAUNCH_PERIOD_MAX_US == 60000000,
			"as the text says");
		return "refused: slice <= deadline <= period must hold, slice "
		       "be 0us or at least 100us, and period 1ms to 60s";
	case -EPROTO:
	case -ETIMEDOUT:
		return "the system gave no answer";
	case -EPROTONOSUPPORT:
		return "the system runs another version of hyperhurd";
	default:
		return strerror(-err);
	}
}

/* Send a request about one domain and say what went wrong. */
static int send_request(
	struct client *client, struct control_request *r, int *fd)
{
	r->magic = CONTROL_MAGIC;
	r->version = CONTROL_VERSION;

	int err = client_request(client, r, fd);

	if (err)
		fprintf(stderr, "hyperhurd: %s: %s\n",
			client->domain[r->domain].name, explain(r->op, err));
	return err ? STATUS_FAILED : STATUS_OK;
}

static int request(
	struct client *client, enum control_op op, int domain, int *fd)
{
	struct control_request r = {.op = op, .domain = (uint32_t)domain};

	return send_request(client, &r, fd);
}

static int simple(int argc, char **argv, enum control_op op, const char *help)
{
	struct arguments args = {0};

	if (!parse(argc, argv, true, &args) || *args.rest)
		return usage(&args, help);

	struct client *client = client_choose(args.system);
	int domain = client ? find_domain(client, args.domain) : -1;

	if (domain < 0)
		return STATUS_FAILED;
	return request(client, op, domain, NULL);
}

static int show(int argc, char **argv, print_systems *as_text,
	print_systems *as_json, const char *help)
{
	struct arguments args = {0};
	int nr;

	if (!parse(argc, argv, false, &args) || *args.rest)
		return usage(&args, help);

	struct client *all = client_find_all(&nr);

	if (nr < 0)
		return STATUS_FAILED;
	if (args.system) {
		all = client_choose(args.system);
		nr = 1;
	}
	if (!all)
		return STATUS_FAILED;

	int err = args.json ? as_json(all, (unsigned)nr)
			    : as_text(all, (unsigned)nr);

	return err ? STATUS_FAILED : STATUS_OK;
}

/* "slice=10ms" and the like into @r; what is not given stays. */
static bool parse_setting(const char *text, struct system_reservation *r)
{
	static const struct {
		const char *name;
		size_t offset;
	} known[] = {
		{"slice=", offsetof(struct system_reservation, slice_us)},
		{"period=", offsetof(struct system_reservation, period_us)},
		{"deadline=", offsetof(struct system_reservation, deadline_us)},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t length = strlen(known[i].name);

		if (strncmp(text, known[i].name, length) != 0)
			continue;

		uint32_t us;

		if (value_time(text + length, &us)) {
			fprintf(stderr,
				"hyperhurd: '%s' is not a time in whole "
				"microseconds; write for example %s10ms\n",
				text, known[i].name);
			return false;
		}
		memcpy((char *)r + known[i].offset, &us, sizeof(us));
		return true;
	}
	fprintf(stderr,
		"hyperhurd: '%s' is not a setting; there are slice=, period=, "
		"deadline=\n",
		text);
	return false;
}

/*
 * A deadline that was the period's end follows the period, unless the command
 * says otherwise.
 */
static bool parse_settings(char **rest, struct system_reservation *r)
{
	bool at_end = r->deadline_us == r->period_us;
	const uint32_t before = r->deadline_us;

	for (; *rest; rest++)
		if (!parse_setting(*rest, r))
			return false;
	if (at_end && r->deadline_us == before)
		r->deadline_us = r->period_us;
	return true;
}

int list_main(int argc, char **argv)
{
	return show(argc, argv, print_list, print_list_json, "list [--json]");
}

int stat_main(int argc, char **argv)
{
	return show(argc, argv, print_stat, print_stat_json, "stat [--json]");
}

int stop_main(int argc, char **argv)
{
	return simple(argc, argv, CONTROL_STOP, "stop [--system PID] NAME");
}

int kill_main(int argc, char **argv)
{
	return simple(argc, argv, CONTROL_KILL, "kill [--system PID] NAME");
}

int console_main(int argc, char **argv)
{
	struct arguments args = {0};
	int fd;

	if (!parse(argc, argv, true, &args) || *args.rest)
		return usage(&args, "console [--system PID] NAME");

	struct client *client = client_choose(args.system);
	int domain = client ? find_domain(client, args.domain) : -1;

	if (domain < 0)
		return STATUS_FAILED;

	int status = request(client, CONTROL_CONSOLE, domain, &fd);

	return status ? status : client_console(fd);
}

int set_main(int argc, char **argv)
{
	struct arguments args = {0};

	if (!parse(argc, argv, true, &args) || !*args.rest)
		return usage(&args,
			"set [--system PID] NAME slice=TIME period=TIME "
			"[deadline=TIME]");

	struct client *client = client_choose(args.system);
	int domain = client ? find_domain(client, args.domain) : -1;

	if (domain < 0)
		return STATUS_FAILED;

	const struct system_domain *d = &client->domain[domain];
	struct system_reservation r = {
		d->slice_us, d->period_us, d->deadline_us};

	if (!parse_settings(args.rest, &r))
		return STATUS_USAGE;
	return send_request(client,
		&(struct control_request){
			.op = CONTROL_SET,
			.domain = (uint32_t)domain,
			.reservation = r,
		},
		NULL);
}

int setmem_main(int argc, char **argv)
{
	struct arguments args = {0};
	uint64_t bytes;

	if (!parse(argc, argv, true, &args) || !*args.rest || args.rest[1])
		return usage(&args, "setmem [--system PID] NAME SIZE");
	if (value_size(*args.rest, &bytes)) {
		fprintf(stderr,
			"hyperhurd: '%s' is not a size; write for example "
			"64MiB\n",
			*args.rest);
		return STATUS_USAGE;
	}

	struct client *client = client_choose(args.system);
	int domain = client ? find_domain(client, args.domain) : -1;

	if (domain < 0)
		return STATUS_FAILED;
	return send_request(client,
		&(struct control_request){
			.op = CONTROL_SET_MEMORY,
			.domain = (uint32_t)domain,
			.memory_bytes = bytes,
		},
		NULL);
}
