# SPDX-License-Identifier: GPL-2.0-or-later
.PHONY: model
model:
	$(Q)tools/setup build test
	$(Q)$(MAKE) --no-print-directory CONFIG=debug \
		build/debug/tests/unit/account_states_test \
		build/debug/tests/unit/account_reclaim_states_test
	$(Q)tests/harness/run tests/model/model.test tests/model/large \
		build/debug/tests/unit/account_states_test \
		build/debug/tests/unit/account_reclaim_states_test
