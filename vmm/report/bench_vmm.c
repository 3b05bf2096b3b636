/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The launch bench.  The VMMs take turns, so that what disturbs this machine
 * disturbs all of them.
 */
#include "vmm/report/bench_vmm.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/config/value.h"
#include "vmm/host.h"
#include "vmm/launch.h"
#include "vmm/report/environment.h"
#include "vmm/report/launchtime.h"
#include "vmm/report/outfile.h"

#define RUNS_DEFAULT 20
#define RUNS_MAX 1000
#define WORDS_MAX 32

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

/*
 * @R stands for the root, @S for the systems' directory, @T for a directory of
 * our own, @W for "-wait" where the guest is to stay.
 */
static const struct vmm {
	const char *name;
	bool ours; /* its failure is ours */
	const char *word[WORDS_MAX];
} vmms[] = {
	{"floor", true, {"@R/tests/launch/floor", "@W"}},
	{"hyperhurd", true,
		{"@R/hyperhurd", "launch", "--quiet", "@T/record@W"}},
	{"hyperhurd-run", true,
		{"@R/hyperhurd", "run", "--quiet", "@S/launch@W"}},
	{"qemu-microvm", false,
		{"qemu-system-x86_64", "-M",
			"microvm,accel=kvm,pit=off,pic=off,rtc=off,"
			"isa-serial=on,memory-backend=ram",
			"-object",
			"memory-backend-memfd,id=ram,size=64M,share=on",
			"-nodefaults", "-no-user-config", "-display", "none",
			"-m", "64M", "-serial", "stdio", "-no-reboot",
			"-device", "isa-debug-exit,iobase=0xf4,iosize=1",
			"-kernel", "@R/tests/launch/tiny@W"}},
};

#define NR_VMMS (sizeof(vmms) / sizeof(vmms[0]))

struct result {
	bool failed;
	unsigned runs;
	struct launchtime time[RUNS_MAX];
	uint64_t effect_ns; /* medians */
	uint64_t exit_ns;
	uint64_t kib;
};

struct bench {
	const char *dir;
	const char *json;
	uint32_t runs;
	bool help;
	char root[PATH_MAX];
	char temp[32];
	struct result result[NR_VMMS];
};

static const char help_text[] =
	"usage: hyperhurd bench-vmm [OPTION]... [DIR]\n"
	"\n"
	"Launch a tiny guest with 64 MiB by several VMMs in turn, and tell how "
	"long it\n"
	"takes from exec to the guest's first effect and to the VMM's exit, "
	"and how\n"
	"much memory the VMM takes beyond the guest's.  DIR [configs/bench] "
	"holds the\n"
	"systems launch and launch-wait.\n"
	"\n"
	"  --runs N           of each VMM, 1 to 1000 [20]\n"
	"  --json FILE        write the figures there, too\n"
	"  --help             this text\n"
	"\n"
	"Exit status: 0; 1 a VMM failed; 2 the configuration or an argument is "
	"wrong.\n";

static bool parse(int argc, char **argv, struct bench *bench)
{
	static const struct option options[] = {
		{"runs", required_argument, NULL, 'n'},
		{"json", required_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	optind = 1;
	bench->runs = RUNS_DEFAULT;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'n' &&
			!value_number(optarg, RUNS_MAX, &bench->runs) &&
			bench->runs)
			continue;
		if (option == 'j')
			bench->json = optarg;
		else if (option == 'h')
			bench->help = true;
		else
			return false;
	}
	bench->dir = optind < argc ? argv[optind] : "configs/bench";
	return argc - optind <= 1;
}

static const char *value_of(
	const struct bench *bench, char letter, const char *wait)
{
	switch (letter) {
	case 'R':
		return bench->root;
	case 'S':
		return bench->dir;
	case 'T':
		return bench->temp;
	default:
		return wait;
	}
}

/* @word with what its '@' stand for. */
static void expand(const struct bench *bench, const char *word,
	const char *wait, char *out)
{
	size_t used = 0;

	out[0] = '\0';
	for (; *word && used < PATH_MAX - 1; word++) {
		char plain[2] = {*word, '\0'};
		const char *part = plain;

		if (*word == '@')
			part = value_of(bench, *++word, wait);
		used += (size_t)snprintf(
			out + used, PATH_MAX - used, "%s", part);
	}
}

/* The command of a VMM; words that come out empty are left out. */
static void make_command(const struct bench *bench, const struct vmm *vmm,
	const char *wait, char (*text)[PATH_MAX], char **argv)
{
	unsigned nr = 0;

	for (unsigned i = 0; vmm->word[i]; i++) {
		expand(bench, vmm->word[i], wait, text[nr]);
		if (text[nr][0]) {
			argv[nr] = text[nr];
			nr++;
		}
	}
	argv[nr] = NULL;
}

static void complain(const struct vmm *vmm, int err)
{
	fprintf(stderr, "hyperhurd: %s: %s\n", vmm->name,
		err == -ENOENT	 ? "is not installed; left out"
		: err == -EPROTO ? "ended before the guest had an effect"
				 : strerror(-err));
}

static void run_once(struct bench *bench, unsigned i)
{
	static char text[WORDS_MAX][PATH_MAX];
	struct result *result = &bench->result[i];
	char *argv[WORDS_MAX + 1];

	if (result->failed)
		return;
	make_command(bench, &vmms[i], "", text, argv);

	int err = launchtime_measure(argv, &result->time[result->runs]);

	if (!err && result->runs == 0) {
		make_command(bench, &vmms[i], "-wait", text, argv);
		err = launchtime_memory(argv, &result->kib);
	}
	if (err) {
		complain(&vmms[i], err);
		result->failed = true;
		return;
	}
	result->runs++;
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left;
	uint64_t b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static void take_medians(struct result *result)
{
	uint64_t effect[RUNS_MAX];
	uint64_t end[RUNS_MAX];

	if (result->failed)
		return;
	for (unsigned i = 0; i < result->runs; i++) {
		effect[i] = result->time[i].effect_ns;
		end[i] = result->time[i].exit_ns;
	}
	qsort(effect, result->runs, sizeof(effect[0]), compare);
	qsort(end, result->runs, sizeof(end[0]), compare);
	result->effect_ns = effect[result->runs / 2];
	result->exit_ns = end[result->runs / 2];
}

/* The launch records, made beforehand: the VMM alone is to be measured. */
static int write_record(const struct bench *bench, const char *wait)
{
	char dir[PATH_MAX];
	char file[PATH_MAX];
	const struct launch_source source = {.dir = dir};
	struct launch_reader reader;
	struct launch launch = {0};
	const char *why;

	expand(bench, "@S/launch@W", wait, dir);
	expand(bench, "@T/record@W", wait, file);

	int err = launch_start(&reader, &source);

	if (!err)
		err = launch_finish(&reader, &launch, &why);
	if (!err) {
		const struct launch_header *header = launch.record;
		FILE *out = outfile_create(file);

		if (out) {
			fwrite(header, header->size, 1, out);
			err = outfile_close(out, file, 0);
		} else {
			err = -EIO;
		}
	}
	launch_free(&launch);
	return err;
}

static void remove_records(const struct bench *bench)
{
	char file[PATH_MAX];

	expand(bench, "@T/record", "", file);
	unlink(file);
	expand(bench, "@T/record@W", "-wait", file);
	unlink(file);
	rmdir(bench->temp);
}

static void print_table(const struct bench *bench)
{
	printf("%-16s %18s %12s %9s\n", "VMM", "FIRST EFFECT ms", "EXIT ms",
		"RSS KiB");
	for (unsigned i = 0; i < NR_VMMS; i++) {
		const struct result *r = &bench->result[i];

		if (!r->failed)
			printf("%-16s %14" PRIu64 ".%03" PRIu64 " %8" PRIu64
			       ".%03" PRIu64 " %9" PRIu64 "\n",
				vmms[i].name, r->effect_ns / 1000000,
				r->effect_ns / 1000 % 1000,
				r->exit_ns / 1000000, r->exit_ns / 1000 % 1000,
				r->kib);
	}
}

static int write_json(const struct bench *bench)
{
	FILE *out = outfile_create(bench->json);
	struct json json;

	if (!out)
		return -EIO;
	json_open(&json, out);
	json_begin_object(&json, NULL);
	json_put_environment(&json);
	json_put_u64(&json, "runs", bench->runs);
	json_begin_array(&json, "results");
	for (unsigned i = 0; i < NR_VMMS; i++) {
		const struct result *r = &bench->result[i];

		if (r->failed)
			continue;
		json_begin_object(&json, NULL);
		json_put_string(&json, "vmm", vmms[i].name);
		json_put_thousandths(
			&json, "first_effect_ms_p50", r->effect_ns / 1000);
		json_put_thousandths(&json, "exit_ms_p50", r->exit_ns / 1000);
		json_put_u64(&json, "rss_kib", r->kib);
		json_end(&json);
	}
	json_end(&json);
	json_end(&json);
	return outfile_close(out, bench->json, json_close(&json));
}

static int run(struct bench *bench)
{
	int status = STATUS_OK;

	for (unsigned n = 0; n < bench->runs; n++)
		for (unsigned i = 0; i < NR_VMMS; i++)
			run_once(bench, i);
	for (unsigned i = 0; i < NR_VMMS; i++) {
		take_medians(&bench->result[i]);
		if (bench->result[i].failed && vmms[i].ours)
			status = STATUS_FAILED;
	}
	print_table(bench);
	if (bench->json && write_json(bench))
		status = STATUS_FAILED;
	return status;
}

/*
 * This machine's /dev/kvm will do if it can run the tiny guest, even one that
 * no real kernel runs on.  An appliance is for those who ask for it.
 */
static int enter_host(const struct bench *bench, char **argv)
{
	const char *const output[] = {bench->json, NULL};

	if ((getenv("HOST") || access("/dev/kvm", R_OK | W_OK) < 0) &&
		host_enter(&(struct host_job){.argv = argv, .output = output}))
		return -ENODEV;
	return setenv("HOST", host_name(HOST_KVM), 1) ? -errno : 0;
}

int bench_vmm_main(int argc, char **argv)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	int status = STATUS_FAILED;

	if (!bench)
		return status;
	strcpy(bench->temp, "/tmp/bench-vmm.XXXXXX");
	if (!parse(argc, argv, bench)) {
		fputs("hyperhurd: see hyperhurd bench-vmm --help\n", stderr);
		status = STATUS_USAGE;
	} else if (bench->help) {
		fputs(help_text, stdout);
		status = STATUS_OK;
	} else if (!enter_host(bench, argv) && launch_root(bench->root) &&
		   mkdtemp(bench->temp)) {
		int err = write_record(bench, "");

		if (!err)
			err = write_record(bench, "-wait");
		status = !err		  ? run(bench)
			 : err == -EINVAL ? STATUS_USAGE
					  : STATUS_FAILED;
		remove_records(bench);
	}
	free(bench);
	return status;
}
