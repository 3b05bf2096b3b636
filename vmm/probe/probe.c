/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/probe/probe.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "vmm/host.h"
#include "vmm/probe/ask.h"
#include "vmm/probe/result.h"
#include "vmm/report/json.h"

static const char probe_help[] =
	"usage: hyperhurd probe [OPTION]...\n"
	"\n"
	"Says which hosts this machine can use, and why not the others, by\n"
	"running a probe guest on each.\n"
	"\n"
	"  --host kvm|svm|ept  only this one\n"
	"  --json              the same for programs\n"
	"  --choose            only the name of the host that commands use\n"
	"  --no-cache          ask again what was asked before\n"
	"  --help              this text\n"
	"\n"
	"Exit status: 0 if one is usable, 1 if none is, 2 wrong usage.\n";

enum output { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_LINES, OUTPUT_CHOICE };

struct probe_options {
	enum output output;
	enum ask_cache cache;
	enum host only; /* NR_HOSTS: all */
	bool help;
};

enum {
	OPT_HOST = 256,
	OPT_JSON,
	OPT_CHOOSE,
	OPT_NO_CACHE,
	OPT_LINES,
	OPT_HELP
};

/* --lines is how this command asks itself inside an appliance. */
static const struct option long_options[] = {
	{"host", required_argument, NULL, OPT_HOST},
	{"json", no_argument, NULL, OPT_JSON},
	{"choose", no_argument, NULL, OPT_CHOOSE},
	{"no-cache", no_argument, NULL, OPT_NO_CACHE},
	{"lines", no_argument, NULL, OPT_LINES},
	{"help", no_argument, NULL, OPT_HELP},
	{0},
};

bool probe_kvm_usable(void)
{
	struct answer answer;

	ask_host(HOST_KVM, ASK_CACHED, &answer);
	return answer.usable;
}

static int parse(int argc, char **argv, struct probe_options *opt)
{
	int c;

	opt->only = NR_HOSTS;
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		switch (c) {
		case OPT_HOST:
			if (!host_parse(optarg, &opt->only))
				break;
			fprintf(stderr,
				"hyperhurd: --host %s: write kvm, svm or ept\n",
				optarg);
			return -1;
		case OPT_JSON:
			opt->output = OUTPUT_JSON;
			break;
		case OPT_CHOOSE:
			opt->output = OUTPUT_CHOICE;
			break;
		case OPT_NO_CACHE:
			opt->cache = ASK_ANEW;
			break;
		case OPT_LINES:
			opt->output = OUTPUT_LINES;
			break;
		case OPT_HELP:
			opt->help = true;
			return 0;
		default:
			return -1;
		}
	}
	return optind == argc ? 0 : -1;
}

static int choose(void)
{
	enum host host;
	int err = host_select(&host);

	if (!err) {
		puts(host_name(host));
		return 0;
	}
	fprintf(stderr, "hyperhurd: %s\n",
		err == -ENODEV ? "no host is usable; see hyperhurd probe"
			       : "HOST names no host: kvm, svm or ept");
	return 1;
}

static int print_lines(void)
{
	struct probe_result result;
	unsigned failed = probe_vm(&result);

	result_write(stdout, &result);
	return failed != 0;
}

static void print_row(enum host host, const struct answer *answer)
{
	printf("%-5s %-7s %s\n", host_name(host), answer->usable ? "yes" : "no",
		answer->why_not);
	if (answer->advice[0])
		printf("%-5s %-7s %s\n", "", "", answer->advice);
	fflush(stdout);
}

static void json_checks(struct json *json, const struct probe_result *result)
{
	json_begin_array(json, "checks");
	for (unsigned i = 0; i < NR_PROBE_CHECKS; i++) {
		json_begin_object(json, NULL);
		json_put_string(json, "name", probe_check_name(i));
		json_put_bool(json, "passed", !result->reason[i][0]);
		if (result->reason[i][0])
			json_put_string(json, "reason", result->reason[i]);
		json_end(json);
	}
	json_end(json);
}

static void json_host(
	struct json *json, enum host host, const struct answer *answer)
{
	json_begin_object(json, NULL);
	json_put_string(json, "host", host_name(host));
	json_put_bool(json, "usable", answer->usable);
	if (!answer->usable)
		json_put_string(json, "reason", answer->why_not);
	if (answer->advice[0])
		json_put_string(json, "advice", answer->advice);
	if (answer->checked)
		json_checks(json, &answer->result);
	json_end(json);
}

static int ask_all(const struct probe_options *opt)
{
	struct answer answer;
	struct json json;
	unsigned usable = 0;

	if (opt->output == OUTPUT_JSON) {
		json_open(&json, stdout);
		json_begin_object(&json, NULL);
		json_begin_array(&json, "hosts");
	} else {
		puts("host  usable");
	}
	for (unsigned host = 0; host < NR_HOSTS; host++) {
		if (opt->only != NR_HOSTS && host != opt->only)
			continue;
		ask_host(host, opt->cache, &answer);
		usable += answer.usable;
		if (opt->output == OUTPUT_JSON)
			json_host(&json, host, &answer);
		else
			print_row(host, &answer);
	}
	if (opt->output == OUTPUT_JSON) {
		json_end(&json);
		json_end(&json);
		if (json_close(&json))
			return 1;
	}
	return usable == 0;
}

int probe_main(int argc, char **argv)
{
	struct probe_options opt = {.output = OUTPUT_TABLE};

	if (parse(argc, argv, &opt)) {
		fputs("hyperhurd: see hyperhurd probe --help\n", stderr);
		return 2;
	}
	if (opt.help) {
		fputs(probe_help, stdout);
		return 0;
	}
	switch (opt.output) {
	case OUTPUT_CHOICE:
		return choose();
	case OUTPUT_LINES:
		return print_lines();
	default:
		return ask_all(&opt);
	}
}
