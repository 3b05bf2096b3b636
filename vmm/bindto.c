/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/bindto.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Without a name it would be one of Linux's abstract sockets, for everybody. */
static int name_path(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (!path[0])
		return -EINVAL;
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	strcpy(address->sun_path, path);
	return 0;
}

/* To connect fails so with any other file, too. */
bool bindto_is_abandoned(const char *path)
{
	struct sockaddr_un address;
	struct stat st;
	bool refused;
	int fd;

	if (name_path(&address, path) || lstat(path, &st) < 0 ||
		!S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, (const struct sockaddr *)&address,
			  sizeof(address)) < 0 &&
		  errno == ECONNREFUSED;
	close(fd);
	return refused;
}

int bindto_path(int fd, const char *path)
{
	struct sockaddr_un address;
	const struct sockaddr *any = (const struct sockaddr *)&address;
	int err = name_path(&address, path);

	if (err)
		return err;
	if (fchmod(fd, 0600) < 0) /* the file is made with this */
		return -errno;
	if (bind(fd, any, sizeof(address)) == 0)
		return 0;
	if (errno != EADDRINUSE || !bindto_is_abandoned(path))
		return -errno;
	unlink(path);
	return bind(fd, any, sizeof(address)) < 0 ? -errno : 0;
}

int bindto_port(int fd, uint16_t port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0
		       ? -errno
		       : 0;
}
