/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/control/server.c vmm/control/client.c vmm/control/dir.c vmm/bindto.c vmm/clock.c */
/*
 * The control socket, both ends, on a system that only remembers what it was
 * asked for.
 */
#include "vmm/control/client.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"
#include "vmm/clock.h"

struct system {
	unsigned stopped;
	unsigned killed;
	bool traced;
	struct system_reservation reservation;
	uint64_t memory_bytes;
	int answer;
	struct measurement *measurement;
};

unsigned system_list(
	struct system *system, struct system_domain *out, unsigned max)
{
	(void)system;
	for (unsigned i = 0; i < 3 && i < max; i++) {
		out[i] = (struct system_domain){.kind = 1, .state = 2};
		snprintf(out[i].name, sizeof(out[i].name), "domain%u", i);
		out[i].account.own_ns = 1000 + i;
	}
	return 3;
}

int system_stop(struct system *system, unsigned domain)
{
	system->stopped = domain;
	return system->answer;
}

int system_kill(struct system *system, unsigned domain)
{
	system->killed = domain;
	return system->answer;
}

int system_set_memory(struct system *system, unsigned domain, uint64_t bytes)
{
	(void)domain;
	system->memory_bytes = bytes;
	return bytes ? 0 : -EINVAL;
}

int system_set_reservation(struct system *system, unsigned domain,
	const struct system_reservation *reservation)
{
	(void)domain;
	system->reservation = *reservation;
	return system->answer;
}

int system_console(struct system *system, unsigned domain, int fd)
{
	(void)domain;
	if (system->answer)
		return system->answer;
	dprintf(fd, "hello\n");
	close(fd);
	return 0;
}

int system_trace_start(struct system *system, bool guests)
{
	if (system->answer)
		return system->answer;
	system->traced = true;
	return guests ? 8 : 7;
}

void system_trace_stop(struct system *system)
{
	system->traced = false;
}

void system_mark(struct system *system)
{
	system->measurement->executor[0].longest_step_marked_ns = 0;
}

const struct measurement *system_measurement(struct system *system)
{
	return system->measurement;
}

static char dir[] = "/tmp/control_test.XXXXXX";
static struct system running;
static struct control *control;
static struct client client;

static void start(void)
{
	static struct measurement measurement;

	running = (struct system){.measurement = &measurement};
	measurement.executor[0].started_ns = 1;
	measurement.executor[0].longest_step_ns = 77;
	measurement.executor[0].longest_step_cause = SPENT_DEVICES;
	control = NULL;
	CHECK_EQ(control_start(&control, &running, "demo"), 0);
	memset(&client, 0, sizeof(client));
	snprintf(client.path, sizeof(client.path), "%s/%d.sock", dir,
		(int)getpid());
}

static int connect_by(enum control_op op, unsigned domain, int *connection)
{
	const struct control_request request = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.op = op,
		.domain = domain,
		.reservation = {1000, 2000, 1500},
		.memory_bytes = 8192,
	};

	return client_request(&client, &request, connection);
}

static int ask(enum control_op op, unsigned domain)
{
	return connect_by(op, domain, NULL);
}

/* A connection of our own, to misbehave on. */
static int connect_raw(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, client.path, sizeof(address.sun_path));
	CHECK_EQ(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

TEST(domains_are_listed)
{
	start();
	CHECK_EQ(ask(CONTROL_LIST, 0), 0);
	CHECK_EQ(client.reply.nr_domains, 3);
	CHECK_STR(client.reply.system, "demo");
	CHECK_STR(client.domain[2].name, "domain2");
	CHECK_EQ(client.domain[2].account.own_ns, 1002);
	CHECK_EQ(client.reply.nr_executors, 1);
	CHECK_EQ(client.executor[0].longest_step_ns, 77);
	CHECK_EQ(client.executor[0].longest_step_cause, SPENT_DEVICES);
	control_stop(control);
}

TEST(marking_lists_what_was_before_it)
{
	start();
	running.measurement->executor[0].longest_step_marked_ns = 5;
	CHECK_EQ(ask(CONTROL_MARK, 0), 0);
	CHECK_EQ(client.executor[0].longest_step_marked_ns, 5);
	CHECK_EQ(ask(CONTROL_LIST, 0), 0);
	CHECK_EQ(client.executor[0].longest_step_marked_ns, 0);
	control_stop(control);
}

TEST(requests_reach_the_system)
{
	start();
	CHECK_EQ(ask(CONTROL_STOP, 1), 0);
	CHECK_EQ(running.stopped, 1);
	CHECK_EQ(ask(CONTROL_KILL, 2), 0);
	CHECK_EQ(running.killed, 2);
	CHECK_EQ(ask(CONTROL_SET, 0), 0);
	CHECK_EQ(running.reservation.deadline_us, 1500);
	CHECK_EQ(ask(CONTROL_SET_MEMORY, 0), 0);
	CHECK_EQ(running.memory_bytes, 8192);
	control_stop(control);
}

/* Returns the connection, which is the trace. */
static int trace_by(enum control_op op, unsigned trace_fd)
{
	int connection = -1;

	CHECK_EQ(connect_by(op, 0, &connection), 0);
	CHECK_EQ(client.reply.trace_fd, trace_fd);
	CHECK(running.traced);
	return connection;
}

TEST(a_trace_ends_when_its_client_says_so)
{
	char byte;
	int fd;

	start();
	fd = trace_by(CONTROL_TRACE_START, 7);
	CHECK_EQ(ask(CONTROL_LIST, 0), 0);
	CHECK_EQ(ask(CONTROL_TRACE_GUESTS, 0), (uint64_t)-EBUSY);
	CHECK(running.traced);
	shutdown(fd, SHUT_WR);
	CHECK_EQ(recv(fd, &byte, 1, 0), 0);
	CHECK(!running.traced);
	close(fd);
	running.answer = -ENOTSUP;
	CHECK_EQ(ask(CONTROL_TRACE_START, 0), (uint64_t)-ENOTSUP);
	control_stop(control);
}

TEST(a_trace_ends_with_its_client)
{
	start();
	for (unsigned i = 0; i < 100; i++) {
		running.traced = false;
		close(trace_by(CONTROL_TRACE_GUESTS, 8));
	}
	for (unsigned i = 0; running.traced && i < 1000; i++)
		(void)poll(NULL, 0, 5);
	CHECK(!running.traced);
	close(trace_by(CONTROL_TRACE_START, 7));
	control_stop(control);
}

TEST(refusals_reach_the_client)
{
	start();
	running.answer = -EBUSY;
	CHECK_EQ(ask(CONTROL_SET, 0), (uint64_t)-EBUSY);
	running.answer = -ESRCH;
	CHECK_EQ(ask(CONTROL_STOP, 9), (uint64_t)-ESRCH);
	CHECK_EQ(ask((enum control_op)77, 0), (uint64_t)-EOPNOTSUPP);
	control_stop(control);
}

TEST(client_of_another_version_is_told)
{
	const struct control_request request = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION + 1,
		.op = CONTROL_KILL,
	};

	start();
	running.killed = 4711;
	CHECK_EQ(client_request(&client, &request, NULL),
		(uint64_t)-EPROTONOSUPPORT);
	CHECK_EQ(running.killed, 4711);
	control_stop(control);
}

static void read_console(char *text, size_t size)
{
	const struct control_request request = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.op = CONTROL_CONSOLE,
	};
	int fd = -1;

	memset(text, 0, size);
	REQUIRE(client_request(&client, &request, &fd) == 0);
	CHECK(recv(fd, text, size - 1, MSG_WAITALL) > 0);
	close(fd);
}

TEST(console_is_connected)
{
	char text[64];

	start();
	read_console(text, sizeof(text));
	CHECK_STR(text, "hello\n");
	running.answer = -ENOTSUP;
	read_console(text, sizeof(text));
	CHECK_STR(text, "no console: Operation not supported\r\n");
	control_stop(control);
}

TEST(garbage_does_no_harm)
{
	uint32_t state = 1;

	start();
	running.killed = running.stopped = 4711;
	for (unsigned i = 0; i < 200; i++) {
		unsigned char bytes[200];
		int fd = connect_raw();

		for (unsigned j = 0; j < sizeof(bytes); j++) {
			state = state * 1664525 + 1013904223;
			bytes[j] = (unsigned char)(state >> 24);
		}
		CHECK(send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0);
		close(fd);
	}
	CHECK_EQ(ask(CONTROL_LIST, 0), 0);
	CHECK_EQ(running.killed, 4711);
	CHECK_EQ(running.stopped, 4711);
	control_stop(control);
}

TEST(half_a_request_holds_up_nobody)
{
	int fd;

	start();
	fd = connect_raw();
	CHECK_EQ(send(fd, "x", 1, 0), 1);
	CHECK_EQ(ask(CONTROL_LIST, 0), 0);
	close(fd);
	control_stop(control);
}

/* It has little time, as where others use up all of it. */
TEST(slow_client_is_answered)
{
	const struct control_request request = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.op = CONTROL_LIST,
	};
	struct control_reply reply;
	int fd;

	start();
	fd = connect_raw();
	usleep(500000);
	CHECK_EQ(send(fd, &request, sizeof(request), MSG_NOSIGNAL),
		sizeof(request));
	CHECK_EQ(recv(fd, &reply, sizeof(reply), MSG_WAITALL), sizeof(reply));
	CHECK_EQ(reply.nr_domains, 3);
	close(fd);
	control_stop(control);
}

TEST(silent_clients_hold_up_nobody)
{
	int fd[40];
	char byte;

	start();
	for (unsigned i = 0; i < 40; i++) {
		fd[i] = connect_raw();
		CHECK_EQ(ask(CONTROL_LIST, 0), 0);
	}
	/* The server has let go the first, and keeps the last. */
	CHECK_EQ(recv(fd[0], &byte, 1, MSG_DONTWAIT), 0);
	CHECK_EQ(recv(fd[39], &byte, 1, MSG_DONTWAIT), (uint64_t)-1);
	control_stop(control);
	CHECK_EQ(recv(fd[39], &byte, 1, 0), 0);
	for (unsigned i = 0; i < 40; i++)
		close(fd[i]);
}

TEST(stopping_takes_the_socket_away)
{
	start();
	CHECK_EQ(access(client.path, F_OK), 0);
	control_stop(control);
	CHECK(access(client.path, F_OK) < 0);
	CHECK_EQ(ask(CONTROL_LIST, 0), (uint64_t)-ENOENT);
	control_stop(NULL);
}

/* In @text, @size bytes: where the process @pid would have its socket. */
static void name_of(char *text, size_t size, pid_t pid)
{
	snprintf(text, size, "%s/%d.sock", dir, (int)pid);
}

static int bind_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Bound and closed: nobody listens. */
static void leave_socket(const char *path)
{
	close(bind_to(path));
}

TEST(running_systems_are_found_and_dead_ones_passed_over)
{
	struct client *all = calloc(CLIENT_SYSTEMS_MAX, sizeof(*all));
	char left[64];
	bool silent = true;

	name_of(left, sizeof(left), 1);
	leave_socket(left);
	start();
	CHECK_EQ(client_find(all, &silent), 1);
	CHECK(!silent);
	CHECK_STR(all[0].path, client.path);
	CHECK_EQ(all[0].reply.pid, getpid());
	control_stop(control);
	CHECK_EQ(client_find(all, &silent), 0);
	CHECK(!silent);
	unlink(left);
	free(all);
}

/* Someone listens and says nothing, as a VMM that does not get the CPU. */
TEST(a_system_that_gives_no_answer_is_told)
{
	struct client *all = calloc(CLIENT_SYSTEMS_MAX, sizeof(*all));
	bool silent = false;
	char busy[64];
	int fd;

	name_of(busy, sizeof(busy), getppid());
	fd = bind_to(busy);
	CHECK_EQ(listen(fd, 1), 0);
	CHECK_EQ(client_find(all, &silent), 0);
	CHECK(silent);
	close(fd);
	unlink(busy);
	free(all);
}

TEST(what_killed_runs_left_goes_and_nothing_else_does)
{
	char dead[64];
	char lives[64];
	char file[64];
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	name_of(dead, sizeof(dead), pid);
	leave_socket(dead);
	name_of(lives, sizeof(lives), getppid());
	leave_socket(lives);
	snprintf(file, sizeof(file), "%s/%d.sock.txt", dir, (int)pid);
	leave_socket(file);
	start();
	CHECK(access(dead, F_OK) < 0);
	CHECK_EQ(access(lives, F_OK), 0);
	CHECK_EQ(access(file, F_OK), 0);
	CHECK_EQ(ask(CONTROL_LIST, 0), 0);
	control_stop(control);
	unlink(lives);
	unlink(file);
}

TEST(directory_that_others_may_write_is_refused)
{
	struct control *none = NULL;

	CHECK_EQ(chmod(dir, 0777), 0);
	CHECK_EQ(control_start(&none, &running, "demo"), (uint64_t)-EACCES);
	CHECK(none == NULL);
	CHECK_EQ(chmod(dir, 0700), 0);
}

static const struct tap_case cases[] = {CASE(domains_are_listed),
	CASE(marking_lists_what_was_before_it), CASE(requests_reach_the_system),
	CASE(a_trace_ends_when_its_client_says_so),
	CASE(a_trace_ends_with_its_client), CASE(refusals_reach_the_client),
	CASE(client_of_another_version_is_told), CASE(console_is_connected),
	CASE(garbage_does_no_harm), CASE(half_a_request_holds_up_nobody),
	CASE(slow_client_is_answered), CASE(silent_clients_hold_up_nobody),
	CASE(stopping_takes_the_socket_away),
	CASE(running_systems_are_found_and_dead_ones_passed_over),
	CASE(a_system_that_gives_no_answer_is_told),
	CASE(what_killed_runs_left_goes_and_nothing_else_does),
	CASE(directory_that_others_may_write_is_refused)};

int main(void)
{
	int status;

	if (!mkdtemp(dir))
		return 1;
	setenv("HYPERHURD_RUN_DIR", dir, 1);
	clock_setup(1000000);
	status = tap_run(cases, sizeof(cases) / sizeof(cases[0]));
	rmdir(dir);
	return status;
}
