/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/report/json.c -ljson-c */
/*
 * JSON that is written here and read by someone else's parser.
 */
#include "vmm/report/json.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static char text[4096];
static FILE *out;

static void begin(struct json *json)
{
	memset(text, 0, sizeof(text));
	out = fmemopen(text, sizeof(text) - 1, "w");
	json_open(json, out);
}

/* Parsed strictly; NULL if it is not well-formed. */
static json_object *finish(struct json *json)
{
	struct json_tokener *tokener = json_tokener_new();
	json_object *parsed = NULL;

	if (json_close(json) == 0) {
		json_tokener_set_flags(tokener,
			JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		parsed = json_tokener_parse_ex(
			tokener, text, (int)strlen(text) + 1);
	}
	json_tokener_free(tokener);
	fclose(out);
	return parsed;
}

/* What comes back of a string. */
static const char *round_trip(const char *string)
{
	static char copy[256];
	struct json json;
	json_object *parsed;

	begin(&json);
	json_put_string(&json, NULL, string);
	parsed = finish(&json);
	snprintf(copy, sizeof(copy), "%s",
		parsed ? json_object_get_string(parsed) : "(none)");
	json_object_put(parsed);
	return copy;
}

TEST(nested_values_come_back)
{
	struct json json;
	json_object *parsed, *list, *value;

	begin(&json);
	json_begin_object(&json, NULL);
	json_begin_array(&json, "list");
	json_put_u64(&json, NULL, UINT64_MAX);
	json_put_thousandths(&json, NULL, 12034);
	json_put_bool(&json, NULL, true);
	json_begin_array(&json, NULL);
	json_end(&json);
	json_end(&json);
	json_begin_object(&json, "empty");
	json_end(&json);
	json_put_string(&json, "name", "x");
	json_end(&json);
	parsed = finish(&json);
	REQUIRE(parsed != NULL);
	REQUIRE(json_object_object_get_ex(parsed, "list", &list));
	CHECK_EQ(json_object_array_length(list), 4);
	CHECK_EQ(json_object_get_uint64(json_object_array_get_idx(list, 0)),
		UINT64_MAX);
	CHECK_STR(json_object_get_string(json_object_array_get_idx(list, 1)),
		"12.034");
	CHECK(json_object_get_boolean(json_object_array_get_idx(list, 2)));
	REQUIRE(json_object_object_get_ex(parsed, "name", &value));
	CHECK_STR(json_object_get_string(value), "x");
	json_object_put(parsed);
}

TEST(strings_come_back)
{
	CHECK_STR(
		round_trip("quote \" slash \\ / tab \t nl \n bell \a del \x7f"),
		"quote \" slash \\ / tab \t nl \n bell \a del \x7f");
	CHECK_STR(round_trip("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"),
		"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80");
	CHECK_STR(round_trip(""), "");
}

/* Alone, cut off, too long, a surrogate, too large. */
TEST(bytes_that_are_no_utf8_are_replaced)
{
	CHECK_STR(round_trip("a\xff"), "a\xef\xbf\xbd");
	CHECK_STR(round_trip("\xc3"), "\xef\xbf\xbd");
	CHECK_STR(round_trip("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
	CHECK_STR(round_trip("\xc0\x80"), "\xef\xbf\xbd\xef\xbf\xbd");
	CHECK_STR(round_trip("\xe0\x80\x80"),
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	CHECK_STR(round_trip("\xed\xa0\x80"),
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	CHECK_STR(round_trip("\xf4\x90\x80\x80"),
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static int close_after(void (*write)(struct json *json))
{
	struct json json;
	int err;

	begin(&json);
	write(&json);
	err = json_close(&json);
	fclose(out);
	return err;
}

static void nothing(struct json *json)
{
	(void)json;
}

static void open_object(struct json *json)
{
	json_begin_object(json, NULL);
}

static void end_too_often(struct json *json)
{
	json_begin_object(json, NULL);
	json_end(json);
	json_end(json);
}

static void member_without_key(struct json *json)
{
	json_begin_object(json, NULL);
	json_put_u64(json, NULL, 1);
	json_end(json);
}

static void element_with_key(struct json *json)
{
	json_begin_array(json, NULL);
	json_put_u64(json, "key", 1);
	json_end(json);
}

static void two_values(struct json *json)
{
	json_put_u64(json, NULL, 1);
	json_put_u64(json, NULL, 2);
}

static void too_deep(struct json *json)
{
	for (unsigned i = 0; i <= JSON_DEPTH_MAX; i++)
		json_begin_array(json, NULL);
	for (unsigned i = 0; i <= JSON_DEPTH_MAX; i++)
		json_end(json);
}

TEST(wrong_nesting_is_an_error)
{
	CHECK_EQ(close_after(nothing), (uint64_t)-EPROTO);
	CHECK_EQ(close_after(open_object), (uint64_t)-EPROTO);
	CHECK_EQ(close_after(end_too_often), (uint64_t)-EPROTO);
	CHECK_EQ(close_after(member_without_key), (uint64_t)-EPROTO);
	CHECK_EQ(close_after(element_with_key), (uint64_t)-EPROTO);
	CHECK_EQ(close_after(two_values), (uint64_t)-EPROTO);
	CHECK_EQ(close_after(too_deep), (uint64_t)-EPROTO);
}

TEST(output_that_fails_is_an_error)
{
	FILE *full = fopen("/dev/full", "w");
	struct json json;

	REQUIRE(full != NULL);
	json_open(&json, full);
	json_put_u64(&json, NULL, 1);
	CHECK_EQ(json_close(&json), (uint64_t)-ENOSPC);
	fclose(full);
}

TAP_MAIN(CASE(nested_values_come_back), CASE(strings_come_back),
	CASE(bytes_that_are_no_utf8_are_replaced),
	CASE(wrong_nesting_is_an_error), CASE(output_that_fails_is_an_error))
