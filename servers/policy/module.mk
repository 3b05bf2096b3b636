# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call task-program,servers/policy/main))
$B/servers/policy/main: $B/servers/policy/static.o $B/servers/policy/market.o
