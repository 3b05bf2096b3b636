# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads one test's TAP.  In: name, status (its exit status), limit, seconds.
# Prints a line for the test and what failed or was skipped; writes
# "passed failed skipped" to the file `counts`.

function complain(text) {
	failed++
	report = report "  not ok: " text "\n"
}

{ sub(/\r$/, "") }

/^1\.\.[0-9]+/ {
	planned = substr($0, 4) + 0
	has_plan = 1
	if (planned == 0) {
		skipped++
		reason = $0
		if (!sub(/^1\.\.0 *# *[Ss][Kk][Ii][Pp][^ ]* */, "", reason) || reason == "")
			complain("skipped without a reason")
		report = report "  skipped: " reason "\n"
	}
	next
}

/^ok( |$)/ {
	seen++
	if (match($0, /# *[Ss][Kk][Ii][Pp]/)) {
		skipped++
		report = report "  skipped: " substr($0, 4) "\n"
		if (substr($0, RSTART) ~ /^# *[Ss][Kk][Ii][Pp] *$/)
			complain("skipped without a reason")
	} else
		passed++
	notes = ""
	next
}

/^not ok( |$)/ {
	seen++
	complain(substr($0, 8))
	report = report notes
	notes = ""
	next
}

/^Bail out!/ { complain($0) }

/^#/ { notes = notes "    " $0 "\n" }

END {
	if (status == 124 || status == 137)
		complain("not done after " limit " s")
	else if (status > 128)
		complain("ended by signal " status - 128)
	else if (status != 0 && !failed)
		complain("ended with exit status " status)
	if (!has_plan)
		complain("no plan")
	else if (seen != planned)
		complain("planned " planned " tests, saw " seen + 0)
	if (failed && notes != "")
		report = report notes
	printf "%-8s %s (%d passed, %d s)\n%s", failed ? "FAILED" : "ok", name, passed, seconds, report
	print passed + 0, failed + 0, skipped + 0 > counts
}
