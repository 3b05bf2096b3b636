# SPDX-License-Identifier: GPL-2.0-or-later
#
# `make help` lists what can be made.
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
	-fno-asynchronous-unwind-tables -fcf-protection=none
# A loop that fills memory stays one: memset itself is such a loop.
GUEST += $(if $(findstring clang,$(CC)),-fno-builtin,-fno-tree-loop-distribute-patterns)
CFLAGS-vmm         := -D_GNU_SOURCE $(HOST-$(CONFIG))
CFLAGS-virtio      := $(CFLAGS-vmm)
CFLAGS-tests       := $(CFLAGS-vmm)
CFLAGS-guestkernel := $(GUEST) -mno-red-zone -mgeneral-regs-only -mcmodel=kernel
CFLAGS-servers     := $(GUEST) -mno-red-zone
CFLAGS-tests/guest := $(CFLAGS-servers)
folder              = $(firstword $(subst /, ,$1))
flags               = $(CFLAGS) $(if $(filter tests/guest/%,$1),$(CFLAGS-tests/guest),$(CFLAGS-$(call folder,$1)))

# What is needed to build is installed before anything is.
ifneq ($(filter-out appliance-full clean help,$(or $(MAKECMDGOALS),all)),)
$(if $(shell tools/setup build >&2 || echo failed),$(error tools/setup failed))
endif

all:

# Each folder lists what it builds in module.mk; the rules are here, once.
# That of the libraries comes first: it says how a program is linked.
modules := $(sort $(wildcard */module.mk) $(wildcard */*/module.mk))
include servers/lib/module.mk $(filter-out servers/lib/module.mk,$(modules))

$B/%.o: %.c
	@mkdir -p $(@D); echo "  CC      $@"
	$(Q)$(CC) $(call flags,$<) -c $< -o $@

$B/%.o: %.S
	@mkdir -p $(@D); echo "  AS      $@"
	$(Q)$(CC) $(call flags,$<) -c $< -o $@

# The host to use, its packages installed.  HOST and ICOUNT reach the commands
# through the environment.
host = HOST=$$(B=$B tools/host) && export HOST

run: all linux-image
	$(Q)$(host) && set -x && $B/hyperhurd run configs/demo && \
		$B/hyperhurd crosstalk --json build/run/report.json

# The pairs that configs/crosstalk/pairs names; all of them.
crosstalk: all linux-image
	$(Q)tools/setup report
	$(Q)set -x && $B/hyperhurd crosstalk \
		--pairs configs/crosstalk/pairs -o build/crosstalk

# The same report, and what Linux and libvirt make of some of its pairs.
crosstalk-baselines: all linux-image
	$(Q)tools/setup report
	$(Q)set -x && $B/hyperhurd crosstalk --pairs configs/crosstalk/pairs \
		--pairs configs/crosstalk/baselines -o build/crosstalk

# An appliance with libvirt in it: tools/appliance/run --full.
appliance-full:
	$(Q)tools/setup svm
	$(Q)tools/appliance/full

crosstalk-full: all linux-image
	$(Q)tools/setup report
	$(Q)set -x && $B/hyperhurd crosstalk --unreserved \
		-o build/crosstalk-full

.PHONY: appliance-full crosstalk crosstalk-baselines crosstalk-full

bench-ipc: all
	$(Q)$(if $(TRACE),tools/setup trace && export HOST=svm && )$(host) && \
		set -x && $B/hyperhurd $@ --json build/bench/ipc.json \
		$(if $(TRACE),&& tests/bench/trace build/bench/ipc.json)

bench-mem: all
	$(Q)$(host) && set -x && $B/hyperhurd $@ --json build/bench/mem.json && \
		tests/bench/beside-linux build/bench/mem.json

# PISTACHIO=DIR: where somebody built it.  Both run in QEMU, whatever HOST says.
bench-peers: all
	$(Q)export HOST=svm && $(host) && set -x && \
		tests/bench/peers "$(PISTACHIO)" build/bench/peers.json

# On this machine's /dev/kvm if that runs a tiny guest, unless HOST is set.
bench-vmm: all
	$(Q)tools/setup bench
	$(Q)$B/hyperhurd $@ --json build/bench/vmm.json

define help
make                      build into build/<config>/
make linux-image          the Linux domain's files: kernel, disks
make run                  three domains, then the crosstalk table
make test                 everything that can be tested here
make check                what every commit passes: style and unit tests
make fuzz-kernel          random calls at a kernel that checks its books;
                          CALLS=10000000 SEED=1
make fuzz-control         kernels that ask the VMM for anything; SEED=1
                          SECONDS=60, of the guests' time
make crosstalk            build/crosstalk/: 20 pairs, a report to look at
make crosstalk-baselines  the same, beside processes, cgroups and libvirt
make crosstalk-full       build/crosstalk-full/: all pairs; goes on where it was
make appliance-full       an appliance with libvirt in it
make bench-ipc            build/bench/ipc.json: IPC, in instructions
make bench-ipc TRACE=1    in svm; also list the instructions of short messages
make bench-mem            build/bench/mem.json: memory, in instructions, beside
                          Linux and QEMU
make bench-peers PISTACHIO=DIR
                          build/bench/peers.json: pingpong on our kernel and on
                          a Pistachio that you built
make bench-vmm            build/bench/vmm.json: launching, beside other VMMs
make size                 the guest kernel's code and constants, by source file
make clean

HOST=kvm|svm|ept          where it runs; default: the first usable
ICOUNT=0                  svm: no instruction clock
CONFIG=release|debug      debug: with address and undefined behaviour sanitizer
CC=gcc|clang  V=1         the compiler; show the commands
JOBS=N                    tests at a time
endef

help:
	$(info $(help))
	@:

clean:
	$(Q)rm -rf build

-include $(shell find $B -name '*.d' 2>/dev/null)
.PHONY: all bench-ipc bench-mem bench-peers bench-vmm clean help run
