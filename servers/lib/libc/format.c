/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Formatted text into a buffer.
 */
#include "servers/lib/libc/format.h"

#include <stdbool.h>
#include <stdint.h>

#define DIGITS_MAX 20 /* of 2^64 - 1 in decimal */

struct output {
	char *buf;
	size_t size;
	size_t used;
};

/* One conversion: what stands between the % and its letter. */
struct spec {
	bool zero; /* pad with zeros */
	bool left; /* pad on the right */
	bool wide; /* the argument is a long */
	size_t width;
};

static void put(struct output *out, char c)
{
	if (out->used + 1 < out->size)
		out->buf[out->used++] = c;
}

static void put_padded(struct output *out, const struct spec *spec,
	const char *text, size_t len)
{
	size_t pad = len < spec->width ? spec->width - len : 0;

	/* A sign stands before the zeros. */
	if (spec->zero && !spec->left && len > 0 && text[0] == '-') {
		put(out, *text++);
		len--;
	}
	for (; pad > 0 && !spec->left; pad--)
		put(out, spec->zero ? '0' : ' ');
	for (size_t i = 0; i < len; i++)
		put(out, text[i]);
	for (; pad > 0; pad--)
		put(out, ' ');
}

static void put_number(struct output *out, const struct spec *spec,
	uint64_t value, unsigned base, bool negative)
{
	char digits[DIGITS_MAX + 1];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	if (negative)
		digits[--at] = '-';
	put_padded(out, spec, digits + at, sizeof(digits) - at);
}

static const char *parse_spec(const char *fmt, struct spec *spec)
{
	*spec = (struct spec){0};
	for (;; fmt++) {
		if (*fmt == '0')
			spec->zero = true;
		else if (*fmt == '-')
			spec->left = true;
		else
			break;
	}
	for (; *fmt >= '0' && *fmt <= '9'; fmt++)
		spec->width = spec->width * 10 + (size_t)(*fmt - '0');
	for (; *fmt == 'l'; fmt++)
		spec->wide = true;
	return fmt;
}

static void put_string(struct output *out, struct spec *spec, const char *text)
{
	size_t len = 0;

	while (text[len] != '\0')
		len++;
	spec->zero = false;
	put_padded(out, spec, text, len);
}

static void put_signed(struct output *out, const struct spec *spec, int64_t v)
{
	uint64_t magnitude = v < 0 ? -(uint64_t)v : (uint64_t)v;

	put_number(out, spec, magnitude, 10, v < 0);
}

size_t format_va(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct output out = {buf, size, 0};
	struct spec spec;

	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			put(&out, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &spec);
		if (*fmt == '\0')
			break;
		switch (*fmt) {
		case 's':
			put_string(&out, &spec, va_arg(ap, const char *));
			break;
		case 'c':
			put(&out, (char)va_arg(ap, int));
			break;
		case 'd':
			put_signed(&out, &spec,
				spec.wide ? va_arg(ap, long) : va_arg(ap, int));
			break;
		case 'u':
		case 'x':
			put_number(&out, &spec,
				spec.wide ? va_arg(ap, unsigned long)
					  : va_arg(ap, unsigned),
				*fmt == 'x' ? 16 : 10, false);
			break;
		default:
			put(&out, *fmt);
		}
	}
	buf[out.used] = '\0';
	return out.used;
}

size_t format(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	size_t n = format_va(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
