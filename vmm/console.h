/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Consoles: what domains print, collected by one thread.
 *
 * An executor puts bytes into the bounded ring of its domain and goes on; the
 * console thread prints whole lines as "name| text".  A domain that prints
 * faster than the thread writes loses bytes, and a note counts them.
 */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio/backend.h" /* console_write() */

#define CONSOLES_MAX 128

/**
 * console_start - start the console thread.
 * @out_fd: where lines are printed; stays the caller's.
 *
 * Returns 0 or -errno.  To be called once, before any domain exists.
 */
NODISCARD int console_start(int out_fd);

/**
 * console_stop - print what is left in all rings and end the thread.
 */
void console_stop(void);

/**
 * console_open - a console for a domain.
 * @name:    prefix of its lines; copied
 * @wake_fd: eventfd that is written when input arrived, or -1
 *
 * Returns the console, or NULL (CONSOLES_MAX are open, or no memory).
 */
struct console *console_open(const char *name, int wake_fd);

/**
 * console_close - print what is left and free the console.
 *
 * Waits for the console thread: not for executors.
 */
void console_close(struct console *con);

/**
 * console_read - take input that a person typed; never blocks.
 *
 * Returns the number of bytes stored in @buf, at most @size.
 */
size_t console_read(struct console *con, void *buf, size_t size);

/** console_has_input - true if console_read() has something.  Cheap. */
bool console_has_input(const struct console *con);

/**
 * console_attach - connect a stream to the console, both ways; never blocks.
 * @con: the console
 * @fd:  a connected socket; owned by the console from now on, closed at end
 *       of file and when another one attaches
 *
 * Returns 0 or -errno; after an error @fd is still the caller's.
 */
NODISCARD int console_attach(struct console *con, int fd);

#endif
