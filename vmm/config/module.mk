# SPDX-License-Identifier: GPL-2.0-or-later
# The configuration reader: the one program that links an XML library.
config-objs := $(addprefix $B/vmm/config/,arena.o check.o device.o diag.o domain.o \
	file.o interface.o limit.o main.o metadata.o model.o record.o reservation.o system.o value.o xml.o) \
	$B/vmm/admission.o

$B/vmm/config/%.o: CFLAGS-vmm += -isystem /usr/include/libxml2

$B/hyperhurd-config: $(config-objs)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS-vmm) $^ -lxml2 -o $@

all: $B/hyperhurd-config
