/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/gdb/packet.c vmm/gdb/address.c */
/*
 * Packets of the remote serial protocol, and where a debugger connects to.
 */
#include "vmm/gdb/packet.h"

#include <string.h>

#include "tests/tap.h"
#include "vmm/gdb/address.h"

static struct gdb_reader reader;
static struct gdb_writer writer;

/* What the last byte of @text completes. */
static enum gdb_input feed(const char *text, size_t size)
{
	enum gdb_input last = GDB_INPUT_MORE;

	for (size_t i = 0; i < size; i++)
		last = gdb_reader_take(&reader, text[i]);
	return last;
}

static enum gdb_input feed_text(const char *text)
{
	return feed(text, strlen(text));
}

TEST(packet_with_its_checksum_is_taken)
{
	CHECK_EQ(feed_text("$OK#9a"), GDB_INPUT_PACKET);
	CHECK_STR(reader.data, "OK");
	CHECK_EQ(feed_text("$#00"), GDB_INPUT_PACKET);
	CHECK_EQ(reader.size, 0);
}

TEST(wrong_checksum_is_damage_and_the_next_packet_is_taken)
{
	CHECK_EQ(feed_text("$OK#9b"), GDB_INPUT_DAMAGED);
	CHECK_EQ(feed_text("$OK#zz"), GDB_INPUT_DAMAGED);
	CHECK_EQ(feed_text("$OK#9A"), GDB_INPUT_PACKET);
}

TEST(packet_that_begins_inside_another_counts)
{
	CHECK_EQ(feed_text("$lost$OK#9a"), GDB_INPUT_PACKET);
	CHECK_STR(reader.data, "OK");
}

TEST(acks_and_interrupts_stand_between_packets)
{
	CHECK_EQ(feed_text("+"), GDB_INPUT_ACK);
	CHECK_EQ(feed_text("-"), GDB_INPUT_NAK);
	CHECK_EQ(feed_text("\003"), GDB_INPUT_INTERRUPT);
	CHECK_EQ(feed_text("x"), GDB_INPUT_MORE);
	CHECK_EQ(feed_text("$+-\003#5b"), GDB_INPUT_PACKET);
}

static enum gdb_input feed_long(size_t size)
{
	uint8_t sum = (uint8_t)(size * 'a');
	char end[3] = {
		"0123456789abcdef"[sum >> 4], "0123456789abcdef"[sum & 15], 0};

	feed_text("$");
	for (size_t i = 0; i < size; i++)
		feed_text("a");
	feed_text("#");
	return feed_text(end);
}

TEST(longest_packet_and_not_one_byte_more)
{
	CHECK_EQ(feed_long(GDB_PACKET_MAX), GDB_INPUT_PACKET);
	CHECK_EQ(reader.size, GDB_PACKET_MAX);
	CHECK_EQ(feed_long(GDB_PACKET_MAX + 1), GDB_INPUT_DAMAGED);
	CHECK_EQ(feed_text("$OK#9a"), GDB_INPUT_PACKET);
}

TEST(answer_has_its_checksum)
{
	gdb_writer_begin(&writer);
	gdb_writer_text(&writer, "OK");
	gdb_writer_end(&writer);
	writer.data[writer.size] = 0;
	CHECK_STR(writer.data, "$OK#9a");
}

TEST(answer_that_is_too_long_is_cut)
{
	static const char block[1024];

	gdb_writer_begin(&writer);
	for (unsigned i = 0; i < 3; i++)
		gdb_writer_hex(&writer, block, sizeof(block));
	CHECK(writer.full);
	gdb_writer_end(&writer);
	CHECK_EQ(writer.size, GDB_PACKET_MAX + 4);
}

TEST(numbers_have_no_leading_zeros)
{
	gdb_writer_begin(&writer);
	gdb_writer_number(&writer, 0);
	gdb_writer_text(&writer, " ");
	gdb_writer_number(&writer, UINT64_MAX - 15);
	writer.data[writer.size] = 0;
	CHECK_STR(writer.data, "$0 fffffffffffffff0");
}

TEST(numbers_are_read_up_to_64_bits)
{
	const char *at = "fffffffffffffff0,";
	uint64_t n = 1;

	CHECK(gdb_parse_number(&at, &n));
	CHECK_EQ(n, UINT64_MAX - 15);
	CHECK_EQ(*at, ',');
	CHECK(!gdb_parse_number(&at, &n));
	at = "10000000000000000";
	CHECK(!gdb_parse_number(&at, &n));
}

TEST(half_a_byte_is_none)
{
	uint8_t bytes[2] = {0};

	CHECK(gdb_parse_hex("12aF", bytes, 2));
	CHECK_EQ(bytes[1], 0xaf);
	CHECK(!gdb_parse_hex("12a", bytes, 2));
	CHECK(!gdb_parse_hex("1g", bytes, 1));
	CHECK(!gdb_parse_hex("", bytes, 1));
}

TEST(escapes_are_undone)
{
	char data[] = "a}\003b}]}";

	CHECK_EQ(gdb_unescape(data, sizeof(data) - 1), 5);
	CHECK(!memcmp(data, "a#b}}", 5));
}

TEST(addresses_are_sockets_or_ports)
{
	struct gdb_address a;

	CHECK(gdb_address_parse("ping=unix:/tmp/gdb", &a));
	CHECK_STR(a.domain, "ping");
	CHECK_STR(a.path, "/tmp/gdb");
	CHECK(gdb_address_parse("linux=:1234", &a));
	CHECK_EQ(a.port, 1234);
	CHECK_STR(a.path, "");
}

TEST(other_addresses_are_refused)
{
	static const char *const wrong[] = {"", "ping", "ping=", "=:1",
		"ping=:", "ping=:0", "ping=:65536", "ping=:12a",
		"ping=unix:", "ping=host:1", "ping=/tmp/gdb",
		"ping=:999999999999"};
	char path[256] = "ping=unix:";
	struct gdb_address a;

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(!gdb_address_parse(wrong[i], &a));
	memset(path + 10, 'p', 108);
	CHECK(!gdb_address_parse(path, &a));
	path[10 + 107] = 0;
	CHECK(gdb_address_parse(path, &a));
}

TAP_MAIN(CASE(packet_with_its_checksum_is_taken),
	CASE(wrong_checksum_is_damage_and_the_next_packet_is_taken),
	CASE(packet_that_begins_inside_another_counts),
	CASE(acks_and_interrupts_stand_between_packets),
	CASE(longest_packet_and_not_one_byte_more),
	CASE(answer_has_its_checksum), CASE(answer_that_is_too_long_is_cut),
	CASE(numbers_have_no_leading_zeros),
	CASE(numbers_are_read_up_to_64_bits), CASE(half_a_byte_is_none),
	CASE(escapes_are_undone), CASE(addresses_are_sockets_or_ports),
	CASE(other_addresses_are_refused))
