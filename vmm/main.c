/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd: the command line.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmm/beside.h"
#include "vmm/check.h"
#include "vmm/control/control.h"
#include "vmm/probe/probe.h"
#include "vmm/report/bench_ipc.h"
#include "vmm/report/bench_mem.h"
#include "vmm/report/bench_vmm.h"
#include "vmm/report/crosstalk.h"
#include "vmm/report/measure.h"
#include "vmm/run.h"
#include "vmm/selftest.h"
#include "vmm/trace/trace.h"

static int help_main(int argc, char **argv);

/* Each command is a function of the part that it belongs to. */
static const struct command {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *text;
} command[] = {
	{"run", run_main, "launch the system of a configuration directory"},
	{"launch", launch_main, "launch from a launch record"},
	{"check", check_main, "check a configuration directory, run nothing"},
	{"crosstalk", crosstalk_main, "how much domains disturb each other"},
	{"measure", measure_main, "run systems, write down what was seen"},
	{"bench-ipc", bench_ipc_main, "what an IPC costs"},
	{"bench-mem", bench_mem_main, "what requests about memory cost"},
	{"bench-vmm", bench_vmm_main, "what launching costs, beside others"},
	{"probe", probe_main, "which hosts this machine can use"},
	{"selftest", selftest_main, "test this host, write a report to send"},
	{"list", list_main, "domains of the running systems"},
	{"console", console_main, "talk to a domain's console"},
	{"stop", stop_main, "end a domain"},
	{"kill", kill_main, "end a domain as a crash does"},
	{"setmem", setmem_main,
		"have a domain give memory back, or use it again"},
	{"set", set_main, "change a domain's reservation"},
	{"stat", stat_main, "what the executors have measured"},
	{"top", top_main, "what the domains do, again and again"},
	{"metrics", metrics_main, "counters over HTTP, for Prometheus"},
	{"trace", trace_main, "write what the executors do, for a viewer"},
	{"help", help_main, "this text"},
};

#define NR_COMMANDS (sizeof(command) / sizeof(command[0]))

static int help_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("usage: hyperhurd COMMAND [ARGUMENT]...\n\n"
	       "Domains on KVM, with L4 IPC between them.\n\n");
	for (unsigned i = 0; i < NR_COMMANDS; i++)
		printf("  %-10s %s\n", command[i].name, command[i].text);
	printf("\n`hyperhurd COMMAND --help` says more.\n");
	return 0;
}

/* What was printed counts only if it got somewhere. */
static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fputs("hyperhurd: standard output cannot be written\n", stderr);
	return status ? status : 1;
}

/* Where a standard stream is closed, the next file would take its place. */
static bool open_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	return fd >= 0 && close(fd) == 0;
}

int main(int argc, char **argv)
{
	if (!open_streams())
		return 1;
	if (argc < 2) {
		help_main(argc, argv);
		return 2;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return finish(help_main(argc, argv));
	for (unsigned i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(argv[1], command[i].name))
			return finish(command[i].main(argc - 1, argv + 1));
	fprintf(stderr, "hyperhurd: no command `%s'; see hyperhurd help\n",
		argv[1]);
	return 2;
}
