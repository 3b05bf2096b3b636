/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/selftest.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/guesttest.h"
#include "vmm/host.h"
#include "vmm/probe/vm.h"
#include "vmm/report/environment.h"
#include "vmm/report/outfile.h"

#define REPORT_VERSION 1u
#define REPORT_FILE "build/selftest.json"
#define BENCH_FILE "build/selftest-ipc.json"
#define TIME_LIMIT_S 1800 /* of an appliance */

static const char selftest_help[] =
	"usage: hyperhurd selftest [OPTION]...\n"
	"\n"
	"Runs the guest tests and bench-ipc on the host that commands use, "
	"and\n"
	"writes a report.\n"
	"\n"
	"  --json FILE   the report [" REPORT_FILE "]\n"
	"  --tap         only the guest tests, in TAP, and no report\n"
	"  --only NAME   only this guest test\n"
	"  --help        this text\n"
	"\n"
	"Exit status: 0 if all passed, 1 if not, 2 wrong usage.\n";

struct selftest_options {
	const char *json;
	const char *only;
	bool tap;
	bool help;
};

enum { OPT_JSON = 256, OPT_TAP, OPT_ONLY, OPT_HELP };

static const struct option long_options[] = {
	{"json", required_argument, NULL, OPT_JSON},
	{"tap", no_argument, NULL, OPT_TAP},
	{"only", required_argument, NULL, OPT_ONLY},
	{"help", no_argument, NULL, OPT_HELP},
	{0},
};

static bool parse(int argc, char **argv, struct selftest_options *opt)
{
	int c;

	opt->json = REPORT_FILE;
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		switch (c) {
		case OPT_JSON:
			opt->json = optarg;
			break;
		case OPT_TAP:
			opt->tap = true;
			break;
		case OPT_ONLY:
			opt->only = optarg;
			break;
		case OPT_HELP:
			opt->help = true;
			break;
		default:
			return false;
		}
	}
	return optind == argc;
}

static void print_summary(const struct guesttest *test)
{
	printf("%-20s %3u passed, %u failed", test->name, test->passed,
		test->failed);
	if (test->skipped)
		printf(", %u skipped", test->skipped);
	printf("%s%s\n", test->why[0] ? ": " : "", test->why);
	fflush(stdout);
}

/* Runs them all; returns how many did not pass. */
static unsigned run_guest_tests(
	struct guesttest *test, int nr, bool in_tap, FILE *tap)
{
	unsigned number = 0;
	unsigned failed = 0;

	if (in_tap)
		fputs("TAP version 13\n", tap);
	for (int i = 0; i < nr; i++) {
		guesttest_run(&test[i], tap, &number);
		failed += !guesttest_passed(&test[i]);
		if (!in_tap)
			print_summary(&test[i]);
	}
	if (in_tap)
		fprintf(tap, "1..%u\n", number);
	return failed;
}

/* The bench writes its own file; its text becomes part of the report. */
static int run_bench(void)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		execl("/proc/self/exe", "hyperhurd", "bench-ipc", "--json",
			BENCH_FILE, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EPROTO;
}

static void put_probe(struct json *json)
{
	struct probe_result result;

	(void)probe_vm(&result);
	json_begin_array(json, "probe");
	for (unsigned i = 0; i < NR_PROBE_CHECKS && !result.error; i++) {
		json_begin_object(json, NULL);
		json_put_string(json, "name", probe_check_name(i));
		json_put_bool(json, "passed", !result.reason[i][0]);
		json_end(json);
	}
	json_end(json);
}

static void put_tests(struct json *json, const struct guesttest *test, int nr)
{
	json_begin_array(json, "guest");
	for (int i = 0; i < nr; i++) {
		json_begin_object(json, NULL);
		json_put_string(json, "name", test[i].name);
		json_put_u64(json, "passed", test[i].passed);
		json_put_u64(json, "failed", test[i].failed);
		json_put_u64(json, "skipped", test[i].skipped);
		if (test[i].why[0])
			json_put_string(json, "why", test[i].why);
		json_end(json);
	}
	json_end(json);
}

static void put_cpu(struct json *json)
{
	static const char field[] = "model name\t: ";
	char line[256];
	FILE *in = fopen("/proc/cpuinfo", "re");

	while (in && fgets(line, sizeof(line), in)) {
		if (strncmp(line, field, sizeof(field) - 1))
			continue;
		line[strcspn(line, "\n")] = '\0';
		json_put_string(json, "cpu", line + sizeof(field) - 1);
		break;
	}
	if (in)
		fclose(in);
}

/* What bench-ipc wrote, null if it did not. */
static void put_bench(struct json *json)
{
	static char text[65536];
	FILE *in = fopen(BENCH_FILE, "re");
	size_t length = in ? fread(text, 1, sizeof(text) - 1, in) : 0;

	if (in)
		fclose(in);
	while (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	json_put_json(json, "ipc", length ? text : "null");
}

static int write_report(const char *path, const struct guesttest *test, int nr)
{
	struct json json;
	FILE *out = outfile_create(path);

	if (!out)
		return -EIO;
	json_open(&json, out);
	json_begin_object(&json, NULL);
	json_put_u64(&json, "version", REPORT_VERSION);
	json_put_environment(&json);
	put_cpu(&json);
	put_probe(&json);
	put_tests(&json, test, nr);
	put_bench(&json);
	json_end(&json);
	return outfile_close(out, path, json_close(&json));
}

static int run_all(const struct selftest_options *opt)
{
	static struct guesttest test[GUESTTEST_MAX];
	int nr = guesttest_list(opt->only, test);
	FILE *discard;
	unsigned failed;
	int err;

	if (nr <= 0) {
		fprintf(stderr, "hyperhurd: no guest tests: %s\n",
			nr ? strerror(-nr) : "none of that name");
		return 1;
	}
	if (opt->tap)
		return run_guest_tests(test, nr, true, stdout) != 0;
	(void)mkdir("build", 0777);
	unlink(BENCH_FILE);
	discard = fopen("/dev/null", "we");
	if (!discard)
		return 1;
	failed = run_guest_tests(test, nr, false, discard);
	fclose(discard);
	if (run_bench()) {
		fputs("hyperhurd: bench-ipc failed\n", stderr);
		failed++;
	}
	err = write_report(opt->json, test, nr);
	if (!err)
		printf("report: %s\n", opt->json);
	return failed || err;
}

int selftest_main(int argc, char **argv)
{
	struct selftest_options opt = {0};
	const char *output[2] = {NULL, NULL};

	if (!parse(argc, argv, &opt)) {
		fputs("hyperhurd: see hyperhurd selftest --help\n", stderr);
		return 2;
	}
	if (opt.help) {
		fputs(selftest_help, stdout);
		return 0;
	}
	if (!opt.tap)
		output[0] = opt.json;
	if (host_enter(&(struct host_job){
		    .argv = argv, .output = output, .limit_s = TIME_LIMIT_S}))
		return 1;
	return run_all(&opt);
}
