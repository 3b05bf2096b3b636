/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What gives way to a socket file, and what does not.
 */
/* link: vmm/bindto.c */
#include "vmm/bindto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/tap.h"

static char dir[] = "/tmp/bindto.XXXXXX";
static char path[64];

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* The mode of what is there, 0: nothing. */
static mode_t mode(void)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_mode;
}

TEST(a_socket_is_for_this_user_alone)
{
	int fd = new_socket();

	CHECK_EQ(bindto_path(fd, path), 0);
	CHECK_EQ(mode(), S_IFSOCK | 0600);
	close(fd);
}

TEST(one_that_nobody_listens_at_gives_way)
{
	int fd = new_socket();

	CHECK_EQ(mode() & S_IFMT, S_IFSOCK); /* of the case before */
	CHECK_EQ(bindto_path(fd, path), 0);
	CHECK_EQ(listen(fd, 1), 0);

	int second = new_socket();

	CHECK_EQ(bindto_path(second, path), -EADDRINUSE);
	close(second);
	close(fd);
	unlink(path);
}

TEST(other_files_stay)
{
	int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	int fd = new_socket();

	CHECK_EQ(bindto_path(fd, path), -EADDRINUSE);
	CHECK_EQ(mode(), S_IFREG | 0600);
	unlink(path);
	CHECK_EQ(symlink("nowhere", path), 0);
	CHECK_EQ(bindto_path(fd, path), -EADDRINUSE);
	CHECK_EQ(mode() & S_IFMT, S_IFLNK);
	close(file);
	close(fd);
	unlink(path);
}

TEST(names_have_a_beginning_and_an_end)
{
	char name[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
	int fd = new_socket();

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	CHECK_EQ(bindto_path(fd, name), -ENAMETOOLONG);
	CHECK_EQ(bindto_path(fd, ""), -EINVAL);
	CHECK_EQ(bindto_path(fd, "/nowhere/socket"), -ENOENT);
	close(fd);
}

TEST(setup)
{
	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/socket", dir);
}

TEST(cleanup)
{
	CHECK_EQ(rmdir(dir), 0);
}

TAP_MAIN(CASE(setup), CASE(a_socket_is_for_this_user_alone),
	CASE(one_that_nobody_listens_at_gives_way), CASE(other_files_stay),
	CASE(names_have_a_beginning_and_an_end), CASE(cleanup))
