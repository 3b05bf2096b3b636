/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A system as it was read: one struct config_domain a file, and the strings.
 *
 * Owner: vmm/config.  Texts are offsets into the string area, which becomes
 * that of the launch record; places say where the user wrote a thing.
 */
#ifndef VMM_CONFIG_MODEL_H
#define VMM_CONFIG_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/abi/boot.h"
#include "vmm/abi/launch.h"
#include "vmm/config/diag.h"

#define CONFIG_MODULES_MAX BOOT_MODULES_MAX
#define CONFIG_DISKS_MAX BOOT_DEVICES_MAX
#define CONFIG_NETS_MAX 4
#define CONFIG_PORTALS_MAX BOOT_PORTALS_MAX

struct config_strings {
	uint32_t size;
	char text[LAUNCH_STRINGS_MAX];
};

/* A file that the domain names. */
struct config_file {
	uint32_t name; /* as written; 0: none */
	uint32_t path; /* where it is */
	int line;
};

struct config_module {
	struct config_file file;
	uint32_t name;
	uint32_t args;
};

struct config_disk {
	struct config_file file;
	uint32_t serial;
	bool read_only;
	bool device; /* a block device, not a file */
	bool direct; /* past the host's page cache */
	struct launch_limit limit[LAUNCH_LIMITS];
};

struct config_net {
	struct launch_net net;
	int line;
};

struct config_portal {
	uint32_t name;
	uint32_t server; /* name of a domain */
	uint32_t rights; /* PORTAL_* */
	int line;
};

struct config_serve {
	uint32_t name;
	bool ring; /* calls='ring' or 'ring-threads' */
	int line;
};

struct config_reservation {
	uint32_t slice_us;
	uint32_t period_us;
	uint32_t deadline_us;
	uint32_t slack;
	int line; /* 0: none was given */
};

struct config_domain {
	const char *file; /* as the user knows it */
	bool selected;	  /* takes part in the run */
	uint32_t name;
	int name_line;
	uint32_t kind;
	uint64_t ram_bytes;
	uint32_t cpu;
	struct config_file kernel;
	struct config_file initrd;
	uint32_t cmdline;
	uint32_t on_crash; /* LAUNCH_CRASH_* */
	uint32_t flags;	   /* LAUNCH_* */
	uint32_t if_limit_us;
	uint64_t frames_guaranteed; /* L4: beyond ram_bytes */
	uint64_t frames_extra;	    /* Linux: of ram_bytes */
	int current_line;	    /* <currentMemory>, or 0 */
	uint32_t share; /* of what is not guaranteed, for the policy server */
	uint32_t runs;
	int runs_line; /* 0: nobody said it */
	struct config_reservation reservation;
	/* sigma0, root task, then the programs in the file's order. */
	struct config_module module[CONFIG_MODULES_MAX];
	unsigned nr_modules;
	struct config_disk disk[CONFIG_DISKS_MAX];
	unsigned nr_disks;
	struct config_net net[CONFIG_NETS_MAX];
	unsigned nr_nets;
	struct config_portal portal[CONFIG_PORTALS_MAX];
	unsigned nr_portals;
	struct config_serve serve[CONFIG_PORTALS_MAX];
	unsigned nr_serves;
};

struct config_system {
	struct diag diag;
	struct config_strings strings;
	const char *root; /* what /hyperhurd stands for */
	bool privileged;  /* the VMM will run as root */
	bool incomplete;  /* a file is missing here: names may be, too */
	uint32_t host_slice_us;
	uint32_t host_period_us;
	struct place host_place; /* .file NULL: nobody said it */
	unsigned nr_domains;
	struct config_domain domain[LAUNCH_DOMAINS_MAX];
};

/** config_string - the text at @offset; "" for 0. */
static inline const char *config_string(
	const struct config_system *system, uint32_t offset)
{
	return system->strings.text + offset;
}

/**
 * config_keep - put a text into the string area.
 * @place: blamed if the area is full
 *
 * Returns its offset; 0 for the empty text, and after an error.
 */
uint32_t config_keep(
	struct config_system *system, struct place place, const char *text);

/**
 * config_names - "a, b, c": the selected domains, for messages.
 * @buf: @size bytes; cut if they do not fit
 */
const char *config_names(
	const struct config_system *system, char *buf, unsigned size);

#endif
