# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call task-program,servers/deva/main))
$B/servers/deva/main: $(addprefix $B/servers/,deva/grant.o deva/frames.o \
	lib/libvirtio/blk.o lib/libvirtio/mmio.o)
