/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments of a program: words of the form name=value, separated by blanks.
 */
#ifndef SERVERS_LIB_LIBHURD_ARGS_H
#define SERVERS_LIB_LIBHURD_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * args_text - the value of @name.
 * @value: OUT, terminated, cut if longer than @size; empty if not given
 *
 * Returns whether it is given.
 */
bool args_text(const char *args, const char *name, char *value, size_t size);

/** args_number - the decimal value of @name, or @otherwise if none is given. */
uint64_t args_number(const char *args, const char *name, uint64_t otherwise);

/** args_flag - whether the word @name stands in @args, without a value. */
bool args_flag(const char *args, const char *name);

#endif
