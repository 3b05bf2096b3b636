# SPDX-License-Identifier: GPL-2.0-or-later
# The VMM: one static binary, without an XML parser in it.
hyperhurd-src := $(wildcard vmm/*.c vmm/memory/*.c vmm/boot/*.c vmm/device/*.c \
	vmm/control/*.c vmm/gdb/*.c vmm/report/*.c vmm/trace/*.c vmm/probe/*.[cS] \
	virtio/*.c virtio/*/*.c \
	vmm/config/value.c)
hyperhurd-objs := $(patsubst %,$B/%.o,$(basename $(hyperhurd-src)))

$B/hyperhurd: $(hyperhurd-objs)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS-vmm) $^ $(if $(filter release,$(CONFIG)),-static) \
		-pthread -o $@

all: $B/hyperhurd
