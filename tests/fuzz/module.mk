# SPDX-License-Identifier: GPL-2.0-or-later
#
# make fuzz [SECONDS=60]: each fuzzer for so long, from what it found before.
# A fuzzer says in its head what is linked with it, like a unit test.
SECONDS  ?= 60
fuzz-src := $(wildcard tests/fuzz/*_fuzz.c)
fuzzers  := $(fuzz-src:%.c=build/fuzz/%)

build/fuzz/%: %.c
	@echo "  FUZZ    $@"; mkdir -p $@.corpus
	$(Q)clang -std=c11 -D_GNU_SOURCE -I. -g -O1 -Wall -Wextra -Werror \
		-fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $@ $< \
		$$(sed -n 's|^/\* link: \(.*\) \*/$$|\1|p' $<)

fuzzers: $(fuzzers)
fuzz: fuzzers
	$(Q)set -e; for f in $(fuzzers); do \
		$$f -max_total_time=$(SECONDS) -max_len=4096 -timeout=10 \
			-print_final_stats=1 $$f.corpus; \
	done

# The guest kernel, by a program in its ring 3; all follows from the seed.
# Ten million calls take half an hour to an hour.
CALLS ?= 10000000
SEED  ?= 1
fuzz-kernel: all
	$(Q)tools/setup svm
	$(Q)tests/fuzz/kernel_pieces $(SEED) $(CALLS)

# The VMM, by kernels that ask for anything; in seconds of the guests' time.
fuzz-control: all
	$(Q)tools/setup svm
	$(Q)tests/fuzz/control $(SEED) $(SECONDS)

.PHONY: fuzz fuzzers fuzz-kernel fuzz-control
