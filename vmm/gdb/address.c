/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/gdb/address.h"

#include <stdlib.h>
#include <string.h>

#define UNIX "unix:"
#define PORT_DIGITS_MAX 5

static bool copy(char *to, size_t size, const char *from, size_t length)
{
	if (!length || length >= size)
		return false;
	memcpy(to, from, length);
	to[length] = 0;
	return true;
}

static bool parse_port(const char *text, uint16_t *port)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long n;

	if (!digits || digits > PORT_DIGITS_MAX || text[digits])
		return false;
	n = strtoul(text, NULL, 10);
	*port = (uint16_t)n;
	return n && n <= UINT16_MAX;
}

bool gdb_address_parse(const char *text, struct gdb_address *address)
{
	const char *at = strchr(text, '=');

	memset(address, 0, sizeof(*address));
	if (!at || !copy(address->domain, sizeof(address->domain), text,
			   (size_t)(at - text)))
		return false;
	at++;
	if (*at == ':')
		return parse_port(at + 1, &address->port);
	if (strncmp(at, UNIX, sizeof(UNIX) - 1) != 0)
		return false;
	at += sizeof(UNIX) - 1;
	return copy(address->path, sizeof(address->path), at, strlen(at));
}
