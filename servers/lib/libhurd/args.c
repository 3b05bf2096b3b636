/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments of a program.
 */
#include "servers/lib/libhurd/args.h"

#include "servers/lib/libc/string.h"

static size_t word_length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0' && s[n] != ' ')
		n++;
	return n;
}

/*
 * The rest of the first word that begins with @name and goes on with @end, or
 * NULL.  Its length goes to *@len.
 */
static const char *args_find(
	const char *args, const char *name, char end, size_t *len)
{
	size_t name_len = strlen(name);

	while (*args != '\0') {
		size_t n = word_length(args);
		char next = n > name_len ? args[name_len] : ' ';

		if (n >= name_len && strncmp(args, name, name_len) == 0 &&
			next == end) {
			*len = n - name_len;
			return args + name_len;
		}
		args += n;
		while (*args == ' ')
			args++;
	}
	return NULL;
}

bool args_text(const char *args, const char *name, char *value, size_t size)
{
	size_t len;
	const char *at = args_find(args, name, '=', &len);

	value[0] = '\0';
	if (at == NULL)
		return false;

	string_copy(value, at + 1, len < size ? len : size);
	return true;
}

uint64_t args_number(const char *args, const char *name, uint64_t otherwise)
{
	size_t len;
	const char *at = args_find(args, name, '=', &len);
	uint64_t value = 0;

	if (at == NULL || len < 2)
		return otherwise;
	for (size_t i = 1; i < len; i++) {
		if (at[i] < '0' || at[i] > '9')
			return otherwise;
		value = value * 10 + (uint64_t)(at[i] - '0');
	}
	return value;
}

bool args_flag(const char *args, const char *name)
{
	size_t len;

	return args_find(args, name, ' ', &len) != NULL;
}
