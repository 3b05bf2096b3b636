/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs of their own, because they need libraries that the VMM's static
 * binary has no use for.  They stand beside it.
 */
#ifndef VMM_BESIDE_H
#define VMM_BESIDE_H

#include <limits.h>

#define BESIDE_PATH_MAX (PATH_MAX + NAME_MAX)

/**
 * beside_program - where program @name is.
 * @buf: BESIDE_PATH_MAX bytes
 *
 * Returns @buf.
 */
const char *beside_program(const char *name, char *buf);

/** top_main - becomes hyperhurd-top; returns 1 if that is not there. */
int top_main(int argc, char **argv);

/** metrics_main - becomes hyperhurd-metrics; likewise. */
int metrics_main(int argc, char **argv);

#endif
