/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/gdb/packet.h"

#include <string.h>

#define INTERRUPT 0x03
#define ESCAPE '}'
#define ESCAPE_XOR 0x20
#define NUMBER_DIGITS_MAX 16

int gdb_hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* Reading. ----------------------------------------------------------------- */

static enum gdb_input take_outside(struct gdb_reader *r, char byte)
{
	switch (byte) {
	case '$':
		r->state = GDB_READER_DATA;
		r->sum = 0;
		r->size = 0;
		r->damaged = false;
		return GDB_INPUT_MORE;
	case '+':
		return GDB_INPUT_ACK;
	case '-':
		return GDB_INPUT_NAK;
	case INTERRUPT:
		return GDB_INPUT_INTERRUPT;
	default:
		return GDB_INPUT_MORE; /* noise */
	}
}

static void take_data(struct gdb_reader *r, char byte)
{
	if (byte == '#') {
		r->state = GDB_READER_SUM_HIGH;
		return;
	}
	if (byte == '$') { /* the end of the last one was lost */
		r->sum = 0;
		r->size = 0;
		r->damaged = false;
		return;
	}
	r->sum = (uint8_t)(r->sum + (uint8_t)byte);
	if (r->size < GDB_PACKET_MAX)
		r->data[r->size++] = byte;
	else
		r->damaged = true;
}

/* What is no digit is a wrong one. */
static uint8_t sum_digit(struct gdb_reader *r, char byte)
{
	int digit = gdb_hex_digit(byte);

	if (digit < 0)
		r->damaged = true;
	return (uint8_t)(digit & 15);
}

enum gdb_input gdb_reader_take(struct gdb_reader *r, char byte)
{
	switch (r->state) {
	case GDB_READER_OUTSIDE:
		return take_outside(r, byte);
	case GDB_READER_DATA:
		take_data(r, byte);
		return GDB_INPUT_MORE;
	case GDB_READER_SUM_HIGH:
		r->wanted = (uint8_t)(sum_digit(r, byte) << 4);
		r->state = GDB_READER_SUM_LOW;
		return GDB_INPUT_MORE;
	case GDB_READER_SUM_LOW:
		break;
	}
	r->wanted |= sum_digit(r, byte);
	r->state = GDB_READER_OUTSIDE;
	r->data[r->size] = 0;
	return r->damaged || r->sum != r->wanted ? GDB_INPUT_DAMAGED
						 : GDB_INPUT_PACKET;
}

bool gdb_parse_number(const char **at, uint64_t *number)
{
	const char *p = *at;
	uint64_t n = 0;

	while (gdb_hex_digit(*p) >= 0 && p - *at <= NUMBER_DIGITS_MAX)
		n = n << 4 | (unsigned)gdb_hex_digit(*p++);
	if (p == *at || p - *at > NUMBER_DIGITS_MAX)
		return false;
	*number = n;
	*at = p;
	return true;
}

bool gdb_parse_hex(const char *text, void *bytes, size_t size)
{
	uint8_t *to = bytes;

	for (size_t i = 0; i < size; i++) {
		int high = gdb_hex_digit(text[2 * i]);
		int low = high < 0 ? -1 : gdb_hex_digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

size_t gdb_unescape(char *data, size_t size)
{
	size_t to = 0;

	for (size_t from = 0; from < size; from++) {
		char byte = data[from];

		if (byte == ESCAPE && from + 1 < size)
			byte = (char)(data[++from] ^ ESCAPE_XOR);
		data[to++] = byte;
	}
	return to;
}

/* Writing. ----------------------------------------------------------------- */

void gdb_writer_begin(struct gdb_writer *w)
{
	w->data[0] = '$';
	w->size = 1;
	w->full = false;
}

static void put(struct gdb_writer *w, char byte)
{
	if (w->size < 1 + GDB_PACKET_MAX)
		w->data[w->size++] = byte;
	else
		w->full = true;
}

void gdb_writer_text(struct gdb_writer *w, const char *text)
{
	while (*text)
		put(w, *text++);
}

static void put_digit(struct gdb_writer *w, unsigned digit)
{
	put(w, "0123456789abcdef"[digit & 15]);
}

void gdb_writer_hex(struct gdb_writer *w, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < size; i++) {
		put_digit(w, from[i] >> 4);
		put_digit(w, from[i]);
	}
}

void gdb_writer_number(struct gdb_writer *w, uint64_t number)
{
	unsigned shift = 60;

	while (shift && !(number >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		put_digit(w, (unsigned)(number >> shift));
		if (!shift)
			return;
	}
}

void gdb_writer_end(struct gdb_writer *w)
{
	uint8_t sum = 0;

	for (size_t i = 1; i < w->size; i++)
		sum = (uint8_t)(sum + (uint8_t)w->data[i]);
	w->data[w->size++] = '#';
	w->data[w->size++] = "0123456789abcdef"[sum >> 4];
	w->data[w->size++] = "0123456789abcdef"[sum & 15];
}
