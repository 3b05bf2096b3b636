/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values as people write them.  Decimal digits only: no sign, no exponent, no
 * locale.
 */
#include "vmm/config/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "vmm/abi/boot.h"

#define HOUR_US UINT64_C(3600000000)
#define TIB (UINT64_C(1) << 40)

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit time_units[] = {
	{"us", 1},
	{"ms", 1000},
	{"s", 1000000},
	{NULL, 0},
};

static const struct unit size_units[] = {
	{"KiB", UINT64_C(1) << 10},
	{"MiB", UINT64_C(1) << 20},
	{"GiB", UINT64_C(1) << 30},
	{NULL, 0},
};

/* Source: libvirt, "Domain XML format", "Memory Allocation". */
static const struct unit libvirt_units[] = {
	{"b", 1},
	{"bytes", 1},
	{"KB", 1000},
	{"k", UINT64_C(1) << 10},
	{"KiB", UINT64_C(1) << 10},
	{"MB", 1000000},
	{"M", UINT64_C(1) << 20},
	{"MiB", UINT64_C(1) << 20},
	{"GB", 1000000000},
	{"G", UINT64_C(1) << 30},
	{"GiB", UINT64_C(1) << 30},
	{NULL, 0},
};

/* 0: there is no such unit. */
static uint64_t unit_factor(const struct unit *units, const char *name)
{
	for (; units->name; units++)
		if (!strcmp(units->name, name))
			return units->factor;
	return 0;
}

/* Digits at *@text, which moves behind them; at most TIB, above: -ERANGE. */
static int digits(const char **text, uint64_t *number)
{
	uint64_t value = 0;
	const char *c = *text;

	if (*c < '0' || *c > '9')
		return -EINVAL;
	for (; *c >= '0' && *c <= '9'; c++) {
		value = value * 10 + (uint64_t)(*c - '0');
		if (value > TIB)
			return -ERANGE;
	}
	*text = c;
	*number = value;
	return 0;
}

/* Digits behind a point at *@text, as a number of millionths. */
static int millionths(const char **text, uint64_t *number)
{
	uint64_t scale = 1000000;
	uint64_t value = 0;
	const char *c = *text;

	if (*c < '0' || *c > '9')
		return -EINVAL;
	for (; *c >= '0' && *c <= '9'; c++) {
		if (scale == 1 && *c != '0')
			return -EINVAL;
		if (scale > 1)
			scale /= 10;
		value += (uint64_t)(*c - '0') * scale;
	}
	*text = c;
	*number = value;
	return 0;
}

int value_time(const char *text, uint32_t *us)
{
	uint64_t whole;
	uint64_t part = 0;
	int err = digits(&text, &whole);

	if (err)
		return err;
	if (*text == '.') {
		text++;
		err = millionths(&text, &part);
		if (err)
			return err;
	}

	uint64_t factor = unit_factor(time_units, text);

	if (!factor || part * factor % 1000000)
		return -EINVAL;
	if (whole > HOUR_US / factor)
		return -ERANGE;
	whole = whole * factor + part * factor / 1000000;
	if (whole > HOUR_US)
		return -ERANGE;
	*us = (uint32_t)whole;
	return 0;
}

int value_size(const char *text, uint64_t *bytes)
{
	uint64_t number;
	int err = digits(&text, &number);

	if (err)
		return err;

	uint64_t factor = unit_factor(size_units, text);

	if (!factor)
		return -EINVAL;
	if (number >= TIB / factor)
		return -ERANGE;
	*bytes = number * factor;
	return 0;
}

int value_memory(const char *number, const char *unit, uint64_t *bytes)
{
	uint64_t value;
	uint64_t factor = unit_factor(libvirt_units, unit ? unit : "KiB");
	int err = digits(&number, &value);

	if (err)
		return err;
	if (!factor || *number)
		return -EINVAL;
	if (value >= TIB / factor)
		return -ERANGE;
	*bytes = value * factor;
	return 0;
}

int value_count(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t value;
	int err = digits(&text, &value);

	if (err)
		return err;
	if (*text)
		return -EINVAL;
	if (value > max)
		return -ERANGE;
	*number = value;
	return 0;
}

int value_number(const char *text, uint32_t max, uint32_t *number)
{
	uint64_t value;
	int err = value_count(text, max, &value);

	if (!err)
		*number = (uint32_t)value;
	return err;
}

bool value_is_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t length = strlen(text);

	return length > 0 && length < BOOT_NAME_MAX &&
	       strspn(text, letters) == length;
}

const char *value_time_text(uint64_t us, char *buf)
{
	if (us < 1000) {
		snprintf(buf, VALUE_TIME_TEXT, "%" PRIu64 "us", us);
		return buf;
	}

	int length = snprintf(buf, VALUE_TIME_TEXT, "%" PRIu64 ".%03" PRIu64,
		us / 1000, us % 1000);

	/* The point, at the latest, ends this. */
	while (buf[length - 1] == '0')
		length--;
	if (buf[length - 1] == '.')
		length--;
	memcpy(buf + length, "ms", 3);
	return buf;
}
