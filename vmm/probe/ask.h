/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking one host: its packages, its /dev/kvm, the probe guest on it.
 */
#ifndef VMM_PROBE_ASK_H
#define VMM_PROBE_ASK_H

#include <stdbool.h>

#include "vmm/host.h"
#include "vmm/probe/vm.h"

#define ANSWER_TEXT_MAX 512

enum ask_cache { ASK_CACHED, ASK_ANEW };

struct answer {
	bool usable;
	bool checked; /* the probe guest ran: @result is meaningful */
	struct probe_result result;
	char why_not[ANSWER_TEXT_MAX]; /* one line; "" if usable */
	char advice[ANSWER_TEXT_MAX];  /* what to do; "" if nothing is known */
};

/**
 * ask_host - find out whether @host is usable.
 *
 * An appliance is started for it (svm ten seconds, ept half a minute) unless
 * an answer of the same packages is kept.
 */
void ask_host(enum host host, enum ask_cache cache, struct answer *answer);

#endif
