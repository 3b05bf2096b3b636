/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/foreign.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/boot/elf.h"
#include "vmm/boot/file.h"

#define KERNEL "/guestkernel/guestkernel" /* in the installation */
#define MIB UINT64_C(0x100000)

#define HOST_SLICE_US 500u
#define HOST_PERIOD_US 10000u

/* One domain's record: what vmm/abi/launch.h says, with room for all. */
struct record {
	struct launch_header header;
	struct launch_domain domain;
	struct launch_module module[BOOT_MODULES_MAX];
	char strings[(BOOT_MODULES_MAX + 1) * (PATH_MAX + BOOT_NAME_MAX)];
};

bool foreign_wanted(const struct foreign *foreign)
{
	return foreign->sigma0 || foreign->kernel || foreign->nr_modules ||
	       foreign->memory_mib || foreign->name;
}

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "hyperhurd: %s: %s\n", what, why);
	return -EINVAL;
}

static uint32_t add_string(struct record *r, const char *text, size_t limit)
{
	uint32_t at = r->header.strings_size;
	size_t length = strnlen(text, limit - 1);

	memcpy(r->strings + at, text, length);
	r->strings[at + length] = '\0';
	r->header.strings_size += (uint32_t)length + 1;
	return at;
}

/* A file's absolute name; @program: it has to be one. */
static int add_file(
	struct record *r, uint32_t *at, const char *file, bool program)
{
	char path[PATH_MAX];
	struct boot_file f;
	bool good;
	int err;

	if (!realpath(file, path))
		return complain(file, strerror(errno));
	err = boot_file_map(&f, path);
	if (err)
		return complain(file,
			err == -EINVAL ? "not a regular file" : strerror(-err));
	good = !program || elf_is_program(f.data, f.size);
	boot_file_unmap(&f);
	if (!good)
		return complain(file, "no static x86-64 ELF executable");
	*at = add_string(r, path, sizeof(path));
	return 0;
}

static int add_module(struct record *r, const char *file, bool program)
{
	struct launch_module *m = &r->module[r->domain.nr_modules];
	const char *slash = strrchr(file, '/');
	int err = add_file(r, &m->file, file, program);

	if (err)
		return err;
	m->name = add_string(r, slash ? slash + 1 : file, BOOT_NAME_MAX);
	r->domain.nr_modules++;
	r->header.nr_modules++;
	return 0;
}

static int add_files(struct record *r, const struct foreign *foreign)
{
	char kernel[PATH_MAX + sizeof(KERNEL)];
	int err;

	if (!foreign->kernel && !launch_root(kernel))
		return complain(KERNEL, "cannot tell where this program is");
	if (!foreign->kernel)
		strcat(kernel, KERNEL);
	err = add_file(r, &r->domain.kernel,
		foreign->kernel ? foreign->kernel : kernel, true);
	if (!err)
		err = add_module(r, foreign->sigma0, true);
	if (!err)
		err = add_module(r, foreign->root, true);
	for (unsigned i = 0; i < foreign->nr_modules && !err; i++)
		err = add_module(r, foreign->module[i], false);
	return err;
}

/* The parts one after the other, as a record is; the caller frees it. */
static void *join(const struct record *r)
{
	size_t modules = r->header.nr_modules * sizeof(r->module[0]);
	char *record = malloc(r->header.size);
	char *at = record;

	if (!record)
		return NULL;
	at = mempcpy(at, &r->header, sizeof(r->header));
	at = mempcpy(at, &r->domain, sizeof(r->domain));
	at = mempcpy(at, r->module, modules);
	memcpy(at, r->strings, r->header.strings_size);
	return record;
}

static int check(struct launch *launch, struct record *r)
{
	const char *why;
	void *record;

	r->header.size =
		(uint32_t)(sizeof(r->header) + sizeof(r->domain) +
			   r->header.nr_modules * sizeof(r->module[0]) +
			   r->header.strings_size);
	record = join(r);
	if (!record)
		return -ENOMEM;
	if (launch_check(launch, record, r->header.size, &why)) {
		free(record);
		return complain("--sigma0", why);
	}
	launch->record = record;
	return 0;
}

int foreign_launch(struct launch *launch, const struct foreign *foreign)
{
	unsigned mib = foreign->memory_mib;
	struct record *r;
	int err;

	if (!foreign->sigma0 || !foreign->root)
		return complain(foreign->sigma0 ? "--root" : "--sigma0",
			"is needed too, with a file");
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->header = (struct launch_header){
		.magic = LAUNCH_MAGIC,
		.version = LAUNCH_ABI_VERSION,
		.nr_domains = 1,
		.strings_size = 1, /* the empty string */
		.host_slice_us = HOST_SLICE_US,
		.host_period_us = HOST_PERIOD_US,
	};
	r->domain = (struct launch_domain){
		.kind = LAUNCH_KIND_L4,
		.ram_bytes = (mib ? mib : FOREIGN_MEMORY_MIB) * MIB,
		.slack = 1,
		.frames_guaranteed = LAUNCH_FRAMES_GUARANTEED,
		.runs = LAUNCH_RUNS,
		.flags = LAUNCH_CONSOLE_SERIAL | LAUNCH_ESSENTIAL,
	};
	r->domain.name = add_string(
		r, foreign->name ? foreign->name : FOREIGN_NAME, BOOT_NAME_MAX);
	err = add_files(r, foreign);
	if (!err)
		err = check(launch, r);
	free(r);
	return err;
}
