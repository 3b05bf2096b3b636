# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests that are scripts: TAP from functions.  Source it, call plan, then
# check NAME COMMAND... for each; done_testing ends with the exit status.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 1
tap_number=0 tap_failed=0

plan() {
	echo "1..$1"
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# check NAME COMMAND...: passes if COMMAND succeeds; else shows its output.
check() {
	local name=$1 output status=0
	shift
	tap_number=$((tap_number + 1))
	output=$("$@" 2>&1) || status=$?
	if [ $status = 0 ]; then
		echo "ok $tap_number - $name"
	else
		tap_failed=1
		tail -n 40 <<<"$output" | sed 's/^/# /'
		echo "not ok $tap_number - $name"
	fi
}

skip() {
	tap_number=$((tap_number + 1))
	echo "ok $tap_number - $1 # SKIP $2"
}

done_testing() {
	exit $tap_failed
}

# The tree's own files that match, committed or not yet.
sources() {
	git -c safe.directory="$top" ls-files --cached --others --exclude-standard -- "$@"
}
