# SPDX-License-Identifier: GPL-2.0-or-later
#
# What can be run, and how it is run: see tests/README.md.
#
lint-tests   := $(wildcard tests/lint/*.test)
system-tests := $(wildcard tests/harness/*.test tests/model/*.test \
	tests/system/*.test)
unit-src     := $(wildcard tests/unit/*_test.c)
unit-tests   := $(unit-src:%.c=$B/%)

# A unit test says in its head what is linked with it:
#	/* link: vmm/elf.c virtio/virtq.c -lxml2 */
# Everything is compiled for the host, guest kernel sources too.
define unit-test
$B/$(1:.c=): $B/host/$(1:.c=.o) $(patsubst %.c,$B/host/%.o,$(filter %.c,$2))
	@echo "  LD      $$@"; mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS-tests) $$^ $(filter-out %.c,$2) -o $$@
endef
unit-links = $(shell sed -n 's|^/\* link: \(.*\) \*/$$|\1|p' $1)
$(foreach src,$(unit-src),$(eval $(call unit-test,$(src),$(call unit-links,$(src)))))

$B/host/%.o: %.c
	@mkdir -p $(@D); echo "  CC      $@"
	$(Q)$(CC) $(CFLAGS) $(CFLAGS-tests) -isystem /usr/include/libxml2 \
		-c $< -o $@

unit: $(unit-tests)

# The tests' own targets run under whatever CONFIG; units always under ASan.
debug-units := $(unit-src:%.c=build/debug/%)

check:
	$(Q)tools/setup build test
	$(Q)$(MAKE) --no-print-directory CONFIG=debug unit
	$(Q)tests/harness/run $(lint-tests) $(debug-units)

test: all linux-image
	$(Q)tools/setup build test svm ept report
	$(Q)$(MAKE) --no-print-directory CONFIG=debug unit
	$(Q)tests/harness/run $(lint-tests) $(debug-units) $(system-tests)

.PHONY: unit check test
