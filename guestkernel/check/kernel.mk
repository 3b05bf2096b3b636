# SPDX-License-Identifier: GPL-2.0-or-later
#
# The checking kernel: some files have their check in place of themselves, and
# three entries pass through check/main.c.  Not compiled as a whole, so that
# the linker still sees those calls.
check-books := ready timeout mapdb pool frames caller portal space thread
check-books := $(check-books:%=$B/guestkernel/%.o) $B/guestkernel/x86/ptab.o
check-objs  := $(filter-out $(check-books),$(guestkernel-objs)) \
	$(patsubst %.c,$B/%.o,$(wildcard guestkernel/check/*.c))
check-objs  := $(check-objs:$B/%=$B/check/%)
CFLAGS-check = $(CFLAGS) $(GUEST) -O1 -mno-red-zone -mgeneral-regs-only \
	-mcmodel=kernel

$B/check/%.o: %.c
	@mkdir -p $(@D); echo "  CC      $@"
	$(Q)$(CC) $(CFLAGS-check) -c $< -o $@

$B/check/%.o: %.S
	@mkdir -p $(@D); echo "  AS      $@"
	$(Q)$(CC) $(CFLAGS-check) -c $< -o $@

$B/check/guestkernel/guestkernel: $(check-objs) guestkernel/kernel.ld
	@mkdir -p $(@D); echo "  LD      $@"
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 \
		-z noexecstack --no-warn-rwx-segments \
		--wrap=syscall_dispatch --wrap=sys_thread_switch \
		--wrap=trap_user \
		-T guestkernel/kernel.ld $(check-objs) -o $@

all: $B/check/guestkernel/guestkernel
