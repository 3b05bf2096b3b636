/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting the configuration reader and taking its record.
 *
 * What the reader may do after exec: read files, write to the pipe and to
 * standard error.  A reader that a file has taken over can tell the VMM lies,
 * which launch_check() refuses or which are some other valid system.
 */
#include "vmm/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/confine.h"

#define READER "hyperhurd-config"
#define READER_FD 3
#define READER_CPU_S 5
#define READER_FILES 64
#define ARGUMENTS_MAX 12

/* Exit statuses of the reader. */
enum {
	READER_OK = 0,
	READER_WRONG = 2,
	READER_NO_EXEC = 127,
};

/* Directory of the running binary, without the slash; NULL: unknown. */
static const char *binary_dir(char *buf)
{
	ssize_t length = readlink("/proc/self/exe", buf, PATH_MAX - 1);

	if (length <= 0)
		return NULL;
	buf[length] = '\0';

	char *slash = strrchr(buf, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return buf;
}

const char *launch_root(char *buf)
{
	const char *root = getenv("HYPERHURD_ROOT");

	if (!root || !*root)
		return binary_dir(buf);
	if (strlen(root) >= PATH_MAX)
		return NULL;
	return strcpy(buf, root);
}

/* Nothing stays open but the pipe, as READER_FD, and standard error. */
static void keep_files(int pipe_fd)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		_exit(READER_NO_EXEC);
	if (pipe_fd == READER_FD)
		fcntl(pipe_fd, F_SETFD, 0);
	else if (dup2(pipe_fd, READER_FD) < 0)
		_exit(READER_NO_EXEC);
	if (syscall(SYS_close_range, READER_FD + 1, UINT_MAX, 0) < 0)
		for (int fd = READER_FD + 1; fd < 1024; fd++)
			close(fd);
}

static void set_limits(void)
{
	confine_limit(RLIMIT_CPU, READER_CPU_S);
	confine_limit(RLIMIT_NOFILE, READER_FILES);
	confine_limit(RLIMIT_NPROC, 0);
	confine_limit(RLIMIT_CORE, 0);
}

/* In the child; all strings were made before fork. */
_Noreturn static void become_reader(
	const char *program, char **argv, int pipe_fd)
{
	char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};

	keep_files(pipe_fd);
	/* It reads the files that the configuration names, wherever root may
	 * have put them. */
	if (confine_privileges(1u << CAP_DAC_READ_SEARCH) < 0)
		_exit(READER_NO_EXEC);
	confine_writing();
	set_limits(); /* now, lest RLIMIT_NPROC of nobody stops execve */
	execve(program, argv, environment);
	_exit(READER_NO_EXEC);
}

/* Arguments for the reader; room for ARGUMENTS_MAX. */
static void make_arguments(char **argv, const struct launch_source *source,
	const char *program, const char *root)
{
	static const char fd_text[] = {'0' + READER_FD, '\0'};

	*argv++ = (char *)program;
	*argv++ = "--root";
	*argv++ = (char *)root;
	*argv++ = "--fd";
	*argv++ = (char *)fd_text;
	if (source->only) {
		*argv++ = "--only";
		*argv++ = (char *)source->only;
	}
	if (source->unreserved)
		*argv++ = "--unreserved";
	if (geteuid() == 0)
		*argv++ = "--privileged";
	*argv++ = "--";
	*argv++ = (char *)source->dir;
	*argv = NULL;
}

int launch_start(
	struct launch_reader *reader, const struct launch_source *source)
{
	char program[PATH_MAX + sizeof(READER)];
	char root_buf[PATH_MAX];
	char real_buf[PATH_MAX];
	char dir_buf[PATH_MAX];
	const char *root = source->root ? source->root : launch_root(root_buf);
	const char *dir = binary_dir(dir_buf);
	char *argv[ARGUMENTS_MAX];
	int fds[2];

	if (!root || !dir)
		return -ENOENT;
	snprintf(program, sizeof(program), "%s/" READER, dir);
	/* File names are absolute; what is not there is the reader's to say. */
	if (realpath(root, real_buf))
		root = real_buf;
	make_arguments(argv, source, program, root);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	reader->fd = fds[0];
	reader->pid = fork();
	if (reader->pid == 0)
		become_reader(program, argv, fds[1]);

	int err = reader->pid < 0 ? -errno : 0;

	close(fds[1]);
	if (err)
		close(fds[0]);
	return err;
}

int launch_read(struct launch *launch, int fd, const char **why)
{
	char *record = malloc(LAUNCH_SIZE_MAX + 1);
	size_t size = 0;
	int err = 0;

	*why = NULL;
	memset(launch, 0, sizeof(*launch));
	if (!record)
		return -ENOMEM;
	for (;;) {
		ssize_t got =
			read(fd, record + size, LAUNCH_SIZE_MAX + 1 - size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			err = -errno;
		if (got <= 0)
			break;
		size += (size_t)got;
		if (size > LAUNCH_SIZE_MAX) {
			err = -EFBIG;
			break;
		}
	}
	if (!err)
		err = launch_check(launch, record, size, why);
	if (err)
		free(record);
	else
		launch->record = record;
	return err;
}

/* The reader's verdict; what it wrote counts only if it is READER_OK. */
static int verdict(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -ECHILD;
	if (!WIFEXITED(status))
		return -ECHILD;
	switch (WEXITSTATUS(status)) {
	case READER_OK:
		return 0;
	case READER_WRONG:
		return -EINVAL;
	case READER_NO_EXEC:
		return -ENOEXEC;
	default:
		return -ECHILD;
	}
}

int launch_finish(
	struct launch_reader *reader, struct launch *launch, const char **why)
{
	int err = launch_read(launch, reader->fd, why);

	/* Before waiting: a reader that writes on without end gets SIGPIPE. */
	close(reader->fd);
	int verdict_err = verdict(reader->pid);

	if (verdict_err) {
		launch_free(launch);
		*why = NULL;
		return verdict_err;
	}
	return err == -EINVAL ? -EPROTO : err;
}

void launch_free(struct launch *launch)
{
	free(launch->record);
	memset(launch, 0, sizeof(*launch));
}
