# SPDX-License-Identifier: GPL-2.0-or-later
.PHONY: model
model:
	$(Q)tools/setup build test
	$(Q)tests/harness/run tests/model/model.test
