/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts: where a system can run.  `kvm` is this machine; `svm` and `ept` are
 * the appliances, emulated machines with a KVM that works everywhere
 * (tools/appliance/run).
 */
#ifndef VMM_HOST_H
#define VMM_HOST_H

#include <stdbool.h>

#include "vmm/launch.h"

enum host { HOST_KVM, HOST_SVM, HOST_EPT, NR_HOSTS };

#define HOST_NODISCARD __attribute__((warn_unused_result))

/** host_name - "kvm", "svm" or "ept". */
const char *host_name(enum host host);

/** host_parse - the host of that name; -EINVAL if there is none. */
HOST_NODISCARD int host_parse(const char *name, enum host *host);

/**
 * host_select - which host commands use: what the environment variable HOST
 * says, else the first usable one.
 *
 * Whether kvm is usable is found out by the probe guest, once a boot.  An
 * appliance counts as usable if the programs that it needs are installed.
 * Needs: no other thread in this process.
 *
 * Returns 0; -EINVAL if HOST names no host; -ENODEV if none is usable.
 */
HOST_NODISCARD int host_select(enum host *host);

/**
 * host_label - the host that figures taken in this process come from: inside
 * an appliance its name, else "kvm".
 */
const char *host_label(void);

/** host_counts_instructions - true under the deterministic clock of svm. */
bool host_counts_instructions(void);

/* A command to run on another host. */
struct host_job {
	char **argv; /* the command and its arguments, NULL at the end */
	const struct launch *launch; /* its files come along, its CPUs are
				      * there; or NULL */
	const char *const *output;   /* files it writes, NULL at the end; or
				      * NULL */
	unsigned limit_s; /* wall time; 0: ten minutes, ept twenty, and more for
			   * run_s */
	unsigned run_s;	  /* how long it is to run by its own clock */
};

/**
 * host_reexec - run a command of this binary inside an appliance.
 * @host: HOST_SVM or HOST_EPT
 *
 * Says so on standard error unless HOST is set.  An argument that names a file
 * or folder takes it along; the output files come back.  Replaces this
 * process: its exit status is the command's, or one of tools/appliance/run.
 *
 * Returns only on failure: -ENOENT if this binary is not in its source tree,
 * -E2BIG for too many arguments, or the error of execv(2).
 */
HOST_NODISCARD int host_reexec(enum host host, const struct host_job *job);

/**
 * host_enter - be where the command can run.
 *
 * If the host to use is this machine, or this is inside an appliance already,
 * does nothing.  Else as host_reexec().
 *
 * Returns 0 to go on here; on failure, having said what is wrong, -errno.
 */
HOST_NODISCARD int host_enter(const struct host_job *job);

/**
 * host_top - the source tree that this binary was built in.
 * @buf: PATH_MAX bytes
 *
 * Returns @buf, or NULL if there is no tools/appliance/run two folders up.
 */
const char *host_top(char *buf);

#endif
