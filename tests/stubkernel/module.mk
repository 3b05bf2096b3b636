# SPDX-License-Identifier: GPL-2.0-or-later
# Built like the guest kernel, at its physical address.
CFLAGS-tests/stubkernel := $(GUEST) -mno-red-zone -mgeneral-regs-only
$B/tests/stubkernel/%.o: CFLAGS-tests = $(CFLAGS-tests/stubkernel)

$B/tests/stubkernel/stub: $B/tests/stubkernel/start.o $B/tests/stubkernel/stub.o \
		tests/stubkernel/stub.ld
	@echo "  LD      $@"
	$(Q)$(LD) -nostdlib --no-warn-rwx-segments -z max-page-size=4096 -T tests/stubkernel/stub.ld \
		$(filter %.o,$^) -o $@

all: $B/tests/stubkernel/stub
