/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting hyperhurd-net and opening TAP interfaces.
 */
#include "vmm/netopen.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/beside.h"

#define HELPER "hyperhurd-net"
#define HELPER_FD 3
#define READY_S 10
#define FORWARD_TEXT 48

static int refuse(struct net_error *error, const char *what, int err)
{
	snprintf(error->text, sizeof(error->text), "%s: %s", what,
		strerror(-err));
	return err;
}

static int open_tap(struct net_ends *ends, const struct net_config *config,
	struct net_error *error)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int err;

	/* Else the host would make one, and nobody would be connected to it. */
	if (!if_nametoindex(config->tap))
		return refuse(error, config->tap, -ENODEV);
	strncpy(request.ifr_name, config->tap, IFNAMSIZ - 1);
	ends->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (ends->fd < 0)
		return refuse(error, "/dev/net/tun", -errno);
	if (ioctl(ends->fd, TUNSETIFF, &request) < 0) {
		err = refuse(error, config->tap, -errno);
		close(ends->fd);
		return err;
	}
	return 0;
}

static char *forward_text(const struct net_forward *f, char *buf)
{
	uint32_t a = f->host_address;

	snprintf(buf, FORWARD_TEXT, "%s:%u.%u.%u.%u:%u:%u",
		f->is_udp ? "udp" : "tcp", a >> 24, a >> 16 & 255, a >> 8 & 255,
		a & 255, f->host_port, f->guest_port);
	return buf;
}

/* A process group of its own: Ctrl-C is the VMM's to handle. */
static int spawn(pid_t *pid, const char *program, char **argv, int fd)
{
	char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	int err;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, 0, 1);
	posix_spawn_file_actions_adddup2(&actions, fd, HELPER_FD);
	posix_spawn_file_actions_addclosefrom_np(&actions, HELPER_FD + 1);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	err = posix_spawn(pid, program, &actions, &attr, argv, environment);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

/* It says so with one byte, once it has its ports and no privileges. */
static int wait_ready(struct net_ends *ends)
{
	struct timeval limit = {.tv_sec = READY_S};
	char byte;

	setsockopt(ends->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (read(ends->fd, &byte, 1) != 1)
		return -EIO;
	return fcntl(ends->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int open_user(struct net_ends *ends, const struct net_config *config,
	struct net_error *error)
{
	char program[BESIDE_PATH_MAX];
	char text[NET_FORWARDS_MAX][FORWARD_TEXT];
	char *argv[NET_FORWARDS_MAX + 2];
	int fds[2];
	int err;

	argv[0] = (char *)beside_program(HELPER, program);
	for (unsigned i = 0; i < config->nr_forwards; i++)
		argv[i + 1] = forward_text(&config->forward[i], text[i]);
	argv[config->nr_forwards + 1] = NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return refuse(error, HELPER, -errno);
	ends->fd = fds[0];
	err = spawn(&ends->pid, program, argv, fds[1]);
	close(fds[1]);
	if (err) {
		close(ends->fd);
		return refuse(error, HELPER, err);
	}
	err = wait_ready(ends);
	if (err) {
		netopen_close(ends);
		return refuse(error, HELPER, err);
	}
	return 0;
}

int netopen(struct net_ends *ends, const struct net_config *config,
	struct net_error *error)
{
	ends->pid = 0;
	return config->kind == NET_TAP ? open_tap(ends, config, error)
				       : open_user(ends, config, error);
}

void netopen_close(struct net_ends *ends)
{
	close(ends->fd);
	if (!ends->pid)
		return;
	kill(ends->pid, SIGKILL); /* it has nothing to finish */
	while (waitpid(ends->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}
