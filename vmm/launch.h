/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Getting a launch record: from a configuration directory, by way of the
 * unprivileged process hyperhurd-config, or from a file.
 *
 * Owner: vmm.  The record's layout: vmm/abi/launch.h.  Whoever wrote it is not
 * trusted; what is in a struct launch has been checked.
 */
#ifndef VMM_LAUNCH_H
#define VMM_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vmm/abi/launch.h"

#define LAUNCH_NODISCARD __attribute__((warn_unused_result))

#define LAUNCH_SIZE_MAX                                             \
	(sizeof(struct launch_header) +                             \
		LAUNCH_DOMAINS_MAX * sizeof(struct launch_domain) + \
		LAUNCH_MODULES_MAX * sizeof(struct launch_module) + \
		LAUNCH_DISKS_MAX * sizeof(struct launch_disk) +     \
		LAUNCH_NETS_MAX * sizeof(struct launch_net) +       \
		LAUNCH_PORTALS_MAX * sizeof(struct launch_portal) + \
		LAUNCH_STRINGS_MAX)

#define LAUNCH_RAM_ALIGN UINT64_C(0x200000)
#define LAUNCH_RAM_MIN UINT64_C(0x400000)
#define LAUNCH_RAM_MAX UINT64_C(0xc0000000) /* below the devices */
#define LAUNCH_PERIOD_MIN_US 1000u
#define LAUNCH_PERIOD_MAX_US 60000000u
#define LAUNCH_SLICE_MIN_US 100u
#define LAUNCH_CPUS_MAX 64u
#define LAUNCH_SLACK_MAX 100u
#define LAUNCH_DOMAIN_NETS_MAX 4u
#define LAUNCH_RATE_MAX (UINT64_C(1) << 40)  /* a second */
#define LAUNCH_BURST_MAX (UINT64_C(1) << 44) /* bytes or requests */
#define LAUNCH_PATH_MAX 4096u		     /* bytes, NUL included */
#define LAUNCH_CMDLINE_MAX 2048u
#define LAUNCH_SERIAL_MAX 20u /* virtio-blk: "device ID string" */

/*
 * A checked launch record.  The arrays point into the record.
 *
 * A domain with period_us != 0 and slice_us == 0 has a period (its releases are
 * logged and notified) but no reservation.
 */
struct launch {
	uint32_t nr_domains;
	uint32_t nr_modules;
	uint32_t nr_disks;
	uint32_t nr_nets;
	uint32_t nr_portals;
	uint32_t strings_size;
	uint32_t host_slice_us; /* the host's reservation on each CPU */
	uint32_t host_period_us;
	const struct launch_domain *domain;
	const struct launch_module *module;
	const struct launch_disk *disk;
	const struct launch_net *net;
	const struct launch_portal *portal;
	const char *strings;
	void *record; /* owned */
};

/** launch_string - the string at @offset, "" for offset 0. */
static inline const char *launch_string(
	const struct launch *launch, uint32_t offset)
{
	return launch->strings + offset;
}

/**
 * launch_check - check a record and make it usable.
 * @launch: filled in; valid as long as @record is; @launch->record stays NULL
 * @record: 8-byte aligned
 * @size:   bytes at @record
 * @why:    on error: what is wrong with the record, a constant string
 *
 * Returns 0, or -EINVAL; then @launch is all zero.
 */
LAUNCH_NODISCARD int launch_check(struct launch *launch, const void *record,
	size_t size, const char **why);

/**
 * launch_read - read a record from a file or pipe to its end, and check it.
 * @why: on -EINVAL: what is wrong with it; otherwise NULL
 *
 * Returns 0, -EINVAL, -EFBIG (longer than a record can be), -ENOMEM, or the
 * error of read(2).  On success the caller owns @launch: launch_free().
 */
LAUNCH_NODISCARD int launch_read(
	struct launch *launch, int fd, const char **why);

/** launch_free - free the record; @launch may be all zero. */
void launch_free(struct launch *launch);

/* Which system to read, and how. */
struct launch_source {
	const char *dir;  /* directory of XML files */
	const char *root; /* what /hyperhurd stands for; NULL: launch_root() */
	const char *only; /* names with commas between, NULL: all */
	bool unreserved;  /* take away the reservations, keep the periods */
	bool read_only;	  /* files of the system are not checked for writing */
};

/* A configuration reader under way. */
struct launch_reader {
	pid_t pid;
	int fd;
};

/**
 * launch_start - start reading a configuration in an unprivileged process.
 *
 * The reader is a new process without privileges, with nothing open but the
 * pipe and standard error, where it writes what is wrong with the files.  The
 * caller can do other things until launch_finish().
 *
 * Returns 0, or the error of pipe2(2) or fork(2) as -errno.
 */
LAUNCH_NODISCARD int launch_start(
	struct launch_reader *reader, const struct launch_source *source);

/**
 * launch_finish - wait for the reader and take its record.
 * @why: set on -EPROTO: what is wrong with the record; otherwise NULL
 *
 * Returns 0; -EINVAL if the configuration is wrong (the reader has said where
 * and why); -ENOEXEC if there is no hyperhurd-config; -EPROTO if the record is
 * wrong; -ECHILD if the reader died; or as launch_read().
 */
LAUNCH_NODISCARD int launch_finish(
	struct launch_reader *reader, struct launch *launch, const char **why);

/**
 * launch_root - the directory that /hyperhurd stands for.
 * @buf: PATH_MAX bytes
 *
 * HYPERHURD_ROOT, or the directory that holds the running binary.
 * Returns @buf, or NULL if it cannot be found out.
 */
const char *launch_root(char *buf);

#endif
