# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make [CONFIG=release|debug] [CC=gcc|clang] [V=1]   build/<config>/...
#   make run                    set up, build, launch configs/demo on a host
#   make test                   everything that can be tested here
#   make check                  what every commit passes
#   HOST=kvm|svm|ept            where it runs; default: the first usable
#
CONFIG ?= release
CC     := $(if $(filter default,$(origin CC)),gcc,$(CC))
B      := build/$(CONFIG)$(if $(filter gcc,$(notdir $(CC))),,-$(notdir $(CC)))
Q      := $(if $(V),,@)

CFLAGS := -std=c11 -g -I. -MMD -MP -Wall -Wextra -Werror -Wconversion
CFLAGS += -Wshadow -Wvla -Wundef -Wstrict-prototypes -Wmissing-prototypes

# Flags follow the top-level folder: what runs on the host, what in the guest.
HOST-release := -O2
HOST-debug   := -Og -fsanitize=address,undefined -fno-sanitize-recover=all
GUEST              := -O2 -ffreestanding -fno-pic -fno-pie -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
	-fcf-protection=none
CFLAGS-vmm         := -D_GNU_SOURCE $(HOST-$(CONFIG))
CFLAGS-virtio      := $(CFLAGS-vmm)
CFLAGS-tests       := $(CFLAGS-vmm)
CFLAGS-guestkernel := $(GUEST) -mno-red-zone -mgeneral-regs-only -mcmodel=kernel
CFLAGS-servers     := $(GUEST) -mno-red-zone
CFLAGS-tests/guest := $(CFLAGS-servers)
folder              = $(firstword $(subst /, ,$1))
flags               = $(CFLAGS) $(if $(filter tests/guest/%,$1),$(CFLAGS-tests/guest),$(CFLAGS-$(call folder,$1)))

all:

# Each folder lists what it builds in module.mk; the rules are here, once.
include $(sort $(wildcard */module.mk) $(wildcard */*/module.mk))

$B/%.o: %.c
	@mkdir -p $(@D); echo "  CC      $@"
	$(Q)$(CC) $(call flags,$<) -c $< -o $@

$B/%.o: %.S
	@mkdir -p $(@D); echo "  AS      $@"
	$(Q)$(CC) $(call flags,$<) -c $< -o $@

clean:
	$(Q)rm -rf build

-include $(shell find $B -name '*.d' 2>/dev/null)
.PHONY: all clean
