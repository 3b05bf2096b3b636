# SPDX-License-Identifier: GPL-2.0-or-later
# The Linux domain's files; configurations name them /hyperhurd/linux/...
.PHONY: linux-image
linux-image: | $B/linux
	$(Q)tools/linux-image/build

$B/linux:
	@mkdir -p $(@D)
	$(Q)ln -sfn ../linux $@

all: $B/linux
