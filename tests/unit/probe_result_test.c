/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/probe/result.c */
/*
 * Results of the probe guest as text: they come through a serial port, and
 * from files that anybody may have written.
 */
#include "vmm/probe/result.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"

static char top[PATH_MAX];

const char *host_top(char *buf)
{
	return top[0] ? strcpy(buf, top) : NULL;
}

const char *host_name(enum host host)
{
	return host == HOST_SVM ? "svm" : "other";
}

static int read_text(const char *text, struct probe_result *result)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int err = result_read(in, result);

	fclose(in);
	return err;
}

TEST(what_is_written_is_read)
{
	struct probe_result written = {0};
	struct probe_result read;
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	strcpy(written.reason[PROBE_INT_N], "exit reason 17 (x) at 0x8000");
	result_write(out, &written);
	fclose(out);
	CHECK_EQ(read_text(text, &read), 0);
	CHECK_EQ(read.error, 0);
	for (unsigned i = 0; i < NR_PROBE_CHECKS; i++)
		CHECK_STR(read.reason[i], written.reason[i]);
}

TEST(an_error_is_read)
{
	struct probe_result read;

	CHECK_EQ(read_text("probe 1\nerror -2\nend\n", &read), 0);
	CHECK_EQ(read.error, -2);
}

TEST(noise_around_it_is_passed_over)
{
	struct probe_result read;

	CHECK_EQ(read_text("[    1.9] check 1 passed\r\nprobe 1\r\nerror 0\r\n"
			   "[    2.0] something\r\ncheck 0 passed \r\nend\r\n",
			 &read),
		0);
	CHECK_STR(read.reason[0], "");
	CHECK_STR(read.reason[1], "no answer");
}

TEST(what_ends_early_is_no_result)
{
	struct probe_result read;

	CHECK_EQ(read_text("probe 1\nerror 0\ncheck 0 passed\n", &read),
		-EPROTO);
	CHECK_EQ(read_text("end\n", &read), -EPROTO);
}

TEST(a_check_that_there_is_not_is_ignored)
{
	struct probe_result read;

	CHECK_EQ(read_text("probe 1\nerror 0\ncheck 9999 failed x\n"
			   "check -1 failed x\nend\n",
			 &read),
		0);
}

TEST(a_long_reason_is_cut)
{
	struct probe_result read;
	char text[1024] = "probe 1\nerror 0\ncheck 0 failed ";

	memset(text + strlen(text), 'x', 900);
	strcat(text, "\nend\n");
	CHECK_EQ(read_text(text, &read), 0);
	CHECK(strlen(read.reason[0]) < PROBE_REASON_MAX);
}

TEST(kept_results_belong_to_their_key)
{
	struct probe_result result = {0};
	char path[PATH_MAX + 32];

	strcpy(top, "/tmp/probe_result_test.XXXXXX");
	REQUIRE(mkdtemp(top));
	CHECK_EQ(result_load(HOST_SVM, "one", &result), -ENOENT);
	snprintf(path, sizeof(path), "%s/build", top);
	REQUIRE(!mkdir(path, 0777));
	strcpy(result.reason[0], "because");
	result_store(HOST_SVM, "one", &result);
	memset(&result, 0, sizeof(result));
	CHECK_EQ(result_load(HOST_SVM, "two", &result), -ESTALE);
	CHECK_EQ(result_load(HOST_SVM, "one", &result), 0);
	CHECK_STR(result.reason[0], "because");
	snprintf(path, sizeof(path), "rm -r %s", top);
	CHECK_EQ(system(path), 0);
	top[0] = '\0';
	CHECK_EQ(result_load(HOST_SVM, "one", &result), -ENOENT);
}

TAP_MAIN(CASE(what_is_written_is_read), CASE(an_error_is_read),
	CASE(noise_around_it_is_passed_over),
	CASE(what_ends_early_is_no_result),
	CASE(a_check_that_there_is_not_is_ignored), CASE(a_long_reason_is_cut),
	CASE(kept_results_belong_to_their_key))
