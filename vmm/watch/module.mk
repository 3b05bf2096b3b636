# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that watch a running system through its control socket.  They need
# libraries, and so are not in the VMM's binary.
watch-objs := $(addprefix $B/vmm/,control/choose.o control/client.o \
	control/dir.o config/value.o report/sample.o)

$B/hyperhurd-top: $(addprefix $B/vmm/watch/,top.o screen.o rate.o) $(watch-objs)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS-vmm) $^ -lncursesw -ltinfo -o $@

$B/hyperhurd-metrics: $(addprefix $B/vmm/,watch/metrics.o watch/text.o bindto.o) $(watch-objs)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS-vmm) $^ -lmicrohttpd -o $@

all: $B/hyperhurd-top $B/hyperhurd-metrics
