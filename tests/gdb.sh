# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For scripts that run gdb in an appliance.

# gdb_python DIR - what gdb's own scripts need of Python's library, copied to
# DIR; prints where it belongs.
gdb_python() {
	local python
	python=$(echo /usr/lib/python3.*/encodings) python=${python%/encodings}
	mkdir -p "$1"
	cp -r "$python"/{encodings,collections,re,importlib} "$python"/*.py \
		"$1" 2>/dev/null
	echo "$python"
}
