# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests that run in a domain.  $B/tests/guest/NAME/ is a system to launch; of
# its domains one prints TAP and ends with status 0 or 1.
#
# NAME_test is a root task,
guest-root-tests := ipc_words ipc_short fault_short legacy_mode interrupt_short \
	partner_end quantum preemption redirect \
	propagation kip convention control exregs map_size ipc_tag kdb \
	ipc_timeout ipc_cancel ipc_partner pagefault mapping thread exception \
	interrupt schedule fpu item string string_shape string_middle remote_refusal syscall_fuzz foreign
# or a task of wortel's,
guest-task-tests := server_fuzz
# or a task that talks to portal_server in a second domain,
guest-portal-tests := portal_call portal_timeout portal_item portal_busy \
	portal_notify portal_death portal_limit
# or its system is written out in tests/guest/NAME.
guest-own-tests := wortel portal_shared portal_string virtio_rng container container_fault mm file \
	reclaim

$(foreach t,$(guest-root-tests),$(eval $(call root-program,tests/guest/$t_test)))
$(foreach t,$(guest-task-tests) $(guest-own-tests) $(guest-portal-tests),$(eval \
	$(call task-program,tests/guest/$t_test)))
$(eval $(call task-program,tests/guest/portal_server))
$(eval $(call task-program,tests/guest/container_server))
$(eval $(call task-program,tests/guest/container_hole))
$(eval $(call task-program,tests/guest/crasher))
$(eval $(call task-program,tests/guest/file_churn))
$(eval $(call task-program,tests/guest/file_reader))
$(eval $(call task-program,tests/guest/file_owner))
$(eval $(call task-program,tests/guest/pressure_keeper))
$(eval $(call task-program,tests/guest/pressure_greedy))
$(eval $(call task-program,tests/guest/pressure_deaf))
$(eval $(call task-program,tests/guest/plenty))
$(eval $(call task-program,tests/guest/string_server))
$(eval $(call task-program,tests/guest/string_mortal))

# What tests/system/kernel_fuzz.test runs on the checking kernel.
guest-check-programs := kernel_fuzz kernel_check
$(foreach t,$(guest-check-programs),$(eval $(call root-program,tests/guest/$t)))

# What tests/system/trace.test traces.
$(eval $(call root-program,tests/guest/traced))

$(guest-root-tests:%=$B/tests/guest/%_test) $B/tests/guest/traced \
	$(guest-check-programs:%=$B/tests/guest/%): $B/tests/guest/fixture.o

# What fuzzers execute is linked side by side.
fuzz-objs := code_begin thread calls faults words locked code_end root
$B/tests/guest/syscall_fuzz_test $B/tests/guest/kernel_fuzz: \
	$(fuzz-objs:%=$B/tests/guest/fuzz/%.o)
$(guest-portal-tests:%=$B/tests/guest/%_test): $B/tests/guest/portal_client.o

$(patsubst %,$B/tests/guest/%,portal_string_test string_server string_mortal): \
	$B/tests/guest/string_memory.o $B/tests/guest/string_pattern.o

# The program of the test of foreign spaces is a Linux program of its own.
$B/tests/guest/linux_program: $B/tests/guest/linux_program.o
	@echo "  LD      $@"
	$(Q)ld -static -nostdlib -z max-page-size=4096 -z noexecstack \
		--build-id=none $< -o $@
all: $B/tests/guest/linux_program
$B/tests/guest/foreign_image.o: $B/tests/guest/linux_program
$B/tests/guest/foreign_image.o: CFLAGS-tests/guest += \
	-DLINUX_PROGRAM='"$B/tests/guest/linux_program"'
$B/tests/guest/foreign_test: $B/tests/guest/foreign_image.o

# $(call guest-system,NAME,template of the domain that tests)
define guest-system
$B/tests/guest/$1/test.xml: tests/guest/$2.xml.in
	@mkdir -p $$(@D); echo "  GEN     $$@"
	$$(Q)sed 's/@NAME@/$1/' $$< >$$@
all: $B/tests/guest/$1/test.xml
endef
$(foreach t,$(guest-root-tests),$(eval $(call guest-system,$t,root)))
$(foreach t,$(guest-task-tests),$(eval $(call guest-system,$t,task)))
$(foreach t,$(guest-portal-tests),$(eval $(call guest-system,$t,client)))

$B/tests/guest/%/server.xml: tests/guest/server.xml.in
	@mkdir -p $(@D); echo "  GEN     $@"
	$(Q)cp $< $@
all: $(guest-portal-tests:%=$B/tests/guest/%/server.xml)

guest-own-files := $(wildcard $(guest-own-tests:%=tests/guest/%/*.xml))
$(guest-own-files:%=$B/%): $B/%: %
	@mkdir -p $(@D); echo "  GEN     $@"
	$(Q)cp $< $@
all: $(guest-own-files:%=$B/%)

$(patsubst %,$B/tests/guest/%,mm_test reclaim_test pressure_greedy): \
	$(servers-lib-mm)

# The disk that file_test reads.  Byte i of "big" is 'a' + i / 4096 % 26.
$B/tests/guest/file/disk.img: tests/guest/module.mk
	@mkdir -p $(@D)/tree/dir; echo "  GEN     $@"
	$(Q)echo 'hello, client' >$(@D)/tree/dir/hello
	$(Q)awk 'BEGIN { for (i = 0; i < 600000; i++) \
		printf "%c", 97 + int(i / 4096) % 26 }' >$(@D)/tree/big
	$(Q)rm -f $@ && mke2fs -q -t ext2 -b 4096 -d $(@D)/tree $@ 4M
	$(Q)rm -rf $(@D)/tree
all: $B/tests/guest/file/disk.img
