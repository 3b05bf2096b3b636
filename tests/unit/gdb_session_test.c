/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/gdb/session.c vmm/gdb/packet.c vmm/gdb/register.c tests/unit/gdbtarget.c */
/*
 * What a debugger is answered, packet by packet.
 */
#include "vmm/gdb/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/gdbtarget.h"

static struct gdb_target target;
static struct gdb_session session;
static char text[GDB_PACKET_MAX + 1];

static void begin(void)
{
	gdbtarget_init(&target);
	gdb_session_begin(&session, &target);
}

/* The data of the answer. */
static const char *answered(void)
{
	size_t size = session.out.size;

	text[0] = 0;
	if (size >= 4) {
		memcpy(text, session.out.data + 1, size - 4);
		text[size - 4] = 0;
	}
	return text;
}

static unsigned send_bytes(const char *data, size_t size)
{
	struct gdb_writer w;
	unsigned set = 0;

	gdb_writer_begin(&w);
	memcpy(w.data + 1, data, size);
	w.size += size;
	gdb_writer_end(&w);
	for (size_t i = 0; i < w.size; i++)
		set = gdb_session_take(&session, w.data[i]);
	return set;
}

/* The answer to a packet, "(none)" if there is none yet. */
static const char *ask(const char *packet)
{
	return send_bytes(packet, strlen(packet)) & GDB_SEND_ANSWER ? answered()
								    : "(none)";
}

static const char *stop_with(struct gdb_stop stop)
{
	target.stop = stop;
	return gdb_session_poll(&session) ? answered() : "(none)";
}

TEST(packets_are_acknowledged_until_they_need_not)
{
	begin();
	CHECK_EQ(send_bytes("?", 1), GDB_SEND_ACK | GDB_SEND_ANSWER);
	CHECK_EQ(send_bytes("QStartNoAckMode", 15),
		GDB_SEND_ACK | GDB_SEND_ANSWER);
	CHECK_EQ(send_bytes("?", 1), GDB_SEND_ANSWER);
}

TEST(damaged_packet_is_asked_for_again)
{
	begin();
	for (const char *p = "$?#0"; *p; p++)
		gdb_session_take(&session, *p);
	CHECK_EQ(gdb_session_take(&session, '0'), GDB_SEND_NAK);
	CHECK_STR(ask("qC"), "QC1");
	CHECK_EQ(gdb_session_take(&session, '-'), GDB_SEND_ANSWER);
	CHECK_STR(answered(), "QC1");
}

TEST(threads_are_listed_and_chosen)
{
	begin();
	CHECK_STR(ask("qfThreadInfo"), "m1");
	target.nr_threads = 2;
	target.thread[0] = (struct gdb_thread){0x3a, "second"};
	target.thread[1] = (struct gdb_thread){0x38, "AB"};
	CHECK_STR(ask("qfThreadInfo"), "m1,38,3a");
	CHECK_STR(ask("qsThreadInfo"), "l");
	CHECK_STR(ask("qThreadExtraInfo,38"), "4142");
	CHECK_STR(ask("T3a"), "OK");
	CHECK_STR(ask("T39"), "E03");
	CHECK_STR(ask("Hg3a"), "OK");
	CHECK_EQ(target.chosen, 0x3a);
	CHECK_STR(ask("Hg39"), "E03");
	CHECK_STR(ask("Hg0"), "OK");
	CHECK_EQ(target.chosen, GDB_THREAD_VCPU);
	CHECK_STR(ask("Hc-1"), "OK");
	CHECK_STR(ask("Hgx"), "E16");
}

TEST(nak_before_any_answer_sends_nothing)
{
	begin();
	CHECK_EQ(gdb_session_take(&session, '-'), GDB_SEND_NOTHING);
}

TEST(unknown_packets_are_answered_empty)
{
	static const char *const packet[] = {"", "vMustReplyEmpty", "qCRC:0,1",
		"Z5,0,1", "z9,0,1", "B", "!", "qTStatus"};

	begin();
	for (unsigned i = 0; i < sizeof(packet) / sizeof(packet[0]); i++)
		CHECK_STR(ask(packet[i]), "");
}

TEST(registers_are_read_and_written)
{
	begin();
	target.cpu.regs.rip = UINT64_C(0xffffffff80200000);
	CHECK_STR(ask("p10"), "00002080ffffffff");
	CHECK_STR(ask("P10=0807060504030201"), "OK");
	CHECK_EQ(target.cpu.regs.rip, UINT64_C(0x0102030405060708));
	CHECK_STR(ask("P11=02020000"), "OK");
	CHECK_EQ(target.cpu.regs.rflags, 0x202);
	target.cpu.sregs.cr3 = 0x1000;
	CHECK_STR(ask("p3d"), "0010000000000000");
	CHECK_STR(ask("p46"), "E16");
	CHECK_STR(ask("P10=08"), "E16");
	CHECK_STR(ask("p"), "E16");
}

TEST(all_registers_come_back_as_they_went)
{
	char packet[GDB_PACKET_MAX + 1] = "G";
	struct gdb_cpu before;

	begin();
	for (size_t i = 0; i < sizeof(target.cpu.regs); i++)
		((char *)&target.cpu.regs)[i] = (char)i;
	target.cpu.fpu.ftwx = 0x81;
	target.cpu.sregs.gs.base = 77;
	strcpy(packet + 1, ask("g"));
	before = target.cpu;
	memset(&target.cpu.regs, 0, sizeof(target.cpu.regs));
	target.cpu.fpu.ftwx = 0;
	target.cpu.sregs.gs.base = 0;
	CHECK_STR(ask(packet), "OK");
	/* The upper half of rflags is not in the protocol. */
	target.cpu.regs.rflags = before.regs.rflags;
	CHECK(!memcmp(&target.cpu, &before, sizeof(before)));
	packet[strlen(packet) - 1] = 0;
	CHECK_STR(ask(packet), "E16");
}

TEST(memory_is_read_and_written)
{
	begin();
	CHECK_STR(ask("Mffffffff80000010,3:0a0b0c"), "OK");
	CHECK_STR(ask("mffffffff8000000f,5"), "000a0b0c00");
	CHECK_EQ(send_bytes("Xffffffff80000010,2:}\003q", 23) & GDB_SEND_ANSWER,
		GDB_SEND_ANSWER);
	CHECK_STR(answered(), "OK");
	CHECK_STR(ask("mffffffff80000010,3"), "23710c");
}

TEST(memory_that_is_not_there_is_an_error)
{
	begin();
	CHECK_STR(ask("m0,4"), "E0e");
	CHECK_STR(ask("mffffffff80000fff,4"), "00");
	CHECK_STR(ask("Mffffffff80000fff,2:0000"), "E0e");
	CHECK_STR(ask("m,4"), "E16");
	CHECK_STR(ask("m0"), "E16");
	CHECK_STR(ask("Mffffffff80000000,2:00"), "E16");
	CHECK_STR(ask("Xffffffff80000000,2:a"), "E16");
}

TEST(long_reads_are_cut_to_a_packet)
{
	begin();
	CHECK_EQ(strlen(ask("mffffffff80000000,ffffffff")),
		(GDB_PACKET_MAX - 16) / 2 * 2);
	CHECK(!session.out.full);
}

TEST(breakpoints_reach_the_target)
{
	begin();
	CHECK_STR(ask("Z0,ffffffff80200000,1"), "OK");
	CHECK_EQ(target.kind, GDB_BREAK_SOFTWARE);
	CHECK_EQ(target.address, UINT64_C(0xffffffff80200000));
	CHECK_STR(ask("Z2,1000,8"), "OK");
	CHECK_EQ(target.kind, GDB_WATCH_WRITE);
	CHECK_EQ(target.size, 8);
	CHECK_STR(ask("z0,ffffffff80200000,1"), "OK");
	CHECK_EQ(target.removed, 1);
	target.insert_error = -ENOSPC;
	CHECK_STR(ask("Z1,1000,1"), "E1c");
	target.insert_error = -ENOTSUP;
	CHECK_STR(ask("Z1,1000,1"), "");
	CHECK_STR(ask("Z1"), "E16");
	CHECK_STR(ask("Z1,1000"), "E16");
}

TEST(continuing_is_answered_when_it_stops)
{
	begin();
	CHECK_STR(ask("vCont;c"), "(none)");
	CHECK_EQ(target.resumed, 1);
	CHECK_EQ(gdb_session_poll(&session), GDB_SEND_NOTHING);
	CHECK_STR(stop_with((struct gdb_stop){.reason = GDB_STOP_BREAK}),
		"T05thread:1;");
	CHECK_STR(ask("?"), "T05thread:1;");
	CHECK_EQ(gdb_session_poll(&session), GDB_SEND_NOTHING);
}

TEST(steps_are_steps)
{
	begin();
	CHECK_STR(ask("vCont;s:1;c"), "(none)");
	CHECK_EQ(target.stepped, 1);
	CHECK_STR(stop_with((struct gdb_stop){.reason = GDB_STOP_TRAP}),
		"T05thread:1;");
	CHECK_STR(ask("s"), "(none)");
	CHECK_EQ(target.stepped, 2);
}

TEST(stop_replies_say_why)
{
	begin();
	ask("qSupported:swbreak+;hwbreak+");
	ask("c");
	CHECK_STR(stop_with((struct gdb_stop){.reason = GDB_STOP_BREAK}),
		"T05thread:1;swbreak:;");
	ask("c");
	CHECK_STR(stop_with((struct gdb_stop){.reason = GDB_STOP_BREAK,
			  .kind = GDB_BREAK_HARDWARE}),
		"T05thread:1;hwbreak:;");
	ask("c");
	CHECK_STR(stop_with((struct gdb_stop){.reason = GDB_STOP_BREAK,
			  .kind = GDB_WATCH_ACCESS,
			  .address = 0x1230}),
		"T05thread:1;awatch:1230;");
	ask("c");
	CHECK_STR(
		stop_with((struct gdb_stop){.reason = GDB_EXITED, .status = 3}),
		"W03");
	CHECK_STR(ask("?"), "W03");
}

TEST(interrupt_counts_only_while_it_runs)
{
	begin();
	gdb_session_take(&session, 3);
	CHECK_EQ(target.interrupted, 0);
	ask("c");
	gdb_session_take(&session, 3);
	CHECK_EQ(target.interrupted, 1);
	CHECK_STR(stop_with((struct gdb_stop){.reason = GDB_STOP_INTERRUPT}),
		"T02thread:1;");
}

TEST(what_needs_a_stop_is_refused_while_it_runs)
{
	begin();
	ask("c");
	CHECK_STR(ask("g"), "E10");
	CHECK_STR(ask("c"), "E10");
	CHECK_STR(ask("?"), "(none)");
	CHECK_STR(stop_with((struct gdb_stop){.reason = GDB_STOP_TRAP}),
		"T05thread:1;");
}

TEST(what_has_ended_can_only_be_asked_for)
{
	begin();
	target.stop.reason = GDB_CRASHED;
	CHECK_STR(ask("?"), "X09");
	CHECK_STR(ask("g"), "E03");
	CHECK_STR(ask("c"), "E03");
}

TEST(detach_and_kill_end_the_session)
{
	begin();
	CHECK_STR(ask("D"), "OK");
	CHECK(session.over);
	CHECK(!target.killed);
	begin();
	CHECK_STR(ask("vKill;1"), "OK");
	CHECK(session.over);
	CHECK(target.killed);
}

TEST(threads_are_one)
{
	begin();
	CHECK_STR(ask("qfThreadInfo"), "m1");
	CHECK_STR(ask("qsThreadInfo"), "l");
	CHECK_STR(ask("Hg0"), "OK");
	CHECK_STR(ask("T1"), "OK");
	CHECK_STR(ask("qThreadExtraInfo,1"), "76435055");
}

TEST(description_comes_in_pieces)
{
	static char all[32768];
	char packet[64];
	size_t at = 0;
	const char *piece;

	begin();
	do {
		snprintf(packet, sizeof(packet),
			"qXfer:features:read:target.xml:%zx,ffb", at);
		piece = ask(packet);
		strcpy(all + at, piece + 1);
		at += strlen(piece + 1);
	} while (*piece == 'm' && at < 20000);
	CHECK_EQ(*piece, 'l');
	CHECK(strstr(all, "name=\"rip\" bitsize=\"64\" type=\"code_ptr\" "
			  "regnum=\"16\""));
	CHECK(strstr(all, "regnum=\"69\""));
	CHECK_STR(all + strlen(all) - 9, "</target>");
	CHECK_STR(ask("qXfer:features:read:target.xml:fffff,10"), "l");
	CHECK_STR(ask("qXfer:features:read:target.xml:x"), "E16");
}

TAP_MAIN(CASE(packets_are_acknowledged_until_they_need_not),
	CASE(damaged_packet_is_asked_for_again),
	CASE(threads_are_listed_and_chosen),
	CASE(nak_before_any_answer_sends_nothing),
	CASE(unknown_packets_are_answered_empty),
	CASE(registers_are_read_and_written),
	CASE(all_registers_come_back_as_they_went),
	CASE(memory_is_read_and_written),
	CASE(memory_that_is_not_there_is_an_error),
	CASE(long_reads_are_cut_to_a_packet),
	CASE(breakpoints_reach_the_target),
	CASE(continuing_is_answered_when_it_stops), CASE(steps_are_steps),
	CASE(stop_replies_say_why), CASE(interrupt_counts_only_while_it_runs),
	CASE(what_needs_a_stop_is_refused_while_it_runs),
	CASE(what_has_ended_can_only_be_asked_for),
	CASE(detach_and_kill_end_the_session), CASE(threads_are_one),
	CASE(description_comes_in_pieces))
