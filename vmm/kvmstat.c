/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/kvmstat.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NAME_MAX_BYTES 128u

/* Descriptors are as long as the header says, the name last. */
union descriptor {
	struct kvm_stats_desc desc;
	char bytes[sizeof(struct kvm_stats_desc) + NAME_MAX_BYTES];
};

static int find(struct kvm_stat *s, const char *name)
{
	struct kvm_stats_header header;
	union descriptor d = {0};

	if (pread(s->fd, &header, sizeof(header), 0) != sizeof(header) ||
		header.name_size >= NAME_MAX_BYTES)
		return -ENOENT;

	size_t size = sizeof(d.desc) + header.name_size;

	for (uint32_t i = 0; i < header.num_desc; i++) {
		off_t at = (off_t)(header.desc_offset + i * size);

		if (pread(s->fd, &d, size, at) != (ssize_t)size)
			return -ENOENT;
		if (strcmp(d.desc.name, name) != 0 || d.desc.size != 1)
			continue;
		s->at = (off_t)header.data_offset + d.desc.offset;
		return 0;
	}
	return -ENOENT;
}

int kvm_stat_open(struct kvm_stat *s, int vcpu_fd, const char *name)
{
	int err;

	s->fd = ioctl(vcpu_fd, KVM_GET_STATS_FD, NULL);
	if (s->fd < 0)
		return -errno;
	err = find(s, name);
	if (err)
		kvm_stat_close(s);
	return err;
}

uint64_t kvm_stat_read(const struct kvm_stat *s)
{
	uint64_t count;

	return pread(s->fd, &count, sizeof(count), s->at) == sizeof(count)
		       ? count
		       : 0;
}

void kvm_stat_close(struct kvm_stat *s)
{
	close(s->fd);
	s->fd = -1;
}
