# SPDX-License-Identifier: GPL-2.0-or-later
#
# Programs that measure IPC from inside of a domain.
#
bench-programs := ipc-intra-space ipc-inter-space bench-echo handoff-client \
	handoff-server handoff-string memory paging lookup file-read

# Built as what runs in a domain.
$B/tests/bench/%.o: CFLAGS-tests = $(CFLAGS-servers)

$(foreach p,$(bench-programs),$(eval $(call task-program,tests/bench/$p)))

$(bench-programs:%=$B/tests/bench/%): $B/tests/bench/bench.o

$B/tests/bench/paging $B/tests/bench/lookup: $(servers-lib-mm)

# In the root task's place, with threads and spaces of their own.
bench-root-programs := ipc-short ipc-long foreign-syscall faults mapping \
	timeouts notification peer

$(foreach p,$(bench-root-programs),$(eval $(call root-program,tests/bench/$p)))

$(bench-root-programs:%=$B/tests/bench/%): $B/tests/bench/bench.o \
	$B/tests/bench/no_ipc.o $B/tests/guest/fixture.o

bench-oneway-programs := ipc-long faults mapping
$(bench-oneway-programs:%=$B/tests/bench/%): $B/tests/bench/oneway.o \
	$B/tests/bench/stamp.o
$B/tests/bench/timeouts: $B/tests/bench/waiter.o
$B/tests/bench/notification: $B/tests/bench/event_wait.o

# The kernel, with a stamp before its entry for events.
$B/tests/bench/guestkernel: $(guestkernel-objs) $B/tests/bench/event_stamp.o
	@echo "  LD      $@"
	$(Q)$(guestkernel-link) -Wl,--wrap=event_stub $(guestkernel-objs) \
		$B/tests/bench/event_stamp.o -o $@
all: $B/tests/bench/guestkernel
