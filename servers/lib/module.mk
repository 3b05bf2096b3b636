# SPDX-License-Identifier: GPL-2.0-or-later
#
# Libraries of the servers, and how a program of an L4 domain is linked.
#
servers-lib-objs := \
	lib/libl4/syscall.o lib/libl4/init.o lib/libl4/message.o \
	lib/libl4/sigma0.o \
	lib/libc/string.o lib/libc/format.o \
	lib/libhurd/vmm.o lib/libhurd/console.o lib/libhurd/args.o \
	lib/libhurd/panic.o lib/libhurd/thread_entry.o

# Beside these a program has either the task's half or the root task's.
servers-task-objs := lib/libhurd/task.o lib/libhurd/startup.o \
	lib/libhurd/container.o lib/libhurd/store.o lib/libhurd/file.o
servers-root-objs := lib/libhurd/root.o lib/libhurd/bootinfo.o

# A task that pages itself links this library before these.
servers-mm-objs := lib/libhurd-mm/mm.o lib/libhurd-mm/pager.o \
	lib/libhurd-mm/request.o lib/libhurd-mm/pages.o lib/libhurd-mm/region.o \
	lib/libhurd-mm/slots.o lib/libhurd-mm/policy.o lib/libhurd-mm/space.o

servers-crt0 := $B/servers/lib/libl4/crt0.o
servers-lib := $B/servers/lib/libhurd.a
servers-lib-task := $B/servers/lib/libhurd-task.a
servers-lib-root := $B/servers/lib/libhurd-root.a
servers-lib-mm := $B/servers/lib/libhurd-mm.a
servers-ld := servers/lib/program.ld

$(servers-lib): $(servers-lib-objs:%=$B/servers/%)
$(servers-lib-task): $(servers-task-objs:%=$B/servers/%)
$(servers-lib-root): $(servers-root-objs:%=$B/servers/%)
$(servers-lib-mm): $(servers-mm-objs:%=$B/servers/%)
$(servers-lib) $(servers-lib-task) $(servers-lib-root) $(servers-lib-mm):
	@echo "  AR      $@"
	$(Q)rm -f $@.new; ar rcs $@.new $^ && mv $@.new $@

# $(call link-program,base address,half): objects are the rule's first
# prerequisites.
link-program = $(Q)mkdir -p $(@D); echo "  LD      $@"; \
	ld -static -nostdlib -z max-page-size=4096 -z noexecstack \
	--no-warn-rwx-segments --build-id=none --defsym=LINK_BASE=$1 \
	-T $(servers-ld) $(filter %.o,$^) --start-group \
	$(filter %.a,$^) --end-group -o $@

LINK_SIGMA0 := 0xf00000
LINK_ROOT := 0x1000000
LINK_TASK := 0x400000

# A root task from one source file: $(call root-program,name) with
# $B/name.o; a task of wortel's: $(call task-program,name).
define root-program
$B/$1: $B/$1.o $(servers-crt0) $(servers-lib) $(servers-lib-root) $(servers-ld)
	$$(call link-program,$(LINK_ROOT))
all: $B/$1
endef

define task-program
$B/$1: $B/$1.o $(servers-crt0) $(servers-lib) $(servers-lib-task) $(servers-ld)
	$$(call link-program,$(LINK_TASK))
all: $B/$1
endef
