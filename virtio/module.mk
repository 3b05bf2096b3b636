# SPDX-License-Identifier: GPL-2.0-or-later
# Device models and rings; linked into the VMM, unit tests and fuzzers.
virtio-objs := $(patsubst %.c,$B/%.o,$(wildcard virtio/*.c))

all: $(virtio-objs)
