/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets of the remote serial protocol: $data#checksum, and what stands
 * between them.
 *
 * Source: Debugging with GDB, "Remote Protocol", "Overview".
 */
#ifndef VMM_GDB_PACKET_H
#define VMM_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GDB_PACKET_MAX 4096 /* bytes of data in a packet, either way */

enum gdb_input {
	GDB_INPUT_MORE,	   /* nothing is complete yet */
	GDB_INPUT_PACKET,  /* data and size are a packet */
	GDB_INPUT_DAMAGED, /* a packet too long or with a wrong checksum */
	GDB_INPUT_ACK,
	GDB_INPUT_NAK,
	GDB_INPUT_INTERRUPT, /* Ctrl-C */
};

/* A packet being received.  Zero is the initial state. */
struct gdb_reader {
	enum gdb_reader_state {
		GDB_READER_OUTSIDE,
		GDB_READER_DATA,
		GDB_READER_SUM_HIGH,
		GDB_READER_SUM_LOW,
	} state;
	uint8_t sum;
	uint8_t wanted;
	bool damaged;
	size_t size;
	char data[GDB_PACKET_MAX + 1]; /* ends in a zero byte */
};

/* A packet being made: the frame is there from the beginning. */
struct gdb_writer {
	size_t size;
	bool full; /* something did not fit and was left out */
	char data[GDB_PACKET_MAX + 4];
};

/** gdb_reader_take - one byte from the debugger. */
enum gdb_input gdb_reader_take(struct gdb_reader *r, char byte);

/** gdb_writer_begin - an empty packet. */
void gdb_writer_begin(struct gdb_writer *w);

/** gdb_writer_text - append text, which needs no escapes. */
void gdb_writer_text(struct gdb_writer *w, const char *text);

/** gdb_writer_hex - append bytes as two digits each. */
void gdb_writer_hex(struct gdb_writer *w, const void *bytes, size_t size);

/** gdb_writer_number - append a number in hexadecimal, without zeros. */
void gdb_writer_number(struct gdb_writer *w, uint64_t number);

/** gdb_writer_end - append the checksum; data and size can be sent. */
void gdb_writer_end(struct gdb_writer *w);

/** gdb_hex_digit - the value of a digit, or -1. */
int gdb_hex_digit(char digit);

/**
 * gdb_parse_number - read a number in hexadecimal.
 * @at: IN and OUT, moved behind the number
 *
 * Returns false, and leaves @at, if there is no digit or more than 16.
 */
bool gdb_parse_number(const char **at, uint64_t *number);

/**
 * gdb_parse_hex - read @size bytes of two digits each.
 *
 * Returns false if there are fewer.
 */
bool gdb_parse_hex(const char *text, void *bytes, size_t size);

/**
 * gdb_unescape - undo the escapes of binary data, in place.
 *
 * Returns the size that is left.
 */
size_t gdb_unescape(char *data, size_t size);

#endif
