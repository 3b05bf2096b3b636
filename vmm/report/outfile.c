/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that a command writes because it was asked to.
 */
#include "vmm/report/outfile.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* Errors show when the file itself is opened. */
static void make_folders(const char *file)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s", file) >= (int)sizeof(path))
		return;
	for (char *slash = strchr(path + 1, '/'); slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0777);
		*slash = '/';
	}
}

FILE *outfile_create(const char *file)
{
	FILE *out;

	make_folders(file);
	out = fopen(file, "we");
	if (!out)
		fprintf(stderr, "hyperhurd: %s: %s\n", file, strerror(errno));
	return out;
}

int outfile_close(FILE *out, const char *file, int err)
{
	errno = 0;
	if (fclose(out) != 0 && !err)
		err = errno ? -errno : -EIO;
	if (err)
		fprintf(stderr, "hyperhurd: %s: %s\n", file, strerror(-err));
	return err;
}
