/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's end: finding the running systems, one request each time.
 */
#include "vmm/control/client.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define SUFFIX ".sock"
#define PATIENCE_S 10 /* the system may be busy; its thread has low priority */

static int receive_all(int fd, void *bytes, size_t size)
{
	ssize_t received = size ? recv(fd, bytes, size, MSG_WAITALL) : 0;

	if (received == (ssize_t)size)
		return 0;
	return received < 0 && errno == EAGAIN ? -ETIMEDOUT : -EPROTO;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval patience = {PATIENCE_S, 0};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	memcpy(address.sun_path, path, sizeof(address.sun_path));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int err = errno == EAGAIN ? -ETIMEDOUT : -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int receive_reply(struct client *client, int fd)
{
	struct control_reply *reply = &client->reply;
	int err = receive_all(fd, reply, sizeof(*reply));

	if (err)
		return err;
	if (reply->magic != CONTROL_MAGIC || reply->version != CONTROL_VERSION)
		return -EPROTO;
	if (reply->nr_domains > LAUNCH_DOMAINS_MAX ||
		reply->nr_executors > MEASUREMENT_EXECUTORS_MAX)
		return -EPROTO;
	reply->system[sizeof(reply->system) - 1] = '\0';
	err = receive_all(fd, client->domain,
		reply->nr_domains * sizeof(client->domain[0]));
	if (!err)
		err = receive_all(fd, client->executor,
			reply->nr_executors * sizeof(client->executor[0]));
	if (err)
		return err;
	for (unsigned i = 0; i < reply->nr_domains; i++)
		client->domain[i].name[BOOT_NAME_MAX - 1] = '\0';
	return reply->error ? -(int)reply->error : 0;
}

int client_request(
	struct client *client, const struct control_request *request, int *fd)
{
	int connection = connect_to(client->path);

	if (connection < 0)
		return connection;

	int err = send(connection, request, sizeof(*request), MSG_NOSIGNAL) ==
				  (ssize_t)sizeof(*request)
			  ? receive_reply(client, connection)
			  : -EPROTO;

	if (!err && fd)
		*fd = connection;
	else
		close(connection);
	return err;
}

static bool is_socket_name(const char *name)
{
	size_t length = strlen(name);

	return length > strlen(SUFFIX) &&
	       !strcmp(name + length - strlen(SUFFIX), SUFFIX);
}

int client_find(struct client *client, bool *silent)
{
	const struct control_request request = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.op = CONTROL_LIST,
	};
	char dir[sizeof(client->path)];
	int err = control_dir(dir, sizeof(dir));
	int nr = 0;

	*silent = false;
	if (err)
		return err;

	DIR *entries = opendir(dir);
	struct dirent *entry;

	while (entries && nr < CLIENT_SYSTEMS_MAX &&
		(entry = readdir(entries))) {
		int length = snprintf(client[nr].path, sizeof(client[nr].path),
			"%s/%s", dir, entry->d_name);

		if (!is_socket_name(entry->d_name) ||
			length >= (int)sizeof(client[nr].path))
			continue;
		/* A socket that nobody serves is left from a killed run. */
		err = client_request(&client[nr], &request, NULL);
		if (!err)
			nr++;
		*silent |= err == -ETIMEDOUT;
	}
	if (entries)
		closedir(entries);
	return nr;
}
