/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/probe/ask.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/probe/result.h"

#define LIMIT_SECONDS "180"

static void say(char *text, const char *what)
{
	snprintf(text, ANSWER_TEXT_MAX, "%s", what);
}

/* The first line of a small file, "" if there is none. */
static void first_line(const char *path, char *line, int size)
{
	FILE *in = fopen(path, "re");

	line[0] = '\0';
	if (!in)
		return;
	if (!fgets(line, size, in))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(in);
}

/*
 * Run a program without a shell and give what it prints to @read; its exit
 * status, -1 if it did not run or end by itself.
 */
static int run_program(
	char *const argv[], void (*read)(FILE *in, void *to), void *to)
{
	int ends[2];
	int status;
	pid_t child;
	FILE *in;

	if (pipe(ends))
		return -1;
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	in = fdopen(ends[0], "r");
	if (in && child > 0)
		read(in, to);
	if (in)
		fclose(in);
	else
		close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Lines become words with blanks between, as many as fit. */
static void read_words(FILE *in, void *to)
{
	char *text = to;
	size_t length = fread(text, 1, ANSWER_TEXT_MAX - 64, in);

	while (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = ' ';
}

static void judge(const struct probe_result *result, struct answer *answer)
{
	char *end = answer->why_not;
	const char *limit = end + ANSWER_TEXT_MAX;

	answer->checked = true;
	answer->result = *result;
	for (unsigned i = 0; i < NR_PROBE_CHECKS; i++) {
		if (!result->reason[i][0] || end >= limit)
			continue;
		end += snprintf(end, (size_t)(limit - end), "%s%s: %s",
			end == answer->why_not ? "" : "; ", probe_check_name(i),
			result->reason[i]);
	}
	answer->usable = !answer->why_not[0];
}

static void explain_kvm_error(int error, struct answer *answer)
{
	switch (error) {
	case -ENOENT:
		say(answer->why_not, "there is no /dev/kvm");
		say(answer->advice,
			"switch on virtualization in the firmware and load "
			"kvm_intel or kvm_amd");
		break;
	case -EACCES:
	case -EPERM:
		say(answer->why_not, "no permission to open /dev/kvm");
		say(answer->advice, "join the group kvm: adduser USER kvm");
		break;
	default:
		snprintf(answer->why_not, ANSWER_TEXT_MAX, "/dev/kvm: %s",
			strerror(-error));
	}
}

static void ask_kvm(enum ask_cache cache, struct answer *answer)
{
	struct probe_result result;
	char boot[64];
	char key[RESULT_KEY_MAX];

	first_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	snprintf(key, sizeof(key), "kvm %s %u %016llx", boot,
		(unsigned)geteuid(), (unsigned long long)probe_vm_version());
	if (cache == ASK_ANEW || result_load(HOST_KVM, key, &result)) {
		probe_vm(&result);
		if (!result.error)
			result_store(HOST_KVM, key, &result);
	}
	if (result.error) {
		explain_kvm_error(result.error, answer);
		return;
	}
	judge(&result, answer);
	if (!answer->usable)
		say(answer->advice,
			"this KVM cannot run a real kernel; commands use svm");
}

static bool packages_there(
	enum host host, const char *top, struct answer *answer)
{
	char setup[PATH_MAX + 16];
	char group[8];
	char *argv[] = {setup, (char[]){"--check"}, group, NULL};
	char lacking[ANSWER_TEXT_MAX] = "";

	snprintf(setup, sizeof(setup), "%s/tools/setup", top);
	snprintf(group, sizeof(group), "%s", host_name(host));
	if (!run_program(argv, read_words, lacking))
		return true;
	snprintf(answer->why_not, ANSWER_TEXT_MAX,
		"packages are missing: %.400s", lacking);
	snprintf(answer->advice, ANSWER_TEXT_MAX, "run tools/setup %s", group);
	return false;
}

/* Emulator, kernel and probe guest; "" if the appliance is not built yet. */
static void appliance_key(enum host host, const char *top, char *key)
{
	char path[PATH_MAX + 32];
	char emulator[ANSWER_TEXT_MAX] = "";
	char kernel[96];
	char *argv[] = {(char[]){"dpkg-query"}, (char[]){"-W"},
		(char[]){"-f${Package} ${Version}"},
		host == HOST_SVM ? (char[]){"qemu-system-x86"}
				 : (char[]){"bochs"},
		NULL};

	snprintf(path, sizeof(path), "%s/build/appliance/kernel", top);
	first_line(path, kernel, sizeof(kernel));
	key[0] = '\0';
	if (kernel[0] && !run_program(argv, read_words, emulator))
		snprintf(key, RESULT_KEY_MAX, "%.100s, %s, %016llx", emulator,
			kernel, (unsigned long long)probe_vm_version());
}

static void read_result(FILE *in, void *to)
{
	char rest[256];

	if (result_read(in, to))
		((struct probe_result *)to)->error = -EPROTO;
	while (fgets(rest, sizeof(rest), in))
		;
}

static int ask_inside(
	enum host host, const char *top, struct probe_result *result)
{
	char runner[PATH_MAX + 32];
	char name[8];
	char add[PATH_MAX + 32];
	char *argv[] = {runner, (char[]){"--bare"}, (char[]){"--no-icount"},
		(char[]){"--host"}, name, (char[]){"--time"},
		(char[]){LIMIT_SECONDS}, (char[]){"--add"}, add, (char[]){"--"},
		(char[]){"/hyperhurd/hyperhurd"}, (char[]){"probe"},
		(char[]){"--lines"}, NULL};
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length < 0)
		return -1;
	self[length] = '\0';
	snprintf(runner, sizeof(runner), "%s/tools/appliance/run", top);
	snprintf(name, sizeof(name), "%s", host_name(host));
	snprintf(add, sizeof(add), "%s:/hyperhurd/hyperhurd", self);
	return run_program(argv, read_result, result);
}

static void ask_appliance(
	enum host host, enum ask_cache cache, struct answer *answer)
{
	struct probe_result result = {.error = -EPROTO};
	char top[PATH_MAX];
	char key[RESULT_KEY_MAX];
	int status;

	if (!host_top(top)) {
		say(answer->why_not, "this binary is not in its source tree");
		say(answer->advice, "run it as build/release/hyperhurd");
		return;
	}
	if (!packages_there(host, top, answer))
		return;
	appliance_key(host, top, key);
	if (cache == ASK_CACHED && key[0] && !result_load(host, key, &result)) {
		judge(&result, answer);
		return;
	}
	status = ask_inside(host, top, &result);
	if (result.error) {
		snprintf(answer->why_not, ANSWER_TEXT_MAX,
			"the appliance failed (exit status %d)", status);
		snprintf(answer->advice, ANSWER_TEXT_MAX,
			"see tools/appliance/run --host %s -- ls -l /dev/kvm",
			host_name(host));
		return;
	}
	appliance_key(host, top, key); /* it is built by now */
	if (key[0])
		result_store(host, key, &result);
	judge(&result, answer);
}

void ask_host(enum host host, enum ask_cache cache, struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	if (host == HOST_KVM)
		ask_kvm(cache, answer);
	else
		ask_appliance(host, cache, answer);
}
