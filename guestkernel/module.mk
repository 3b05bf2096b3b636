# SPDX-License-Identifier: GPL-2.0-or-later
# start.o is first, for the VMM to see; it leaves the rest of a cache line
# nearly full, and the next is that of ipc.o.
guestkernel-objs := x86/start.o x86/ipc.o x86/entry.o x86/fault.o x86/stubs.o x86/gdt.o \
	x86/trap.o x86/ptab.o x86/fpu.o main.o pool.o frames.o \
	space.o mapdb.o map.o thread.o control.o exregs.o schedule.o short.o ipc.o \
	redirect.o transfer.o string.o fault.o foreign.o foreign_short.o interrupt.o notice.o remote.o remote_message.o remote_string.o caller.o portal.o set.o ring.o sched.o \
	ready.o timeout.o clock.o syscall.o kdb.o panic.o memory.o
guestkernel-objs := $(guestkernel-objs:%=$B/guestkernel/%)

# Small is a goal (20 KiB in all).  The compiler sees the kernel as a whole; the
# options that turn something off are those that made it larger.  memcpy and
# memset stay apart: calls of them appear only when all has been put together.
guestkernel-whole := $(if $(findstring clang,$(CC)),,-flto -flto-partition=one)
guestkernel-small := -Oz $(if $(guestkernel-whole),-fno-thread-jumps -fno-ipa-sra \
	-fno-if-conversion -fno-move-loop-invariants -fno-jump-tables \
	-fno-tree-dominator-opts -fno-forward-propagate -fno-early-inlining \
	-fno-shrink-wrap -fno-caller-saves -fno-tree-pta -fno-ssa-phiopt \
	-mno-sse -mpreferred-stack-boundary=3 -mincoming-stack-boundary=4)
CFLAGS-guestkernel += $(guestkernel-whole)
$(guestkernel-objs): CFLAGS-guestkernel += $(guestkernel-small)
# Where the opposite of one is smaller, or functions that are called once stay apart.
ifneq ($(guestkernel-whole),)
$(patsubst %,$B/guestkernel/%.o,exregs ipc kdb thread transfer x86/trap): CFLAGS-guestkernel += -fthread-jumps
$(patsubst %,$B/guestkernel/%.o,caller ipc remote_string thread): \
	CFLAGS-guestkernel += -fno-inline-functions-called-once
endif
$B/guestkernel/memory.o: CFLAGS-guestkernel += -fno-lto

guestkernel-link = $(CC) -g $(CFLAGS-guestkernel) -nostdlib -static \
	-Wl,-z,max-page-size=4096,-z,noexecstack,--build-id=none \
	-Wl,--no-warn-rwx-segments -T guestkernel/kernel.ld

$B/guestkernel/guestkernel: $(guestkernel-objs) guestkernel/kernel.ld
	@echo "  LD      $@"
	$(Q)$(guestkernel-link) $(guestkernel-objs) -o $@

all: $B/guestkernel/guestkernel

include guestkernel/check/kernel.mk

# What of the kernel is not zero at its start, by source file.
.PHONY: size
size: $B/guestkernel/guestkernel
	@guestkernel/size $<
