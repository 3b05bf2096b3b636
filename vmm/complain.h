/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines for the person who runs a system: "hyperhurd: ..." on standard error.
 */
#ifndef VMM_COMPLAIN_H
#define VMM_COMPLAIN_H

/**
 * complain - print one line; the newline is added.
 *
 * If nobody reads standard error, the line is lost after a while, and a later
 * one is preceded by how many were.  For the main thread only, without the
 * system's lock.
 */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

#endif
