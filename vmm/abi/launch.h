/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The launch record: a system, flat, as the configuration reader hands it to
 * the VMM through a pipe.
 *
 * Owner: vmm.  Writer: hyperhurd-config, an unprivileged process, so the VMM
 * checks every field (vmm/launch.c) and trusts none.
 *
 *   +--------------------+
 *   | launch_header      |
 *   | launch_domain[]    |  nr_domains
 *   | launch_module[]    |  nr_modules; a domain names a run of them
 *   | launch_disk[]      |  nr_disks; likewise
 *   | launch_net[]       |  nr_nets; likewise
 *   | launch_portal[]    |  nr_portals
 *   | strings            |  NUL terminated; offset 0 is the empty string
 *   +--------------------+
 *
 * Strings are offsets into the string area.  File names are absolute.
 */
#ifndef VMM_ABI_LAUNCH_H
#define VMM_ABI_LAUNCH_H

#include <stddef.h>
#include <stdint.h>

#define LAUNCH_ABI_VERSION 5
#define LAUNCH_MAGIC UINT64_C(0x68636e75616c6868) /* "hhlaunch" */

#define LAUNCH_DOMAINS_MAX 64
#define LAUNCH_MODULES_MAX 256
#define LAUNCH_DISKS_MAX 64
#define LAUNCH_NETS_MAX 64
#define LAUNCH_PORTALS_MAX 256
#define LAUNCH_STRINGS_MAX 65536 /* bytes */

struct launch_header {
	uint64_t magic;
	uint32_t version;
	uint32_t size; /* of the whole record, bytes */
	uint32_t nr_domains;
	uint32_t nr_modules;
	uint32_t nr_disks;
	uint32_t nr_portals;
	uint32_t strings_size;
	uint32_t host_slice_us; /* the host's own reservation, per CPU */
	uint32_t host_period_us;
	uint32_t nr_nets;
};

_Static_assert(sizeof(struct launch_header) == 48, "launch ABI 5");

#define LAUNCH_KIND_L4 1u
#define LAUNCH_KIND_LINUX 2u
#define LAUNCH_KIND_UEFI 3u

/* What happens when the domain crashes (libvirt: <on_crash>). */
#define LAUNCH_CRASH_DESTROY 0u
#define LAUNCH_CRASH_RESTART 1u

#define LAUNCH_CONSOLE_SERIAL 1u /* flags: ns16550 at COM1 */
#define LAUNCH_CONSOLE_VIRTIO 2u
#define LAUNCH_RNG 4u
#define LAUNCH_ESSENTIAL 8u  /* the run ends with the last of these */
#define LAUNCH_BALLOON 16u   /* not for L4 domains */
#define LAUNCH_REPORTING 32u /* the balloon: free pages as well */
#define LAUNCH_CONTROL 64u   /* L4: it may decide about others' memory */
#define LAUNCH_THREAD 128u   /* a host thread of its own runs it */

struct launch_domain {
	uint32_t name;
	uint32_t kind;	    /* LAUNCH_KIND_* */
	uint64_t ram_bytes; /* multiple of 2 MiB */
	uint32_t kernel;    /* file */
	uint32_t initrd;    /* file or 0 */
	uint32_t cmdline;   /* text or 0 */
	uint32_t cpu;	    /* executor, from 0 */
	uint32_t slice_us;  /* 0: no reservation, slack only */
	uint32_t period_us;
	uint32_t deadline_us; /* slice <= deadline <= period */
	uint32_t slack;	      /* share of slack, 0: none, default 1 */
	uint32_t first_module;
	uint32_t nr_modules; /* L4: sigma0, root task, others */
	uint32_t first_disk;
	uint32_t nr_disks;
	uint32_t on_crash;    /* LAUNCH_CRASH_* */
	uint32_t flags;	      /* LAUNCH_* */
	uint32_t if_limit_us; /* IF = 0 for longer is a fault; 0: default */
	uint32_t runs;	      /* host mappings guaranteed for windows */
	/* L4: beyond ram_bytes, for containers.  Linux: extra ones are of ram_bytes,
	 * and come back by its balloon. */
	uint64_t frames_guaranteed;
	uint64_t
		frames_extra; /* may be had while nobody's guarantee needs it */
	uint32_t share; /* for the policy server, of what is not guaranteed */
	uint32_t first_net;
	uint32_t nr_nets; /* not for L4 domains */
	uint32_t reserved_0;
};

_Static_assert(sizeof(struct launch_domain) == 112, "launch ABI 5");

/* Where nobody says otherwise. */
#define LAUNCH_FRAMES_GUARANTEED 4096
#define LAUNCH_RUNS 4096
#define LAUNCH_SHARE 1
#define LAUNCH_SHARE_MAX 1000
#define LAUNCH_RUNS_MAX 60000 /* in all: a process on Linux may have 65 530 */

struct launch_module {
	uint32_t file;
	uint32_t name;
	uint32_t args;
	uint32_t reserved_0;
};

_Static_assert(sizeof(struct launch_module) == 16, "launch ABI 5");

/* A token bucket (virtio/limit.h); rate 0: no limit. */
struct launch_rate {
	uint64_t rate;	/* a second */
	uint64_t burst; /* at once, 1 or more */
};

_Static_assert(sizeof(struct launch_rate) == 16, "launch ABI 5");

/* Both hold: the rate on the whole, and the one within a burst. */
struct launch_limit {
	struct launch_rate mean;
	struct launch_rate peak;
};

_Static_assert(sizeof(struct launch_limit) == 32, "launch ABI 5");

/* What of a disk is limited (libvirt: <iotune>). */
#define LAUNCH_LIMIT_BYTES 0u
#define LAUNCH_LIMIT_BYTES_READ 1u
#define LAUNCH_LIMIT_BYTES_WRITTEN 2u
#define LAUNCH_LIMIT_REQUESTS 3u /* reads and writes */
#define LAUNCH_LIMIT_READS 4u
#define LAUNCH_LIMIT_WRITES 5u
#define LAUNCH_LIMITS 6u

struct launch_disk {
	uint32_t file;
	uint32_t serial; /* virtio-blk id string or 0 */
	uint32_t read_only;
	uint32_t direct; /* 1: past the host's page cache, if the store can */
	struct launch_limit limit[LAUNCH_LIMITS];
};

_Static_assert(sizeof(struct launch_disk) == 208, "launch ABI 5");

#define LAUNCH_NET_USER 1u /* hyperhurd-net */
#define LAUNCH_NET_TAP 2u

#define LAUNCH_FORWARDS_MAX 8
#define LAUNCH_TAP_MAX 15 /* characters of an interface's name */

/* A port of the host that leads to one of the guest. */
struct launch_forward {
	uint32_t address; /* IPv4 of the host, host byte order; 0: any */
	uint16_t host_port;
	uint16_t guest_port;
	uint32_t udp; /* 0: TCP, 1: UDP */
};

_Static_assert(sizeof(struct launch_forward) == 12, "launch ABI 5");

struct launch_net {
	uint32_t kind; /* LAUNCH_NET_* */
	uint32_t tap;  /* LAUNCH_NET_TAP: text, else 0 */
	uint8_t mac[6];
	uint16_t reserved_0;
	uint32_t nr_forwards; /* LAUNCH_NET_USER, else 0 */
	uint32_t reserved_1;
	struct launch_limit inbound; /* bytes to the domain */
	struct launch_limit outbound;
	struct launch_forward forward[LAUNCH_FORWARDS_MAX];
};

_Static_assert(sizeof(struct launch_net) == 184, "launch ABI 5");

#define LAUNCH_PORTAL_RING 1u /* its calls lend the server no CPU time */

/* Records of the same name and server are one portal, with the first flags. */
struct launch_portal {
	uint32_t name;
	uint32_t server; /* index of a domain */
	uint32_t client; /* index of a domain */
	uint32_t rights; /* PORTAL_* of vmmcall.h */
	uint32_t flags;	 /* LAUNCH_PORTAL_* */
	uint32_t reserved_0;
};

_Static_assert(sizeof(struct launch_portal) == 24, "launch ABI 5");

#endif
