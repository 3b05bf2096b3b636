/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mc146818 real-time clock and CMOS memory.
 */
#include "vmm/device/mc146818.h"

#include <string.h>

#define NS_PER_S UINT64_C(1000000000)
#define SECONDS_PER_DAY 86400
#define UPDATE_NS 244000u /* registers are unstable before the second ends */

enum reg {
	SECONDS = 0x00,
	MINUTES = 0x02,
	HOURS = 0x04,
	WEEKDAY = 0x06,
	DAY = 0x07,
	MONTH = 0x08,
	YEAR = 0x09,
	REG_A = 0x0a,
	REG_B = 0x0b,
	REG_C = 0x0c,
	REG_D = 0x0d,
	CENTURY = 0x32,
};

#define A_UPDATE 0x80u
#define A_DEFAULT 0x26u /* 32768 Hz, 1024 interrupts a second */
#define B_24H 0x02u
#define B_BINARY 0x04u
#define B_SET 0x80u
#define D_VALID 0x80u

void mc146818_init(struct mc146818 *rtc, int64_t now_s, uint64_t now_ns)
{
	memset(rtc, 0, sizeof(*rtc));
	rtc->base_s = now_s - (int64_t)(now_ns / NS_PER_S);
	rtc->ram[REG_A] = A_DEFAULT;
	rtc->ram[REG_B] = B_24H;
}

static uint8_t coded(const struct mc146818 *rtc, int n)
{
	if (rtc->ram[REG_B] & B_BINARY)
		return (uint8_t)n;
	return (uint8_t)(n / 10 << 4 | n % 10);
}

static uint8_t coded_hour(const struct mc146818 *rtc, int hour)
{
	if (rtc->ram[REG_B] & B_24H)
		return coded(rtc, hour);
	return (uint8_t)(coded(rtc, (hour + 11) % 12 + 1) |
			 (hour >= 12 ? 0x80 : 0));
}

/* A day of the proleptic Gregorian calendar. */
struct date {
	int year;
	int month; /* 1..12 */
	int day;   /* 1..31 */
};

/*
 * gmtime_r() would do, but it reads the host's time zone files first.  Years
 * start in March here, so that the leap day is the last of its year.
 */
static struct date date_from_days(int64_t days)
{
	int64_t z = days + 719468; /* since 1 March of the year 0 */
	int64_t era = z / 146097;
	int64_t doe = z % 146097; /* day of the era of 400 years */
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153; /* March is 0 */
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct date){
		.year = (int)(yoe + era * 400 + (month <= 2)),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
	};
}

static uint8_t read_time(
	const struct mc146818 *rtc, uint8_t index, uint64_t now_ns)
{
	int64_t now = rtc->base_s + (int64_t)(now_ns / NS_PER_S);
	int second = (int)(now % SECONDS_PER_DAY);
	struct date date = date_from_days(now / SECONDS_PER_DAY);

	switch (index) {
	case SECONDS:
		return coded(rtc, second % 60);
	case MINUTES:
		return coded(rtc, second / 60 % 60);
	case HOURS:
		return coded_hour(rtc, second / 3600);
	case WEEKDAY: /* Sunday is 1; day 0 was a Thursday */
		return coded(rtc, (int)((now / SECONDS_PER_DAY + 4) % 7 + 1));
	case DAY:
		return coded(rtc, date.day);
	case MONTH:
		return coded(rtc, date.month);
	case YEAR:
		return coded(rtc, date.year % 100);
	default:
		return coded(rtc, date.year / 100);
	}
}

uint8_t mc146818_read(
	const struct mc146818 *rtc, uint16_t port, uint64_t now_ns)
{
	uint64_t into_second = now_ns % NS_PER_S;

	if (port == 0x70)
		return 0xff;
	switch (rtc->index) {
	case SECONDS:
	case MINUTES:
	case HOURS:
	case WEEKDAY:
	case DAY:
	case MONTH:
	case YEAR:
	case CENTURY:
		return read_time(rtc, rtc->index, now_ns);
	case REG_A:
		if (into_second >= NS_PER_S - UPDATE_NS)
			return rtc->ram[REG_A] | A_UPDATE;
		return rtc->ram[REG_A];
	case REG_C:
		return 0; /* no interrupts */
	case REG_D:
		return D_VALID;
	default:
		return rtc->ram[rtc->index];
	}
}

void mc146818_write(struct mc146818 *rtc, uint16_t port, uint8_t value)
{
	if (port == 0x70) {
		rtc->index = value & (MC146818_RAM - 1);
		return;
	}
	switch (rtc->index) {
	case REG_A:
		rtc->ram[REG_A] = value & (uint8_t)~A_UPDATE;
		break;
	case REG_B:
		/* The interrupts cannot be enabled. */
		rtc->ram[REG_B] = value & (B_SET | B_24H | B_BINARY);
		break;
	case REG_C:
	case REG_D:
		break;
	default:
		/* The time is not set: it is the VMM's. */
		rtc->ram[rtc->index] = value;
		break;
	}
}
