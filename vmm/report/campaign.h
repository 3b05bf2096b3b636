/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Campaigns: `hyperhurd crosstalk -o DIR`, whose work is done by
 * tools/crosstalk/run with the help of `hyperhurd measure`.
 *
 * Owner: vmm/report.
 */
#ifndef VMM_REPORT_CAMPAIGN_H
#define VMM_REPORT_CAMPAIGN_H

#include <stdbool.h>

/** campaign_wanted - whether the arguments have the option -o, --output. */
bool campaign_wanted(int argc, char **argv);

/**
 * campaign_exec - become the program that runs campaigns.
 * @argv: of the command, its name first
 *
 * Returns only on failure, having said what is wrong: -ENOENT if this binary
 * is not in its source tree, or the error of execv(2).
 */
__attribute__((warn_unused_result)) int campaign_exec(char **argv);

#endif
