# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests that are scripts: TAP from functions.  Source it, call plan, then
# check NAME COMMAND... for each; done_testing ends with the exit status.
# `appliance` boots one: if it ends badly, failed checks show why.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 1
tap_number=0 tap_failed=0
tap_appliance=${HARNESS_OUT:-$top/build/test}/${0##*/}.appliance
mkdir -p "${tap_appliance%/*}"
rm -f "$tap_appliance"*

plan() {
	echo "1..$1"
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# appliance [OPTION]... -- COMMAND...: as tools/appliance/run, with all that is
# said on standard output, at the end.
appliance() {
	local status=0
	tools/appliance/run "$@" >"$tap_appliance.runs" 2>&1 || status=$?
	cat "$tap_appliance.runs"
	if [ $status != 0 ]; then
		echo "exit status $status: tools/appliance/run $*" |
			cat "$tap_appliance.runs" - >"$tap_appliance"
	fi
	rm "$tap_appliance.runs"
	return $status
}

# The last lines of the appliance that ended badly, or that runs: once.
show_appliance() {
	local log
	for log in "$tap_appliance"*; do
		[ -e "$log" ] || continue
		tail -n 20 "$log" | sed 's/^/# appliance: /'
		mv "$log" "${tap_appliance%.appliance}.console"
	done
}
# The harness's time limit.
trap 'show_appliance; exit 143' TERM

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
		show_appliance
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
