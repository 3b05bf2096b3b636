/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/gdb/session.h"

#include <errno.h>
#include <string.h>

#define MEMORY_MAX ((GDB_PACKET_MAX - 16) / 2) /* bytes in one packet */
#define XML_MAX 16384
#define SIGNAL_INT "02"
#define SIGNAL_TRAP "05"
#define SIGNAL_KILL "09"

/* Answers. ----------------------------------------------------------------- */

static void answer(struct gdb_session *s, const char *text)
{
	gdb_writer_text(&s->out, text);
}

static void answer_ok(struct gdb_session *s)
{
	answer(s, "OK");
}

static void answer_error(struct gdb_session *s, int err)
{
	uint8_t number = (uint8_t)-err;

	answer(s, "E");
	gdb_writer_hex(&s->out, &number, 1);
}

static void answer_result(struct gdb_session *s, int err)
{
	if (err)
		answer_error(s, err);
	else
		answer_ok(s);
}

static void answer_break(struct gdb_session *s, const struct gdb_stop *stop)
{
	static const char *const watch[] = {
		[GDB_WATCH_WRITE] = "watch:",
		[GDB_WATCH_READ] = "rwatch:",
		[GDB_WATCH_ACCESS] = "awatch:",
	};

	if (stop->kind >= GDB_WATCH_WRITE) {
		answer(s, watch[stop->kind]);
		gdb_writer_number(&s->out, stop->address);
		answer(s, ";");
	} else if (s->names_breaks) {
		answer(s, stop->kind == GDB_BREAK_SOFTWARE ? "swbreak:;"
							   : "hwbreak:;");
	}
}

static void answer_stop(struct gdb_session *s, const struct gdb_stop *stop)
{
	uint8_t status = (uint8_t)stop->status;

	switch (stop->reason) {
	case GDB_EXITED:
		answer(s, "W");
		gdb_writer_hex(&s->out, &status, 1);
		break;
	case GDB_CRASHED:
		answer(s, "X" SIGNAL_KILL);
		break;
	case GDB_STOP_INTERRUPT:
		answer(s, "T" SIGNAL_INT "thread:1;");
		break;
	case GDB_RUNS:
	case GDB_STOP_TRAP:
		answer(s, "T" SIGNAL_TRAP "thread:1;");
		break;
	case GDB_STOP_BREAK:
		answer(s, "T" SIGNAL_TRAP "thread:1;");
		answer_break(s, stop);
		break;
	}
}

/* Registers. --------------------------------------------------------------- */

static void read_registers(struct gdb_session *s, const char *args)
{
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];
	struct gdb_cpu cpu;
	int err = gdb_target_get_cpu(s->target, &cpu);

	(void)args;
	if (err) {
		answer_error(s, err);
		return;
	}
	for (unsigned n = 0; n < GDB_REGISTERS; n++) {
		gdb_register_get(&cpu, n, bytes);
		gdb_writer_hex(&s->out, bytes, gdb_register_size(n));
	}
}

static void write_registers(struct gdb_session *s, const char *args)
{
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];
	struct gdb_cpu cpu;
	int err = gdb_target_get_cpu(s->target, &cpu);

	for (unsigned n = 0; !err && n < GDB_REGISTERS; n++) {
		size_t size = gdb_register_size(n);

		if (!gdb_parse_hex(args, bytes, size)) {
			err = -EINVAL;
			break;
		}
		gdb_register_put(&cpu, n, bytes);
		args += 2 * size;
	}
	if (!err)
		err = gdb_target_put_cpu(s->target, &cpu);
	answer_result(s, err);
}

static void read_register(struct gdb_session *s, const char *args)
{
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];
	struct gdb_cpu cpu;
	uint64_t n;
	int err = -EINVAL;

	if (gdb_parse_number(&args, &n) && n < GDB_REGISTERS)
		err = gdb_target_get_cpu(s->target, &cpu);
	if (err) {
		answer_error(s, err);
		return;
	}
	gdb_register_get(&cpu, (unsigned)n, bytes);
	gdb_writer_hex(&s->out, bytes, gdb_register_size((unsigned)n));
}

static void write_register(struct gdb_session *s, const char *args)
{
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];
	struct gdb_cpu cpu;
	uint64_t n;
	int err = -EINVAL;

	if (gdb_parse_number(&args, &n) && n < GDB_REGISTERS && *args == '=' &&
		gdb_parse_hex(args + 1, bytes, gdb_register_size((unsigned)n)))
		err = gdb_target_get_cpu(s->target, &cpu);
	if (!err) {
		gdb_register_put(&cpu, (unsigned)n, bytes);
		err = gdb_target_put_cpu(s->target, &cpu);
	}
	answer_result(s, err);
}

/* Memory. ------------------------------------------------------------------ */

/* "address,size", moved behind both. */
static bool parse_range(const char **args, uint64_t *address, uint64_t *size)
{
	if (!gdb_parse_number(args, address) || **args != ',')
		return false;
	++*args;
	return gdb_parse_number(args, size);
}

static void read_memory(struct gdb_session *s, const char *args)
{
	uint8_t bytes[MEMORY_MAX];
	uint64_t address;
	uint64_t size;
	int got = -EINVAL;

	if (parse_range(&args, &address, &size)) {
		if (size > sizeof(bytes))
			size = sizeof(bytes); /* it asks for the rest */
		got = gdb_target_read(s->target, address, bytes, size);
	}
	if (got < 0)
		answer_error(s, got);
	else
		gdb_writer_hex(&s->out, bytes, (size_t)got);
}

static void write_memory(struct gdb_session *s, const char *args)
{
	uint8_t bytes[MEMORY_MAX];
	uint64_t address;
	uint64_t size;
	int err = -EINVAL;

	if (parse_range(&args, &address, &size) && *args == ':' &&
		size <= sizeof(bytes) && gdb_parse_hex(args + 1, bytes, size))
		err = gdb_target_write(s->target, address, bytes, size);
	answer_result(s, err);
}

static void write_binary(struct gdb_session *s, const char *args)
{
	uint64_t address;
	uint64_t size;
	int err = -EINVAL;

	if (parse_range(&args, &address, &size) && *args == ':') {
		char *data = s->in.data + (args + 1 - s->in.data);
		size_t left = s->in.size - (size_t)(data - s->in.data);

		if (gdb_unescape(data, left) == size)
			err = size ? gdb_target_write(
					     s->target, address, data, size)
				   : 0;
	}
	answer_result(s, err);
}

/* Running. ----------------------------------------------------------------- */

/* The answer comes when it stops. */
static void resume(struct gdb_session *s, bool step)
{
	int err = gdb_target_resume(s->target, step);

	if (err)
		answer_error(s, err);
	else
		s->awaits_stop = true;
}

/* "[address]", which nobody sends any more: the registers are written. */
static void go_on(struct gdb_session *s, const char *args)
{
	if (*args)
		answer_error(s, -EINVAL);
	else
		resume(s, false);
}

static void step(struct gdb_session *s, const char *args)
{
	if (*args)
		answer_error(s, -EINVAL);
	else
		resume(s, true);
}

/* One thread: the first action is its own or for all. */
static void resume_threads(struct gdb_session *s, const char *args)
{
	switch (*args) {
	case 'c':
	case 'C': /* a signal means nothing to a vCPU */
		resume(s, false);
		break;
	case 's':
	case 'S':
		resume(s, true);
		break;
	default:
		answer_error(s, -EINVAL);
	}
}

static void why_stopped(struct gdb_session *s, const char *args)
{
	struct gdb_stop stop;

	(void)args;
	gdb_target_stop(s->target, &stop);
	if (stop.reason == GDB_RUNS)
		s->awaits_stop = true;
	else
		answer_stop(s, &stop);
}

/* Who hangs up lets the target run on. */
static void detach(struct gdb_session *s, const char *args)
{
	(void)args;
	s->over = true;
	answer_ok(s);
}

static void kill_target(struct gdb_session *s, const char *args)
{
	(void)args;
	gdb_target_kill(s->target);
	s->over = true;
	answer_ok(s);
}

static void breakpoint(struct gdb_session *s, const char *args, bool insert)
{
	uint64_t kind;
	uint64_t address;
	uint64_t size;
	int err = -EINVAL;

	if (!gdb_parse_number(&args, &kind) || kind > GDB_WATCH_ACCESS)
		return; /* none that we have */
	if (*args == ',') {
		args++;
		if (parse_range(&args, &address, &size))
			err = insert ? gdb_target_insert(s->target,
					       (enum gdb_break)kind, address,
					       size)
				     : gdb_target_remove(s->target,
					       (enum gdb_break)kind, address,
					       size);
	}
	if (err != -ENOTSUP) /* else the answer is empty: not supported */
		answer_result(s, err);
}

static void insert_break(struct gdb_session *s, const char *args)
{
	breakpoint(s, args, true);
}

static void remove_break(struct gdb_session *s, const char *args)
{
	breakpoint(s, args, false);
}

/* Questions. --------------------------------------------------------------- */

static void supported(struct gdb_session *s, const char *args)
{
	s->names_breaks = strstr(args, "swbreak+") && strstr(args, "hwbreak+");
	answer(s, "PacketSize=");
	gdb_writer_number(&s->out, GDB_PACKET_MAX);
	answer(s, ";QStartNoAckMode+;qXfer:features:read+;vContSupported+;"
		  "swbreak+;hwbreak+");
}

static void transfer_xml(struct gdb_session *s, const char *args)
{
	char xml[XML_MAX];
	size_t length = gdb_register_xml(xml, sizeof(xml));
	uint64_t offset;
	uint64_t size;

	if (!parse_range(&args, &offset, &size)) {
		answer_error(s, -EINVAL);
		return;
	}
	if (offset > length)
		offset = length;
	if (size > GDB_PACKET_MAX - 1)
		size = GDB_PACKET_MAX - 1;
	if (size > length - offset)
		size = length - offset;
	answer(s, offset + size < length ? "m" : "l");
	xml[offset + size] = 0;
	answer(s, xml + offset); /* nothing in it needs an escape */
}

static void no_ack(struct gdb_session *s, const char *args)
{
	(void)args;
	s->no_ack = true;
	answer_ok(s);
}

static void actions(struct gdb_session *s, const char *args)
{
	(void)args;
	answer(s, "vCont;c;C;s;S");
}

static void attached(struct gdb_session *s, const char *args)
{
	(void)args;
	answer(s, "1"); /* gdb detaches when it quits, and does not kill */
}

static void current_thread(struct gdb_session *s, const char *args)
{
	if (!*args) /* else it is qCRC */
		answer(s, "QC1");
}

static void first_threads(struct gdb_session *s, const char *args)
{
	struct gdb_thread list[GDB_THREADS_MAX];
	unsigned n = gdb_target_threads(s->target, list);

	(void)args;
	answer(s, "m1");
	for (unsigned i = n; i > 0; i--) { /* the oldest first */
		answer(s, ",");
		gdb_writer_number(&s->out, list[i - 1].number);
	}
}

static void more_threads(struct gdb_session *s, const char *args)
{
	(void)args;
	answer(s, "l");
}

static void thread_name(struct gdb_session *s, const char *args)
{
	struct gdb_thread list[GDB_THREADS_MAX];
	const char *name = "vCPU";
	uint64_t number;

	if (!gdb_parse_number(&args, &number)) {
		answer_error(s, -EINVAL);
		return;
	}
	if (number != GDB_THREAD_VCPU) {
		unsigned n = gdb_target_threads(s->target, list);

		name = "gone";
		for (unsigned i = 0; i < n; i++)
			if (list[i].number == number)
				name = list[i].text;
	}
	gdb_writer_hex(&s->out, name, strlen(name));
}

/* "g" and a thread, for registers and memory; others are about the vCPU. */
static void choose_thread(struct gdb_session *s, const char *args)
{
	uint64_t number = 0;

	if (*args++ != 'g') {
		answer_ok(s);
		return;
	}
	if (*args != '-' && !gdb_parse_number(&args, &number)) {
		answer_error(s, -EINVAL);
		return;
	}
	if (!number)
		number = GDB_THREAD_VCPU;
	answer_result(s, number > UINT32_MAX ? -ESRCH
					     : gdb_target_choose(s->target,
						       (uint32_t)number));
}

static void thread_alive(struct gdb_session *s, const char *args)
{
	struct gdb_thread list[GDB_THREADS_MAX];
	unsigned n = gdb_target_threads(s->target, list);
	uint64_t number;
	int err = -ESRCH;

	if (!gdb_parse_number(&args, &number))
		err = -EINVAL;
	else if (number == GDB_THREAD_VCPU)
		err = 0;
	for (unsigned i = 0; err == -ESRCH && i < n; i++)
		if (list[i].number == number)
			err = 0;
	answer_result(s, err);
}

/* Which packet it is: the first that fits, so longer names stand first. */
static const struct {
	const char *name;
	void (*take)(struct gdb_session *, const char *args);
} command[] = {
	{"?", why_stopped},
	{"g", read_registers},
	{"G", write_registers},
	{"p", read_register},
	{"P", write_register},
	{"m", read_memory},
	{"M", write_memory},
	{"X", write_binary},
	{"c", go_on},
	{"s", step},
	{"vCont?", actions},
	{"vCont;", resume_threads},
	{"vKill;", kill_target},
	{"D", detach},
	{"k", kill_target},
	{"Z", insert_break},
	{"z", remove_break},
	{"H", choose_thread},
	{"T", thread_alive},
	{"qSupported", supported},
	{"qXfer:features:read:target.xml:", transfer_xml},
	{"QStartNoAckMode", no_ack},
	{"qAttached", attached},
	{"qC", current_thread},
	{"qfThreadInfo", first_threads},
	{"qsThreadInfo", more_threads},
	{"qThreadExtraInfo,", thread_name},
};

/* An empty answer says that the packet is not known. */
static void perform(struct gdb_session *s)
{
	for (size_t i = 0; i < sizeof(command) / sizeof(command[0]); i++) {
		size_t length = strlen(command[i].name);

		if (strncmp(s->in.data, command[i].name, length) != 0)
			continue;
		command[i].take(s, s->in.data + length);
		return;
	}
}

static unsigned take_packet(struct gdb_session *s)
{
	unsigned send = s->no_ack ? GDB_SEND_NOTHING : GDB_SEND_ACK;

	gdb_writer_begin(&s->out);
	s->awaits_stop = false;
	perform(s);
	if (s->awaits_stop)
		return send | gdb_session_poll(s);
	gdb_writer_end(&s->out);
	return send | GDB_SEND_ANSWER;
}

/* The public interface. ---------------------------------------------------- */

void gdb_session_begin(struct gdb_session *s, struct gdb_target *target)
{
	memset(s, 0, sizeof(*s));
	s->target = target;
}

unsigned gdb_session_take(struct gdb_session *s, char byte)
{
	switch (gdb_reader_take(&s->in, byte)) {
	case GDB_INPUT_PACKET:
		return take_packet(s);
	case GDB_INPUT_DAMAGED:
		return s->no_ack ? GDB_SEND_NOTHING : GDB_SEND_NAK;
	case GDB_INPUT_NAK:
		return s->no_ack || s->awaits_stop || !s->out.size
			       ? GDB_SEND_NOTHING
			       : GDB_SEND_ANSWER;
	case GDB_INPUT_INTERRUPT:
		if (s->awaits_stop)
			gdb_target_interrupt(s->target);
		return GDB_SEND_NOTHING;
	case GDB_INPUT_MORE:
	case GDB_INPUT_ACK:
		break;
	}
	return GDB_SEND_NOTHING;
}

unsigned gdb_session_poll(struct gdb_session *s)
{
	struct gdb_stop stop;

	if (!s->awaits_stop)
		return GDB_SEND_NOTHING;
	gdb_target_stop(s->target, &stop);
	if (stop.reason == GDB_RUNS)
		return GDB_SEND_NOTHING;
	s->awaits_stop = false;
	gdb_writer_begin(&s->out);
	answer_stop(s, &stop);
	gdb_writer_end(&s->out);
	return GDB_SEND_ANSWER;
}
