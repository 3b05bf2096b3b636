# SPDX-License-Identifier: GPL-2.0-or-later
# User networking: a process beside the VMM, as it needs a library.
$B/hyperhurd-net: $(addprefix $B/vmm/,usernet/main.o confine.o)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS-vmm) $^ -lslirp -o $@

all: $B/hyperhurd-net
