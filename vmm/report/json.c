/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing JSON.  Every value goes through begin(), which knows what may stand
 * where.
 */
#include "vmm/report/json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define REPLACEMENT "\\ufffd"

static void fail(struct json *json, int error)
{
	if (!json->error)
		json->error = error;
}

static void indent(struct json *json)
{
	putc('\n', json->out);
	for (unsigned i = 0; i < json->depth; i++)
		putc('\t', json->out);
}

/*
 * Bytes of the well-formed sequence at @text, 0 if it is none.
 * Source: RFC 3629, "UTF-8, a transformation format of ISO 10646", "Syntax of
 * UTF-8 Byte Sequences".
 */
static unsigned utf8_length(const unsigned char *text)
{
	unsigned length = text[0] < 0x80		      ? 1
			  : text[0] >= 0xc2 && text[0] < 0xe0 ? 2
			  : text[0] >= 0xe0 && text[0] < 0xf0 ? 3
			  : text[0] >= 0xf0 && text[0] < 0xf5 ? 4
							      : 0;

	for (unsigned i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if (text[0] == 0xe0 && text[1] < 0xa0)
		return 0; /* longer than needed */
	if (text[0] == 0xed && text[1] >= 0xa0)
		return 0; /* a surrogate */
	if (text[0] == 0xf0 && text[1] < 0x90)
		return 0;
	if (text[0] == 0xf4 && text[1] >= 0x90)
		return 0; /* beyond U+10FFFF */
	return length;
}

static void quote(struct json *json, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	putc('"', json->out);
	while (*c) {
		unsigned length = utf8_length(c);

		if (!length)
			fputs(REPLACEMENT, json->out);
		else if (*c == '"' || *c == '\\')
			fprintf(json->out, "\\%c", *c);
		else if (*c < 0x20 || *c == 0x7f)
			fprintf(json->out, "\\u%04x", *c);
		else
			fwrite(c, 1, length, json->out);
		c += length ? length : 1;
	}
	putc('"', json->out);
}

/* Comma, key; false if no value may stand here. */
static bool begin(struct json *json, const char *key)
{
	bool in_object = json->depth && json->kind[json->depth - 1] == '{';

	if (json->error)
		return false;
	if ((in_object && !key) || (!in_object && key) ||
		(!json->depth && json->done)) {
		fail(json, -EPROTO);
		return false;
	}
	json->done = true;
	if (!json->depth)
		return true;
	if (json->filled[json->depth - 1])
		putc(',', json->out);
	json->filled[json->depth - 1] = true;
	indent(json);
	if (key) {
		quote(json, key);
		fputs(": ", json->out);
	}
	return true;
}

static void open_nested(struct json *json, const char *key, char kind)
{
	if (json->depth == JSON_DEPTH_MAX)
		fail(json, -EPROTO);
	if (!begin(json, key))
		return;
	putc(kind, json->out);
	json->kind[json->depth] = kind;
	json->filled[json->depth] = false;
	json->depth++;
}

void json_open(struct json *json, FILE *out)
{
	memset(json, 0, sizeof(*json));
	json->out = out;
}

int json_close(struct json *json)
{
	if (json->depth || !json->done)
		fail(json, -EPROTO);
	putc('\n', json->out);
	errno = 0;
	if (fflush(json->out) != 0 || ferror(json->out))
		fail(json, errno ? -errno : -EIO);
	return json->error;
}

void json_begin_object(struct json *json, const char *key)
{
	open_nested(json, key, '{');
}

void json_begin_array(struct json *json, const char *key)
{
	open_nested(json, key, '[');
}

void json_end(struct json *json)
{
	if (!json->depth)
		fail(json, -EPROTO);
	if (json->error)
		return;

	unsigned inner = --json->depth;

	if (json->filled[inner])
		indent(json);
	putc(json->kind[inner] == '{' ? '}' : ']', json->out);
}

void json_put_string(struct json *json, const char *key, const char *text)
{
	if (begin(json, key))
		quote(json, text);
}

void json_put_bool(struct json *json, const char *key, bool value)
{
	if (begin(json, key))
		fputs(value ? "true" : "false", json->out);
}

void json_put_json(struct json *json, const char *key, const char *text)
{
	if (begin(json, key))
		fputs(text, json->out);
}

void json_put_u64(struct json *json, const char *key, uint64_t value)
{
	if (begin(json, key))
		fprintf(json->out, "%" PRIu64, value);
}

void json_put_thousandths(struct json *json, const char *key, uint64_t value)
{
	if (begin(json, key))
		fprintf(json->out, "%" PRIu64 ".%03" PRIu64, value / 1000,
			value % 1000);
}
