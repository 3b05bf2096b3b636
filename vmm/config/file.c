/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that a configuration names.
 *
 * The VMM opens them later, with its own rights, and finds out for sure; this
 * is where a person learns of a mistake, and in which line it is.
 */
#include "vmm/config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SECTOR 512

void file_set(struct config_system *system, struct place place,
	struct config_file *file, uint32_t name)
{
	const char *text = config_string(system, name);
	const size_t prefix = strlen(FILE_PREFIX);
	char path[PATH_MAX];

	*file = (struct config_file){0};
	if (text[0] != '/') {
		diag_add(&system->diag, place,
			"file name '%s' is not absolute; write the whole name, "
			"or " FILE_PREFIX "... for a file of the installation",
			text);
		return;
	}
	file->name = name;
	file->path = name;
	file->line = place.line;
	if (strncmp(text, FILE_PREFIX, prefix) != 0)
		return;

	int length = snprintf(
		path, sizeof(path), "%s/%s", system->root, text + prefix);

	if (length >= (int)sizeof(path))
		diag_add(&system->diag, place,
			"file name '%.40s...' is too long", text);
	else
		file->path = config_keep(system, place, path);
}

/* "kernel '/hyperhurd/x' (build/release/x)" for messages. */
static const char *describe(const struct config_system *system,
	const struct config_file *file, const char *what, char *buf)
{
	const char *name = config_string(system, file->name);
	const char *path = config_string(system, file->path);

	if (strcmp(name, path) != 0)
		snprintf(buf, DIAG_TEXT_MAX, "%s '%.150s' (%.150s)", what, name,
			path);
	else
		snprintf(buf, DIAG_TEXT_MAX, "%s '%.300s'", what, name);
	return buf;
}

/* What to do about a file that is not there. */
static const char *remedy(const char *name)
{
	static const char linux_files[] = FILE_PREFIX "linux/";

	if (!strncmp(name, linux_files, sizeof(linux_files) - 1))
		return "\"make linux-image\" makes what can be there";
	return "write the name of a file, or make this one";
}

/* Open for reading; -1 after saying why not. */
static int open_file(struct config_system *system, struct place place,
	const struct config_file *file, const char *text)
{
	const char *path = config_string(system, file->path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		diag_add(&system->diag, place, "%s is not there; %s", text,
			remedy(config_string(system, file->name)));
	else if (fd < 0)
		diag_add(&system->diag, place,
			"%s cannot be read: %s; make it readable", text,
			strerror(errno));
	else if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		diag_add(&system->diag, place,
			"%s is not a regular file; write the name of one",
			text);
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Does @magic stand at @offset? */
static bool has_magic(int fd, off_t offset, const char *magic, size_t size)
{
	char head[8];

	if (pread(fd, head, size, offset) != (ssize_t)size)
		return 0;
	return !memcmp(head, magic, size);
}

static bool is_elf(int fd)
{
	return has_magic(fd, 0, "\177ELF\2", 5);
}

/* Source: Linux, "The Linux/x86 Boot Protocol", "The Real-Mode Kernel Header". */
static bool is_bzimage(int fd)
{
	return has_magic(fd, 0x202, "HdrS", 4);
}

static void check_program(struct config_system *system,
	const struct config_domain *domain, const struct config_file *file,
	const char *what)
{
	struct place place = {domain->file, file->line};
	char text[DIAG_TEXT_MAX];

	if (!file->path)
		return;

	int fd = open_file(
		system, place, file, describe(system, file, what, text));

	if (fd < 0)
		return;
	if (!is_elf(fd))
		diag_add(&system->diag, place,
			"%s is not a 64-bit ELF file; name a program", text);
	close(fd);
}

static void check_linux_kernel(
	struct config_system *system, const struct config_domain *domain)
{
	const struct config_file *file = &domain->kernel;
	struct place place = {domain->file, file->line};
	char text[DIAG_TEXT_MAX];

	if (!file->path)
		return;

	int fd = open_file(
		system, place, file, describe(system, file, "kernel", text));

	if (fd < 0)
		return;
	if (!is_elf(fd) && !is_bzimage(fd))
		diag_add(&system->diag, place,
			"%s is not a Linux kernel; name a bzImage or a vmlinux",
			text);
	close(fd);
}

static void check_initrd(
	struct config_system *system, const struct config_domain *domain)
{
	const struct config_file *file = &domain->initrd;
	struct place place = {domain->file, file->line};
	char text[DIAG_TEXT_MAX];

	if (!file->path)
		return;

	int fd = open_file(
		system, place, file, describe(system, file, "initrd", text));

	if (fd >= 0)
		close(fd);
}

/*
 * Root may write anything; an image without any write permission is taken as
 * one that its owner wants to keep, whoever runs the system.
 */
static bool is_writable(
	const struct config_system *system, int fd, const char *path)
{
	struct statvfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || !(st.st_mode & 0222))
		return 0;
	if (fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY))
		return 0;
	return system->privileged ||
	       faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

/* Who checks may not read it; the VMM opens it. */
static void check_block_device(struct config_system *system,
	const struct config_domain *domain, const struct config_file *file)
{
	struct place place = {domain->file, file->line};
	const char *path = config_string(system, file->path);
	char text[DIAG_TEXT_MAX];
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISBLK(st.st_mode))
		diag_add(&system->diag, place,
			"%s is not a block device; write the name of one, or "
			"<disk type='file'> for an image",
			describe(system, file, "disk", text));
}

static void check_disk(struct config_system *system,
	const struct config_domain *domain, const struct config_disk *disk)
{
	const struct config_file *file = &disk->file;
	struct place place = {domain->file, file->line};
	char text[DIAG_TEXT_MAX];
	struct stat st;

	if (!file->path)
		return;
	if (disk->device) {
		check_block_device(system, domain, file);
		return;
	}

	int fd = open_file(system, place, file,
		describe(system, file, "disk image", text));

	if (fd < 0)
		return;
	if (!disk->read_only &&
		!is_writable(system, fd, config_string(system, file->path)))
		diag_add(&system->diag, place,
			"%s may not be written; write <readonly/>, or make it "
			"writable",
			text);
	if (fstat(fd, &st) == 0 && (!st.st_size || st.st_size % SECTOR))
		diag_add(&system->diag, place,
			"%s has %lld bytes; a raw image has a multiple of %d",
			text, (long long)st.st_size, SECTOR);
	close(fd);
}

void file_check_domain(
	struct config_system *system, const struct config_domain *domain)
{
	if (domain->kind == LAUNCH_KIND_L4)
		check_program(system, domain, &domain->kernel, "guest kernel");
	else
		check_linux_kernel(system, domain);
	check_initrd(system, domain);
	for (unsigned i = 0; i < domain->nr_modules; i++)
		check_program(system, domain, &domain->module[i].file,
			i == 0	 ? "sigma0"
			: i == 1 ? "root task"
				 : "module");
	for (unsigned i = 0; i < domain->nr_disks; i++)
		check_disk(system, domain, &domain->disk[i]);
}

/* One disk of the system among all, for comparing each with each. */
struct disk_at {
	const struct config_domain *domain;
	const struct config_disk *disk;
	dev_t dev;
	ino_t ino;
};

static void compare_disks(struct config_system *system,
	const struct disk_at *first, const struct disk_at *second)
{
	if (first->dev != second->dev || first->ino != second->ino)
		return;
	if (first->disk->read_only && second->disk->read_only)
		return;
	diag_add(&system->diag,
		(struct place){second->domain->file, second->disk->file.line},
		"disk image '%.150s' also belongs to domain %s (%.100s:%d) and "
		"is written; name another image, or write <readonly/> for both",
		config_string(system, second->disk->file.name),
		config_string(system, first->domain->name), first->domain->file,
		first->disk->file.line);
}

void file_check_sharing(struct config_system *system)
{
	struct disk_at at[LAUNCH_DISKS_MAX];
	unsigned nr = 0;

	for (unsigned i = 0; i < system->nr_domains; i++) {
		const struct config_domain *domain = &system->domain[i];

		for (unsigned j = 0; j < domain->nr_disks; j++) {
			const struct config_disk *disk = &domain->disk[j];
			struct stat st;

			if (!domain->selected || nr == LAUNCH_DISKS_MAX ||
				stat(config_string(system, disk->file.path),
					&st) < 0)
				continue;
			at[nr] = (struct disk_at){
				domain, disk, st.st_dev, st.st_ino};
			for (unsigned k = 0; k < nr; k++)
				compare_disks(system, &at[k], &at[nr]);
			nr++;
		}
	}
}
