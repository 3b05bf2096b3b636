# SPDX-License-Identifier: GPL-2.0-or-later
# Built like the guest kernel, at its physical address.
CFLAGS-tests/stubkernel := $(GUEST) -mno-red-zone -mgeneral-regs-only
$B/tests/stubkernel/%.o: CFLAGS-tests = $(CFLAGS-tests/stubkernel)

$B/tests/stubkernel/stub: $(patsubst %,$B/tests/stubkernel/%.o,start stub beat \
		crowd drive fuzz fuzz_words fuzz_memory touch) \
		tests/stubkernel/stub.ld
	@echo "  LD      $@"
	$(Q)$(LD) -nostdlib --no-warn-rwx-segments -z max-page-size=4096 -T tests/stubkernel/stub.ld \
		$(filter %.o,$^) -o $@

all: $B/tests/stubkernel/stub

# Two programs to be loaded, where small domains have RAM.
$B/tests/stubkernel/idle-sigma0: at := 0x300000
$B/tests/stubkernel/idle-root: at := 0x310000
$B/tests/stubkernel/idle-sigma0 $B/tests/stubkernel/idle-root: \
		$B/tests/stubkernel/idle.o
	@echo "  LD      $@"
	$(Q)$(LD) -nostdlib -static -Ttext-segment=$(at) $< -o $@

all: $B/tests/stubkernel/idle-sigma0 $B/tests/stubkernel/idle-root
