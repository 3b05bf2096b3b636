# SPDX-License-Identifier: GPL-2.0-or-later
#
# What bench-vmm launches: a tiny guest, and the smallest VMM there can be.
#

$B/tests/launch/tiny $B/tests/launch/tiny-wait: %: %.o tests/launch/tiny.ld
	@echo "  LD      $@"
	$(Q)$(LD) -nostdlib -z noexecstack -T tests/launch/tiny.ld $< -o $@

$B/tests/launch/floor: $B/tests/launch/floor.o
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS-tests) $^ $(if $(filter release,$(CONFIG)),-static) \
		-o $@

all: $(addprefix $B/tests/launch/,tiny tiny-wait floor)
