# SPDX-License-Identifier: GPL-2.0-or-later
#
sigma0-objs := main.o pool.o memory.o

$B/servers/sigma0/sigma0: $(sigma0-objs:%=$B/servers/sigma0/%) \
		$(servers-crt0) $(servers-lib-root) $(servers-lib) $(servers-ld)
	$(call link-program,$(LINK_SIGMA0))

all: $B/servers/sigma0/sigma0
