/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/filler.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/confine.h"
#include "vmm/memory/present.h"

#define SIZE_2M (UINT64_C(2) << 20)

struct order {
	uint64_t offset;
	uint64_t size;
};

static void close_others(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b);
	unsigned high = (unsigned)(a < b ? b : a);

	if (low > STDERR_FILENO + 1u)
		syscall(SYS_close_range, STDERR_FILENO + 1u, low - 1, 0);
	if (high > low + 1)
		syscall(SYS_close_range, low + 1, high - 1, 0);
	syscall(SYS_close_range, high + 1, UINT_MAX, 0);
}

/* All of the memory; pages of 2 MiB are made where file and address agree. */
static char *map_all(int fd)
{
	struct stat st;
	char *at;

	if (fstat(fd, &st) < 0)
		return NULL;
	at = mmap(NULL, (size_t)st.st_size + SIZE_2M, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	at += -(uintptr_t)at % SIZE_2M;
	at = mmap(at, (size_t)st.st_size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd, 0);
	if (at == MAP_FAILED)
		return NULL;
	madvise(at, (size_t)st.st_size, MADV_HUGEPAGE); /* a hint only */
	return at;
}

/* It keeps no mapping of what it has filled: others may take that back. */
_Noreturn static void serve(int fd, int socket, pid_t parent)
{
	struct order order;
	char *memory;

	close_others(fd, socket);
	if (confine_privileges(0) < 0)
		_exit(1);
	/* A change of the user would undo it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	memory = map_all(fd);
	while (recv(socket, &order, sizeof(order), 0) == sizeof(order)) {
		if (memory) {
			(void)present_make(memory + order.offset, order.size);
			madvise(memory + order.offset, order.size,
				MADV_DONTNEED);
		}
		if (send(socket, &order, sizeof(order), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

void filler_init(struct filler *f, int fd)
{
	*f = (struct filler){.fd = fd, .socket = -1};
}

static void start(struct filler *f)
{
	pid_t parent = getpid();
	int end[2];

	f->asked = true;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, end) < 0)
		return;
	f->pid = fork();
	if (f->pid == 0)
		serve(f->fd, end[1], parent);
	close(end[1]);
	if (f->pid < 0)
		close(end[0]);
	else
		f->socket = end[0];
}

void filler_fill(struct filler *f, uint64_t offset, uint64_t size)
{
	struct order order = {offset, size};

	if (!f->asked)
		start(f);
	if (f->socket < 0)
		return;
	if (send(f->socket, &order, sizeof(order), MSG_NOSIGNAL) < 0)
		return;
	while (recv(f->socket, &order, sizeof(order), 0) < 0 && errno == EINTR)
		;
}

void filler_stop(struct filler *f)
{
	if (f->socket < 0)
		return;
	close(f->socket);
	f->socket = -1;
	while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
