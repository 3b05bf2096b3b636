# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each file with a main() is a program; the others are what programs share.
workload-shared := disk release report work
workload-programs := $(filter-out $(workload-shared), \
	$(basename $(notdir $(wildcard servers/workload/*.c))))
workload-lib := $B/servers/workload/libworkload.a

$(foreach p,$(workload-programs),$(eval $(call task-program,servers/workload/$p)))

$(workload-programs:%=$B/servers/workload/%): $(workload-lib)

$(workload-lib): $(workload-shared:%=$B/servers/workload/%.o) \
	$B/servers/lib/libvirtio/blk.o $B/servers/lib/libvirtio/mmio.o
	@echo "  AR      $@"
	$(Q)rm -f $@.new; ar rcs $@.new $^ && mv $@.new $@
