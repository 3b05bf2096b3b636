/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/memory/filler.c vmm/confine.c */
/*
 * The process that makes memory present: it does what it is asked for and no
 * more, and nobody waits for one that is gone.
 */
#include "vmm/memory/filler.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

#define PAGE UINT64_C(4096)
#define SIZE (UINT64_C(8) << 20)

static struct filler filler;

static void begin(void)
{
	int fd = memfd_create("filler", MFD_CLOEXEC);

	REQUIRE(fd >= 0 && ftruncate(fd, SIZE) == 0);
	filler_init(&filler, fd);
}

static uint64_t bytes_present(void)
{
	struct stat st;

	return fstat(filler.fd, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
}

static void end(void)
{
	filler_stop(&filler);
	CHECK_EQ(filler.socket, -1);
	CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	close(filler.fd);
}

TEST(what_is_asked_for_is_present_and_can_be_taken_back)
{
	begin();
	CHECK_EQ(bytes_present(), 0);
	filler_fill(&filler, PAGE, 16 * PAGE);
	CHECK(bytes_present() >= 16 * PAGE && bytes_present() < SIZE);
	filler_fill(&filler, 0, SIZE);
	CHECK_EQ(bytes_present(), SIZE);
	CHECK_EQ(fallocate(filler.fd,
			 FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, SIZE),
		0);
	CHECK_EQ(bytes_present(), 0);
	end();
}

TEST(it_starts_when_it_is_needed)
{
	begin();
	CHECK_EQ(filler.socket, -1);
	end();
}

TEST(one_that_is_gone_hinders_nobody)
{
	begin();
	filler_fill(&filler, 0, PAGE);
	REQUIRE(filler.socket >= 0);
	kill(filler.pid, SIGKILL);
	filler_fill(&filler, 0, SIZE);
	filler_fill(&filler, 0, SIZE);
	end();
}

TAP_MAIN(CASE(what_is_asked_for_is_present_and_can_be_taken_back),
	CASE(it_starts_when_it_is_needed),
	CASE(one_that_is_gone_hinders_nobody))
