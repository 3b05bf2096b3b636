# SPDX-License-Identifier: GPL-2.0-or-later
#
workload-programs := hello echo ping victim shared-server cpu-hog ipc-flood

$(foreach p,$(workload-programs),$(eval $(call task-program,servers/workload/$p)))

# These compute.
$(addprefix $B/servers/workload/,ping victim shared-server cpu-hog): \
	$B/servers/workload/work.o
