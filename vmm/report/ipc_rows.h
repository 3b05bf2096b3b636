/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of the IPC bench: which program measures each, and what came out.
 *
 * Owner: vmm/report.  Programs record figures as NAME.WHAT (VMM_RECORD); one
 * program may measure several rows.
 */
#ifndef VMM_REPORT_IPC_ROWS_H
#define VMM_REPORT_IPC_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/report/sample.h"
#include "vmm/vcputhread.h"

#define IPC_ROW_WORDS_ANY (-1)

/* What is known of a row; their names are those of WHAT. */
enum ipc_figure {
	IPC_INSTRUCTIONS, /* each row has this one */
	IPC_KERNEL_INSTRUCTIONS,
	IPC_EXITS,
	IPC_SWITCHES,
	NR_IPC_FIGURES,
};

struct ipc_row {
	const char *name;
	int words;	    /* untyped, of the message, or IPC_ROW_WORDS_ANY */
	const char *figure; /* NAME in the program; NULL: as the row's */
	const char *system; /* below configs/bench */
	enum runner runner;
};

struct ipc_result {
	bool known[NR_IPC_FIGURES];
	uint64_t figure[NR_IPC_FIGURES];
};

extern const struct ipc_row ipc_rows[];
extern const unsigned nr_ipc_rows;

/** ipc_rows_share - two rows come from one run of one system. */
bool ipc_rows_share(const struct ipc_row *a, const struct ipc_row *b);

/** ipc_row_take - find the figures of @row among those recorded. */
void ipc_row_take(const struct ipc_row *row, const struct measurement *m,
	struct ipc_result *result);

/**
 * ipc_rows_print - a table of those results that are known.
 * @result: one for each row
 */
void ipc_rows_print(const struct ipc_result *result);

/**
 * ipc_rows_write - the same as JSON, see docs/reports.md.
 *
 * Returns 0, or an error that has been said on standard error.
 */
int ipc_rows_write(const char *file, const struct ipc_result *result);

#endif
