# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests that run in a domain.  NAME_test is a root task; the programs of
# guest-task-programs run under wortel, most in two domains.
#
guest-root-tests := ipc_words ipc_timeout ipc_cancel ipc_partner pagefault \
	mapping thread exception interrupt schedule fpu item remote_refusal

$(foreach t,$(guest-root-tests),$(eval $(call root-program,tests/guest/$t_test)))

$(guest-root-tests:%=$B/tests/guest/%_test): \
	$B/tests/guest/tap.o $B/tests/guest/fixture.o
