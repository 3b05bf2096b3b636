# SPDX-License-Identifier: GPL-2.0-or-later
guestkernel-objs := x86/start.o x86/entry.o x86/stubs.o x86/gdt.o x86/idt.o \
	x86/trap.o x86/ptab.o x86/fpu.o main.o elf.o kip.o pool.o frames.o \
	space.o mapdb.o map.o thread.o control.o exregs.o schedule.o short.o ipc.o \
	transfer.o string.o fault.o interrupt.o remote.o caller.o portal.o sched.o \
	ready.o timeout.o clock.o syscall.o kdb.o panic.o memory.o
guestkernel-objs := $(guestkernel-objs:%=$B/guestkernel/%)

$B/guestkernel/guestkernel: $(guestkernel-objs) guestkernel/kernel.ld
	@echo "  LD      $@"
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 \
		-z noexecstack --no-warn-rwx-segments \
		-T guestkernel/kernel.ld $(guestkernel-objs) -o $@

all: $B/guestkernel/guestkernel

# Small is a goal, but the ways that every message takes are to be short.
CFLAGS-guestkernel += -Os
guestkernel-hot := short
$(guestkernel-hot:%=$B/guestkernel/%.o): CFLAGS-guestkernel += -O2

# Text and constants by object: small is a goal (20 KiB in all).
.PHONY: size
size: $(guestkernel-objs)
	@size -B $(guestkernel-objs) | awk 'NR > 1 && $$6 !~ /stubs/ { \
		sum += $$1; sub(".*/guestkernel/", "", $$6); \
		printf "%7d  %s\n", $$1, $$6 } \
		END { printf "%7d  .text + .rodata\n", sum }'
