# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whether a file is what viewers of the Trace Event Format open: every event has
# the members, of the types, that its phase asks for.
# Source: Google, "Trace Event Format", "JSON Object Format", "Event
# Descriptions".
def is_index: type == "number" and . >= 0 and . == floor;
def is_name: type == "string" and . != "";
def has_place: (.pid | is_index) and (.tid | is_index) and
	(.ts | type == "number" and . >= 0) and
	((has("args") | not) or (.args | type == "object"));

(.displayTimeUnit == "ns") and (.traceEvents | length > 0 and all(.[];
	has_place and (
	if .ph == "B" then (.name | is_name) and (.cat | is_name)
	elif .ph == "E" then true
	elif .ph == "i" then (.name | is_name) and .s == "t"
	elif .ph == "M" then (.name == "process_name" or .name == "thread_name")
		and (.args.name | is_name)
	else false end)))
