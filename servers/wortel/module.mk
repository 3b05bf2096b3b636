# SPDX-License-Identifier: GPL-2.0-or-later
#
wortel-objs := main.o elf.o frame.o task.o interrupt.o pager.o crash.o service.o

$B/servers/wortel/wortel: $(wortel-objs:%=$B/servers/wortel/%) \
		$(servers-crt0) $(servers-lib-root) $(servers-lib) $(servers-ld)
	$(call link-program,$(LINK_ROOT))

all: $B/servers/wortel/wortel
