# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests that run in a domain.  $B/tests/guest/NAME/ is a system to launch; of
# its domains one prints TAP and ends with status 0 or 1.
#
# NAME_test is a root task, in a domain of its own.
guest-root-tests := ipc_words ipc_timeout ipc_cancel ipc_partner pagefault \
	mapping thread exception interrupt schedule fpu item remote_refusal

$(foreach t,$(guest-root-tests),$(eval $(call root-program,tests/guest/$t_test)))

$(guest-root-tests:%=$B/tests/guest/%_test): $B/tests/guest/fixture.o

$B/tests/guest/%/test.xml: tests/guest/root.xml.in
	@mkdir -p $(@D); echo "  GEN     $@"
	$(Q)sed 's/@NAME@/$*/' $< >$@

all: $(guest-root-tests:%=$B/tests/guest/%/test.xml)
