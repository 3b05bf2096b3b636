/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd-metrics: the running systems' counters over HTTP, for Prometheus.
 *
 * A process beside the systems, on loopback or a unix socket alone: it asks
 * their control sockets for each scrape and keeps nothing.
 */
#include <errno.h>
#include <getopt.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmm/bindto.h"
#include "vmm/config/value.h"
#include "vmm/watch/text.h"

#define PORT_DEFAULT 9477
#define CONNECTIONS_MAX 16
#define PATIENCE_S 10

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

static const char help_text[] =
	"usage: hyperhurd metrics [OPTION]...\n"
	"\n"
	"Serve the counters of this user's running systems at /metrics, as\n"
	"text for Prometheus, until SIGINT, SIGTERM or SIGHUP.\n"
	"\n"
	"  --port N     on 127.0.0.1 [9477]\n"
	"  --unix PATH  on a unix socket of this user instead\n"
	"  --help       this text\n"
	"\n"
	"Exit status: 0; 1 it cannot listen there; 2 wrong usage.\n";

struct arguments {
	const char *path; /* NULL: a port */
	uint32_t port;
	bool help;
};

static bool parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{"port", required_argument, NULL, 'p'},
		{"unix", required_argument, NULL, 'u'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'u')
			args->path = optarg;
		else if (option == 'h')
			args->help = true;
		else if (option != 'p' ||
			 value_number(optarg, UINT16_MAX, &args->port) ||
			 !args->port)
			return false;
	}
	return optind == argc;
}

/* The text, to be freed, or NULL. */
static char *make_text(size_t *size)
{
	struct client *client = calloc(CLIENT_SYSTEMS_MAX, sizeof(*client));
	bool silent;
	int nr = client ? client_find(client, &silent) : -ENOMEM;
	char *text = NULL;
	FILE *out = nr < 0 ? NULL : open_memstream(&text, size);
	int err = out ? text_write(out, client, (unsigned)nr) : -ENOMEM;

	free(client);
	if (out && fclose(out) == 0 && !err)
		return text;
	free(text);
	return NULL;
}

static enum MHD_Result answer(struct MHD_Connection *connection,
	unsigned status, char *text, size_t size, const char *type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		size, text, MHD_RESPMEM_MUST_COPY);

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);

	enum MHD_Result result =
		MHD_queue_response(connection, status, response);

	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(
	struct MHD_Connection *connection, unsigned status, const char *why)
{
	return answer(
		connection, status, (char *)why, strlen(why), "text/plain");
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection,
	const char *url, const char *method, const char *version,
	const char *upload, size_t *upload_size, void **state)
{
	enum MHD_Result result;
	size_t size = 0;
	char *text;

	(void)data;
	(void)version;
	(void)upload;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0) {
		*upload_size = 0;
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			"GET is what there is\n");
	}
	if (strcmp(url, "/metrics") != 0)
		return refuse(connection, MHD_HTTP_NOT_FOUND, "see /metrics\n");
	text = make_text(&size);
	if (!text)
		return refuse(connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
			"the control sockets cannot be read\n");
	result = answer(connection, MHD_HTTP_OK, text, size,
		"text/plain; version=0.0.4; charset=utf-8");
	free(text);
	return result;
}

/* A listening socket, or -errno. */
static int listen_at(const struct arguments *args)
{
	int fd = socket(
		args->path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = args->path ? bindto_path(fd, args->path)
			 : bindto_port(fd, (uint16_t)args->port);
	if (!err && listen(fd, SOMAXCONN) < 0)
		err = -errno;
	if (err)
		close(fd);
	return err ? err : fd;
}

static int serve(int fd)
{
	struct MHD_Daemon *daemon;
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL); /* in MHD's thread as well */
	daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL,
		NULL, on_request, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, PATIENCE_S, MHD_OPTION_END);
	if (!daemon) {
		fputs("hyperhurd: the HTTP server does not start\n", stderr);
		return STATUS_FAILED;
	}
	sigwait(&set, &number);
	MHD_stop_daemon(daemon);
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	struct arguments args = {.port = PORT_DEFAULT};

	if (!parse(argc, argv, &args)) {
		fputs("hyperhurd: see hyperhurd metrics --help\n", stderr);
		return STATUS_USAGE;
	}
	if (args.help) {
		fputs(help_text, stdout);
		return STATUS_OK;
	}

	int fd = listen_at(&args);

	if (fd < 0) {
		if (args.path)
			fprintf(stderr, "hyperhurd: cannot listen at %s: %s\n",
				args.path, strerror(-fd));
		else
			fprintf(stderr,
				"hyperhurd: cannot listen at port %u: %s\n",
				args.port, strerror(-fd));
		return STATUS_FAILED;
	}

	int status = serve(fd);

	if (args.path)
		unlink(args.path);
	return status;
}
