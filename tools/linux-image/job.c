/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the Linux domain does, started by its init:
 *
 *   job exit STATUS     end the domain with that status (VMM's exit port)
 *   job busy FILE N     compute and write N blocks of 64 KiB, 0: for ever
 *   job steady          do the same computation again and again and tell how
 *                       long it took each time, in lines of samples
 *   job clock SECONDS   sleep in steps of 10 ms beside a child that keeps the
 *                       CPU busy, then tell the time that passed by the
 *                       system clock, the TSC and the real-time clock
 *   job flood           send UDP to port 9 of the gateway as fast as it goes
 *   job read FILE       read the beginning of FILE, past the page cache and into
 *                       it, and tell how long it took
 *   job lookup FILE PROCS
 *                       tests/bench/lookup.h with mappings of FILE, which is
 *                       made, as a member of a control group
 *
 * A figure is a line "figure: NAME FRAMES VALUE", in ticks of the TSC or page
 * faults.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "tests/bench/lookup.h"

#define EXIT_PORT 0xf4
#define RTC_INDEX 0x70
#define RTC_DATA 0x71

#define BLOCK 65536u /* bytes written in one go */
#define FILE_BLOCKS 32u
#define STEADY_BLOCKS 20u /* in one sample */
#define STEADY_SAMPLES 2u /* in one line */
#define COMPUTE_ROUNDS 8u /* over a block, before it is written */
#define REPORT_BLOCKS 1024u
#define FLOOD_BYTES 1400u

#define FRAME 4096u
#define READ_FRAMES 128u
#define LARGE_PAGE (2u << 20)
#define SCATTER 37u /* frames from one to the next */

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif
#define READ_ROUNDS 9u
#define LOOKUP_BYTES ((size_t)(LOOKUP_TABLE + LOOKUP_INDEX) * LOOKUP_PAGE)

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int job_exit(const char *status)
{
	if (ioperm(EXIT_PORT, 1, 1) < 0)
		return fail("ioperm");
	outb((unsigned char)atoi(status), EXIT_PORT);
	return fail("exit port");
}

/* Pseudo-random bytes, so that there is something to compute. */
static void compute(uint64_t *block, uint64_t *state)
{
	for (unsigned round = 0; round < COMPUTE_ROUNDS; round++) {
		for (size_t i = 0; i < BLOCK / sizeof(*block); i++) {
			*state ^= *state << 13;
			*state ^= *state >> 7;
			*state ^= *state << 17;
			block[i] += *state;
		}
	}
}

static int job_busy(const char *path, const char *count)
{
	unsigned long end = strtoul(count, NULL, 10);
	static uint64_t block[BLOCK / sizeof(uint64_t)];
	uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd < 0)
		return fail(path);
	printf("busy: computing and writing %s\n", path);
	fflush(stdout);
	for (unsigned long n = 1; end == 0 || n <= end; n++) {
		off_t at = (off_t)(n % FILE_BLOCKS) * BLOCK;

		compute(block, &state);
		if (pwrite(fd, block, BLOCK, at) != BLOCK || fdatasync(fd) < 0)
			return fail(path);
		if (n % REPORT_BLOCKS == 0 || n == end) {
			printf("busy: %lu blocks\n", n);
			fflush(stdout);
		}
	}
	close(fd);
	return 0;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The samples that `hyperhurd measure` reads from the console. */
_Noreturn static void job_steady(void)
{
	static uint64_t block[BLOCK / sizeof(uint64_t)];
	uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t before = now_ns(CLOCK_MONOTONIC);

	for (;;) {
		printf("hyperhurd: sample");
		for (unsigned i = 0; i < STEADY_SAMPLES; i++) {
			for (unsigned n = 0; n < STEADY_BLOCKS; n++)
				compute(block, &state);

			uint64_t now = now_ns(CLOCK_MONOTONIC);

			printf(" %llu@%llu", (unsigned long long)(now - before),
				(unsigned long long)__rdtsc());
			before = now;
		}
		printf("\n");
		fflush(stdout);
	}
}

static int rtc_field(int index)
{
	int bcd;

	outb((unsigned char)index, RTC_INDEX);
	bcd = inb(RTC_DATA);
	return (bcd >> 4) * 10 + (bcd & 15);
}

/* Seconds into the day, read twice alike. */
static int rtc_seconds(void)
{
	int before = -1;

	for (;;) {
		int now =
			rtc_field(4) * 3600 + rtc_field(2) * 60 + rtc_field(0);

		if (now == before)
			return now;
		before = now;
	}
}

static pid_t start_hog(void)
{
	pid_t hog = fork();

	while (hog == 0)
		; /* uses up whatever the domain gets */
	return hog;
}

static int job_clock(const char *seconds)
{
	uint64_t span = (uint64_t)atoi(seconds) * 1000000000u;
	struct timespec step = {.tv_nsec = 10000000};
	uint64_t start, tsc, real, now;
	unsigned steps = 0;
	pid_t hog;
	int rtc;

	if (ioperm(RTC_INDEX, 2, 1) < 0)
		return fail("ioperm");
	hog = start_hog();
	if (hog < 0)
		return fail("fork");
	rtc = rtc_seconds();
	real = now_ns(CLOCK_REALTIME);
	start = now_ns(CLOCK_MONOTONIC);
	tsc = __rdtsc();
	for (now = start; now - start < span; steps++) {
		nanosleep(&step, NULL);
		now = now_ns(CLOCK_MONOTONIC);
	}
	tsc = __rdtsc() - tsc;
	real = now_ns(CLOCK_REALTIME) - real;
	rtc = (rtc_seconds() - rtc + 86400) % 86400;
	kill(hog, SIGKILL);
	printf("clock: monotonic_us=%llu realtime_us=%llu tsc=%llu rtc_s=%d "
	       "steps=%u\n",
		(unsigned long long)(now - start) / 1000,
		(unsigned long long)real / 1000, (unsigned long long)tsc, rtc,
		steps);
	return 0;
}

static void figure(const char *name, unsigned frames, uint64_t value)
{
	printf("figure: %s %u %llu\n", name, frames, (unsigned long long)value);
	fflush(stdout);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The median of some rounds, each with nothing of the file in memory. */
static int read_rounds(int fd, const char *name, unsigned frames, void *buffer)
{
	uint64_t ticks[READ_ROUNDS];

	for (unsigned round = 0; round < READ_ROUNDS; round++) {
		uint64_t start;

		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		start = __rdtsc();
		if (pread(fd, buffer, (size_t)frames * FRAME, 0) !=
			(ssize_t)frames * FRAME)
			return fail("read");
		ticks[round] = __rdtsc() - start;
	}
	qsort(ticks, READ_ROUNDS, sizeof(ticks[0]), compare);
	figure(name, frames, ticks[READ_ROUNDS / 2]);
	return 0;
}

/*
 * A request has a segment for each piece of physical memory.  A buffer's frames
 * may be one piece or many, as it happens, which makes a difference of a third;
 * so there is one that is a page of 2 MiB, ...
 */
static char *large_page(void)
{
	char *at = mmap(NULL, 2 * LARGE_PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	at += -(uintptr_t)at % LARGE_PAGE;
	memset(at, 1, LARGE_PAGE);
	return madvise(at, LARGE_PAGE, MADV_COLLAPSE) ? NULL : at;
}

/* ... and one whose frames do not follow each other. */
static char *scattered_pages(void)
{
	size_t size = (size_t)READ_FRAMES * FRAME;
	int fd = memfd_create("pages", 0);
	char *at;

	if (fd < 0 || posix_fallocate(fd, 0, (off_t)size))
		return NULL;
	at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (unsigned i = 0; i < READ_FRAMES && at != MAP_FAILED; i++) {
		off_t from = (off_t)(i * SCATTER % READ_FRAMES) * FRAME;

		if (mmap(at + (size_t)i * FRAME, FRAME, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd,
			    from) == MAP_FAILED)
			return NULL;
	}
	return at == MAP_FAILED ? NULL : at;
}

static int job_read(const char *path)
{
	static const unsigned frames[] = {1, 16, READ_FRAMES};
	int direct = open(path, O_RDONLY | O_DIRECT);
	int cached = open(path, O_RDONLY);
	char *large = large_page();
	char *scattered = scattered_pages();
	int status = 0;

	if (direct < 0 || cached < 0)
		return fail(path);
	if (!large || !scattered)
		return fail("pages to read into");
	for (unsigned i = 0; i < 3 && !status; i++) {
		status = read_rounds(
			direct, "file-read-direct", frames[i], scattered);
		if (!status)
			status = read_rounds(
				direct, "file-read-large", frames[i], large);
		if (!status)
			status = read_rounds(
				cached, "file-read", frames[i], large);
	}
	return status;
}

static uint64_t faults_now(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
}

static int lookup(int fd, const char *name, const char *faults, int advice)
{
	uint64_t before, start, sum;
	char *data;

	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	data = mmap(NULL, LOOKUP_BYTES, PROT_READ, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED || madvise(data, LOOKUP_BYTES, advice) < 0)
		return fail("mmap");
	before = faults_now();
	start = __rdtsc();
	sum = lookup_run(data, data + (size_t)LOOKUP_TABLE * LOOKUP_PAGE);
	start = __rdtsc() - start;
	figure(faults, LOOKUP_FRAMES, faults_now() - before);
	figure(name, LOOKUP_FRAMES, start);
	if (sum != 0)
		return fail("the file");
	munmap(data, LOOKUP_BYTES);
	return 0;
}

/* What the program has touched before stays outside of the group. */
static int job_lookup(const char *path, const char *procs)
{
	FILE *group = fopen(procs, "w");
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	int status;

	if (!group || fd < 0 || ftruncate(fd, (off_t)LOOKUP_BYTES) < 0 ||
		fprintf(group, "%d\n", (int)getpid()) < 0 || fclose(group) < 0)
		return fail(path);
	status = lookup(fd, "lookup", "lookup-faults", MADV_NORMAL);
	if (!status)
		status = lookup(fd, "lookup-random", "lookup-random-faults",
			MADV_RANDOM);
	return status;
}

_Noreturn static void job_flood(void)
{
	struct sockaddr_in discard = {.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr = {htonl(0x0a000202)}};
	static const char datagram[FLOOD_BYTES];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	/* Nobody listens there: errors come back, of no interest. */
	for (;;)
		(void)sendto(fd, datagram, sizeof(datagram), 0,
			(struct sockaddr *)&discard, sizeof(discard));
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "exit"))
		return job_exit(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "busy"))
		return job_busy(argv[2], argv[3]);
	if (argc == 2 && !strcmp(argv[1], "steady"))
		job_steady();
	if (argc == 3 && !strcmp(argv[1], "clock"))
		return job_clock(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "read"))
		return job_read(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "lookup"))
		return job_lookup(argv[2], argv[3]);
	if (argc == 2 && !strcmp(argv[1], "flood"))
		job_flood();
	fprintf(stderr, "usage: job exit STATUS | busy FILE N | steady | "
			"clock SECONDS | read FILE | lookup FILE PROCS | "
			"flood\n");
	return 2;
}
