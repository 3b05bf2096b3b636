/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timing a program that launches a guest, from outside.
 */
#include "vmm/report/launchtime.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 20000

extern char **environ;

struct running {
	pid_t pid;
	int fd;
	uint64_t start_ns;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Standard output is the pipe, input and error are /dev/null. */
static int spawn(char *const *argv, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return -err;
	err = posix_spawn_file_actions_addopen(
		&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!err)
		err = posix_spawn_file_actions_adddup2(
			&actions, out, STDOUT_FILENO);
	if (!err)
		err = posix_spawn_file_actions_addopen(
			&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!err)
		err = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static int start(char *const *argv, struct running *r)
{
	int fds[2];
	int err;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r->start_ns = now_ns();
	err = spawn(argv, fds[1], &r->pid);
	close(fds[1]);
	r->fd = fds[0];
	if (err)
		close(fds[0]);
	return err;
}

/* The guest's byte, however much its VMM prints before it. */
static bool wait_for_effect(const struct running *r)
{
	struct pollfd wait = {.fd = r->fd, .events = POLLIN};
	char buf[4096];

	while (poll(&wait, 1, PATIENCE_MS) > 0) {
		ssize_t got = read(r->fd, buf, sizeof(buf));

		if (got <= 0)
			return false;
		if (memchr(buf, LAUNCHTIME_EFFECT, (size_t)got))
			return true;
	}
	return false;
}

/* A program that hangs behind the effect is not waited for without end. */
static void finish(const struct running *r)
{
	struct pollfd wait = {.fd = r->fd, .events = POLLIN};
	char buf[256];

	while (poll(&wait, 1, PATIENCE_MS) > 0)
		if (read(r->fd, buf, sizeof(buf)) <= 0)
			break;
	if (!(wait.revents & (POLLIN | POLLHUP)))
		kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	close(r->fd);
}

int launchtime_measure(char *const *argv, struct launchtime *time)
{
	struct running r;
	int err = start(argv, &r);

	if (err)
		return err;

	bool effect = wait_for_effect(&r);

	time->effect_ns = now_ns() - r.start_ns;
	finish(&r);
	time->exit_ns = now_ns() - r.start_ns;
	return effect ? 0 : -EPROTO;
}

/* A line such as "VmHWM:     1234 kB" of /proc/PID/status. */
static uint64_t status_kib(pid_t pid, const char *name)
{
	char path[64];
	char line[256];
	unsigned long long kib = 0;
	size_t length = strlen(name);
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, name, length) && line[length] == ':')
			(void)sscanf(line + length + 1, "%llu", &kib);
	if (status)
		fclose(status);
	return kib;
}

int launchtime_memory(char *const *argv, uint64_t *kib)
{
	struct running r;
	int err = start(argv, &r);

	if (err)
		return err;

	bool effect = wait_for_effect(&r);
	uint64_t peak = status_kib(r.pid, "VmHWM");

	*kib = peak - status_kib(r.pid, "RssShmem");
	kill(r.pid, SIGKILL);
	waitpid(r.pid, NULL, 0);
	close(r.fd);
	return effect && peak ? 0 : -EPROTO;
}
