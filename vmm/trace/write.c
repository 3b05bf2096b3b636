/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events as JSON for trace viewers.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdio.h>

#include "vmm/abi/control.h"
#include "vmm/report/json.h"
#include "vmm/trace/trace.h"

/* What viewers call processes and threads. */
#define PID_CPUS 1u
#define PID_DOMAINS 2u
#define PID_GUEST(domain) (3u + (domain))

#define TAG_LABEL_SHIFT 16 /* L4 X.2 */

#define LINE_MAX_BYTES 512
#define CPUS_MAX 64

static const char *const type_name[NR_TRACE_TYPES] = {
	[TRACE_SCHEDULE] = "schedule",
	[TRACE_ENTRY] = "run",
	[TRACE_EXIT] = "exit",
	[TRACE_CALL] = "call",
	[TRACE_SEND] = "send",
	[TRACE_ACCEPT] = "accept",
	[TRACE_REPLY] = "reply",
	[TRACE_NOTIFY] = "notify",
	[TRACE_FAULT] = "fault",
	[TRACE_IO_READ] = "io read",
	[TRACE_IO_WRITE] = "io write",
	[TRACE_RECLAIM] = "reclaim",
	[TRACE_MESSAGE] = "message",
	[TRACE_LONG_MESSAGE] = "message",
	[TRACE_PAGE_FAULT] = "page fault",
	[TRACE_UNMAP] = "unmap",
	[TRACE_SWITCH] = "thread",
};

/* KVM's reasons; the others by their number. */
static const char *const reason_name[] = {
	[KVM_EXIT_IO] = "port",
	[KVM_EXIT_MMIO] = "mmio",
	[KVM_EXIT_HLT] = "hlt",
	[KVM_EXIT_IRQ_WINDOW_OPEN] = "interrupt window",
	[KVM_EXIT_SHUTDOWN] = "shutdown",
	[KVM_EXIT_FAIL_ENTRY] = "no entry",
	[KVM_EXIT_INTR] = "preempted",
	[KVM_EXIT_INTERNAL_ERROR] = "internal error",
};

#define NR_REASONS (sizeof(reason_name) / sizeof(reason_name[0]))
#define REASON_TEXT 16

struct writer {
	struct json json;
	const struct trace_file *file;
	uint32_t paying[CPUS_MAX]; /* whose slice is open there, + 1 */
	bool running[LAUNCH_DOMAINS_MAX];
	bool guest[LAUNCH_DOMAINS_MAX]; /* there are events of its kernel */
};

static uint32_t lower_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* A name that needs no escapes. */
static const char *plain(const struct writer *w, uint32_t domain, char *buf)
{
	uint32_t i = 0;

	if (domain == TRACE_HOST)
		return "host";
	if (domain >= lower_u32(w->file->nr_domains, LAUNCH_DOMAINS_MAX))
		return "idle";
	for (; i < BOOT_NAME_MAX - 1 && w->file->name[domain][i]; i++) {
		char c = w->file->name[domain][i];

		buf[i] = c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c;
	}
	buf[i] = '\0';
	return buf;
}

/*
 * One event.  @more is what its kind has besides, beginning with a comma, or
 * empty.
 */
static void put(struct writer *w, char phase, uint64_t at, uint32_t pid,
	uint32_t tid, const char *more)
{
	char line[LINE_MAX_BYTES];
	uint64_t ns = at > w->file->started_at
			      ? clock_ns_from_ticks(at - w->file->started_at)
			      : 0;

	snprintf(line, sizeof(line),
		"{\"ph\":\"%c\",\"ts\":%" PRIu64 ".%03" PRIu64
		",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32 "%s}",
		phase, ns / 1000, ns % 1000, pid, tid, more);
	json_put_json(&w->json, NULL, line);
}

static void put_schedule(struct writer *w, const struct trace_stamp *s)
{
	const struct trace_event *e = &s->event;
	uint32_t *paying = &w->paying[s->cpu % CPUS_MAX];
	char more[LINE_MAX_BYTES / 2];
	char buf[BOOT_NAME_MAX];

	if (*paying == e->domain + 1u)
		return; /* the decision was to go on */
	if (*paying)
		put(w, 'E', e->at, PID_CPUS, s->cpu, "");
	snprintf(more, sizeof(more), ",\"name\":\"%s\",\"cat\":\"schedule\"",
		plain(w, e->domain, buf));
	put(w, 'B', e->at, PID_CPUS, s->cpu, more);
	*paying = e->domain + 1u;
}

static const char *reason_text(const struct trace_event *e, char *buf)
{
	if (e->value == EINTR || e->value == EAGAIN)
		return reason_name[KVM_EXIT_INTR]; /* it gave no reason */
	if (e->other < NR_REASONS && reason_name[e->other])
		return reason_name[e->other];
	snprintf(buf, REASON_TEXT, "%" PRIu32, e->other);
	return buf;
}

/* What was going on when tracing began has no beginning here. */
static void put_exit(struct writer *w, const struct trace_event *e)
{
	char more[LINE_MAX_BYTES / 2];
	char buf[REASON_TEXT];

	if (!w->running[e->domain])
		return;
	snprintf(more, sizeof(more),
		",\"args\":{\"reason\":\"%s\",\"error\":%" PRIu64 "}",
		reason_text(e, buf), e->value);
	put(w, 'E', e->at, PID_DOMAINS, e->domain, more);
	w->running[e->domain] = false;
}

static void put_entry(struct writer *w, const struct trace_event *e)
{
	char more[LINE_MAX_BYTES / 2];
	char buf[BOOT_NAME_MAX];

	if (w->running[e->domain])
		put(w, 'E', e->at, PID_DOMAINS, e->domain, "");
	snprintf(more, sizeof(more),
		",\"name\":\"run\",\"cat\":\"vcpu\",\"args\":{\"paid by\":"
		"\"%s\"}",
		plain(w, e->other, buf));
	put(w, 'B', e->at, PID_DOMAINS, e->domain, more);
	w->running[e->domain] = true;
}

static void put_instant(struct writer *w, const struct trace_event *e)
{
	bool has_partner = e->type >= TRACE_CALL && e->type <= TRACE_REPLY;
	char more[LINE_MAX_BYTES / 2];
	char buf[BOOT_NAME_MAX];

	snprintf(more, sizeof(more),
		",\"s\":\"t\",\"name\":\"%s\",\"cat\":\"%s\",\"args\":{"
		"\"value\":%" PRIu64 "%s%s%s}",
		type_name[e->type], has_partner ? "ipc" : "event", e->value,
		has_partner ? ",\"partner\":\"" : "",
		has_partner ? plain(w, e->other, buf) : "",
		has_partner ? "\"" : "");
	put(w, 'i', e->at, PID_DOMAINS, e->domain, more);
}

/* A notification is a message from the thread that stands for it. */
static void put_message(const struct trace_event *e, char *more, size_t size)
{
	snprintf(more, size,
		",\"s\":\"t\",\"name\":\"%s\",\"cat\":\"guest\",\"args\":{"
		"\"from\":%" PRIu32 ",\"to\":%" PRIu64
		",\"path\":\"%s\",\"label\":%" PRId64 "}",
		e->other < NOTIFICATIONS ? "notification" : type_name[e->type],
		e->other, e->value, e->type == TRACE_MESSAGE ? "short" : "long",
		(int64_t)e->more >> TAG_LABEL_SHIFT);
}

/* In a guest: each thread has a track of its own, a message is its sender's. */
static void put_guest(struct writer *w, const struct trace_event *e)
{
	char more[LINE_MAX_BYTES / 2];
	char what[REASON_TEXT + 16] = "";

	if (e->type == TRACE_PAGE_FAULT)
		snprintf(what, sizeof(what), "\"address\":%" PRIu64, e->value);
	else if (e->type == TRACE_SWITCH)
		snprintf(what, sizeof(what), "\"to\":%" PRIu64, e->value);
	snprintf(more, sizeof(more),
		",\"s\":\"t\",\"name\":\"%s\",\"cat\":\"guest\",\"args\":{"
		"%s}",
		type_name[e->type], what);
	if (e->type == TRACE_MESSAGE || e->type == TRACE_LONG_MESSAGE)
		put_message(e, more, sizeof(more));
	put(w, 'i', e->at, PID_GUEST(e->domain), e->other, more);
}

static void put_event(struct writer *w, const struct trace_stamp *s)
{
	const struct trace_event *e = &s->event;

	if (e->type == TRACE_SCHEDULE)
		put_schedule(w, s);
	else if (e->type >= NR_TRACE_TYPES || e->domain >= LAUNCH_DOMAINS_MAX)
		return; /* overwritten while it was copied */
	else if (e->type == TRACE_ENTRY)
		put_entry(w, e);
	else if (e->type == TRACE_EXIT)
		put_exit(w, e);
	else if (e->type >= TRACE_MESSAGE)
		put_guest(w, e);
	else
		put_instant(w, e);
}

/* What is still open ends with the trace. */
static void close_all(struct writer *w, uint64_t at)
{
	for (uint32_t cpu = 0; cpu < CPUS_MAX; cpu++)
		if (w->paying[cpu])
			put(w, 'E', at, PID_CPUS, cpu, "");
	for (uint32_t i = 0; i < LAUNCH_DOMAINS_MAX; i++)
		if (w->running[i])
			put(w, 'E', at, PID_DOMAINS, i, "");
}

static void put_name(struct writer *w, const char *what, uint32_t pid,
	uint32_t tid, const char *name)
{
	char more[LINE_MAX_BYTES / 2];

	snprintf(more, sizeof(more),
		",\"name\":\"%s\",\"args\":{\"name\":"
		"\"%s\"}",
		what, name);
	put(w, 'M', 0, pid, tid, more);
}

static void put_names(struct writer *w)
{
	const struct trace_file *file = w->file;
	char threads[BOOT_NAME_MAX + 16];
	char buf[BOOT_NAME_MAX];

	put_name(w, "process_name", PID_CPUS, 0, "CPUs: who pays");
	put_name(w, "process_name", PID_DOMAINS, 0, "Domains");
	for (uint32_t i = 0; i < file->nr_rings; i++) {
		uint32_t cpu = file->ring[i].cpu;

		snprintf(buf, sizeof(buf), "CPU %" PRIu32, cpu);
		put_name(w, "thread_name", PID_CPUS, cpu, buf);
	}
	for (uint32_t i = 0; i < file->nr_domains; i++) {
		put_name(w, "thread_name", PID_DOMAINS, i, plain(w, i, buf));
		snprintf(threads, sizeof(threads), "Threads of %s", buf);
		if (w->guest[i])
			put_name(w, "process_name", PID_GUEST(i), 0, threads);
	}
}

static void find_guests(
	struct writer *w, const struct trace_stamp *stamp, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		if (stamp[i].event.type >= TRACE_MESSAGE &&
			stamp[i].event.domain < LAUNCH_DOMAINS_MAX)
			w->guest[stamp[i].event.domain] = true;
}

int trace_write(FILE *out, const struct trace_file *file,
	const struct trace_stamp *stamp, unsigned nr, uint64_t lost)
{
	struct writer w = {.file = file};

	json_open(&w.json, out);
	json_begin_object(&w.json, NULL);
	json_put_string(&w.json, "displayTimeUnit", "ns");
	json_begin_object(&w.json, "otherData");
	json_put_u64(&w.json, "events", nr);
	json_put_u64(&w.json, "lost", lost);
	json_end(&w.json);
	json_begin_array(&w.json, "traceEvents");
	find_guests(&w, stamp, nr);
	put_names(&w);
	for (unsigned i = 0; i < nr; i++)
		put_event(&w, &stamp[i]);
	if (nr)
		close_all(&w, stamp[nr - 1].event.at);
	json_end(&w.json);
	json_end(&w.json);
	return json_close(&w.json);
}
