/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target for debuggers that is a few variables: behind vmm/gdb/target.h for
 * unit tests and the fuzzer.
 */
#ifndef TESTS_UNIT_GDBTARGET_H
#define TESTS_UNIT_GDBTARGET_H

#include "vmm/gdb/target.h"

#define GDBTARGET_MEMORY 4096 /* bytes, at GDBTARGET_BASE */
#define GDBTARGET_BASE UINT64_C(0xffffffff80000000)

struct gdb_target {
	struct gdb_stop stop;
	struct gdb_cpu cpu;
	uint8_t memory[GDBTARGET_MEMORY];
	struct gdb_thread thread[2];
	unsigned nr_threads;
	uint32_t chosen;
	int insert_error;
	unsigned inserted; /* how often */
	unsigned removed;
	enum gdb_break kind; /* of the last of both */
	uint64_t address;
	uint64_t size;
	unsigned resumed;
	unsigned stepped;
	unsigned interrupted;
	bool killed;
};

/** gdbtarget_init - stopped, as a domain is before it has run. */
void gdbtarget_init(struct gdb_target *t);

#endif
