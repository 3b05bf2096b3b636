/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing JSON, checked as it is written.
 *
 * Owner: vmm/report.  Commas, indentation and escapes are made here.  A caller
 * that nests wrongly, and an output that fails, show up in json_close().
 * Source: RFC 8259, "The JavaScript Object Notation (JSON) Data Interchange
 * Format".
 */
#ifndef VMM_REPORT_JSON_H
#define VMM_REPORT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH_MAX 16

struct json {
	FILE *out;
	int error;	/* the first one, -errno */
	unsigned depth; /* open objects and arrays */
	char kind[JSON_DEPTH_MAX];
	bool filled[JSON_DEPTH_MAX]; /* has a member or element */
	bool done;		     /* the one value of the text is there */
};

/** json_open - begin a text on @out, which stays the caller's. */
void json_open(struct json *json, FILE *out);

/**
 * json_close - end the text with a newline.
 *
 * Returns 0, -EPROTO if the calls made no well-formed text, or the error of
 * the output.
 */
__attribute__((warn_unused_result)) int json_close(struct json *json);

/*
 * Each writes one value.  @key: inside an object, the member's name; inside an
 * array, and at the top, NULL.
 */
void json_begin_object(struct json *json, const char *key);
void json_begin_array(struct json *json, const char *key);
/** json_end - end the innermost object or array. */
void json_end(struct json *json);
/** json_put_string - bytes that are no UTF-8 come out as U+FFFD. */
void json_put_string(struct json *json, const char *key, const char *text);
void json_put_bool(struct json *json, const char *key, bool value);
void json_put_u64(struct json *json, const char *key, uint64_t value);
/** json_put_json - a value that is JSON already, such as a whole report. */
void json_put_json(struct json *json, const char *key, const char *text);
/** json_put_thousandths - @value / 1000 as a decimal number: exact, no floats. */
void json_put_thousandths(struct json *json, const char *key, uint64_t value);

#endif
