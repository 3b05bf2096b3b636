/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the stub kernel's modes have in common. */
#ifndef TESTS_STUBKERNEL_STUB_H
#define TESTS_STUBKERNEL_STUB_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/abi/boot.h"
#include "vmm/abi/control.h"

extern volatile struct control_page *const page;
extern const struct boot_info *boot;

static inline void action(uint32_t eax)
{
	__asm__ volatile("outl %0, %1"
			 :
			 : "a"(eax), "N"(ACTION_PORT)
			 : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint32_t low;
	uint32_t high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

void print(const char *s);
void print_number(uint64_t n);

/** slot_of - the first portal that has @role, BOOT_PORTAL_*; 0: none. */
uint32_t slot_of(uint32_t role);

/** vmm_call - a request to the VMM, whose words stand in message_out. */
void vmm_call(uint32_t op, unsigned untyped, unsigned typed);

/** call_once - call a portal; returns the error, 0 for the right reply. */
uint64_t call_once(uint32_t slot, uint64_t value);

/** ask_for_releases - as notification 0; returns the period in TSC ticks. */
uint64_t ask_for_releases(void);
void wait_for_release(void);
void bind(uint32_t slot);

/** accept_calls - through the first portal that is served; returns its slot. */
uint32_t accept_calls(void);
void stop(uint64_t status);

/** number_behind - the number behind the @n-th blank of @args. */
uint64_t number_behind(const char *args, unsigned n);

/* Modes in files of their own. */
void beat(void);
void crowd(void);
void drive(void);
void fuzz(void);
void hoard(void);

#endif
