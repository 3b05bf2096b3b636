/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One instruction per function, with exact constraints. */
#ifndef GUESTKERNEL_X86_INSN_H
#define GUESTKERNEL_X86_INSN_H

#include <stdbool.h>
#include <stdint.h>

/** rdtsc - the time stamp counter; clock.c. */
uint64_t rdtsc(void) __attribute__((noinline));

static inline void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint64_t read_cr0(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr0, %0" : "=r"(value));
	return value;
}

static inline void write_cr0(uint64_t value)
{
	__asm__ volatile("movq %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint64_t read_cr2(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr2, %0" : "=r"(value));
	return value;
}

static inline uint64_t read_cr3(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr3, %0" : "=r"(value));
	return value;
}

static inline void write_cr3(uint64_t value)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(value) : "memory");
}

static inline uint64_t read_cr4(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr4, %0" : "=r"(value));
	return value;
}

static inline void write_cr4(uint64_t value)
{
	__asm__ volatile("movq %0, %%cr4" : : "r"(value) : "memory");
}

static inline void clts(void)
{
	__asm__ volatile("clts");
}

static inline void invlpg(uint64_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/** rdmsr_low - the lower half of a model-specific register. */
static inline uint32_t rdmsr_low(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile(
		"wrmsr"
		:
		: "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		: "memory");
}

static inline void load_fs(uint16_t selector)
{
	__asm__ volatile("movw %0, %%fs" : : "r"(selector));
}

static inline void load_gs(uint16_t selector)
{
	__asm__ volatile("movw %0, %%gs" : : "r"(selector));
}

static inline void fxsave(void *area)
{
	__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static inline void fxrstor(const void *area)
{
	__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

/**
 * interrupt_window - let the VMM inject what waits, in the middle of a long
 * operation.  The handler returns at once; the event is read at dispatch.
 */
static inline __attribute__((always_inline)) void interrupt_window(void)
{
	__asm__ volatile("sti; nop; cli" : : : "memory");
}

/** mul_div - @a * @b / @c, which fits. */
static inline uint64_t mul_div(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t high;

	__asm__("mulq %3\n\t"
		"divq %4"
		: "=a"(a), "=&d"(high)
		: "0"(a), "r"(b), "r"(c)
		: "cc");
	return a;
}

/** mul_high - the upper half of @a * @b. */
static inline uint64_t mul_high(uint64_t a, uint64_t b)
{
	uint64_t high;

	__asm__("mulq %2" : "+a"(a), "=d"(high) : "r"(b) : "cc");
	return high;
}

/** bit_set - into a set of any size, an array of words. */
static inline void bit_set(volatile uint64_t *set, uint64_t n)
{
	__asm__ volatile("btsq %1, %0" : "+m"(*set) : "r"(n) : "cc", "memory");
}

/** bit_clear - out of such a set. */
static inline void bit_clear(volatile uint64_t *set, uint64_t n)
{
	__asm__ volatile("btrq %1, %0" : "+m"(*set) : "r"(n) : "cc", "memory");
}

/** bit_test - is @n in such a set? */
static inline bool bit_test(const volatile uint64_t *set, uint64_t n)
{
	bool is_in;

	__asm__ volatile("btq %2, %1"
			 : "=@ccc"(is_in)
			 : "m"(*set), "r"(n)
			 : "memory");
	return is_in;
}

/**
 * set_bits, clear_bits - @bits, a constant, all in one byte of the lower two of
 * @word: a byte is shorter to change.
 */
static inline __attribute__((always_inline)) void set_bits(
	void *word, uint32_t bits)
{
	unsigned n = bits > 0xff;

	((uint8_t *)word)[n] |= (uint8_t)(bits >> 8 * n);
}

static inline __attribute__((always_inline)) void clear_bits(
	void *word, uint32_t bits)
{
	unsigned n = bits > 0xff;

	((uint8_t *)word)[n] &= (uint8_t) ~(bits >> 8 * n);
}

/** bit_take - clear bit @n, a constant; was it set? */
static inline bool bit_take(uint32_t *word, unsigned n)
{
	bool was_set;

	__asm__ volatile("btrl %2, %1"
			 : "=@ccc"(was_set), "+m"(*word)
			 : "Ir"(n)
			 : "cc");
	return was_set;
}

/**
 * page_of - where the page of @address begins.
 *
 * All that changes is in 16 bits, and shorter to say.
 */
static inline uint64_t page_of(uint64_t address)
{
	__asm__("andw $0xf000, %w0" : "+r"(address) : : "cc");
	return address;
}

/** zero_words - clear @count words at @p. */
static inline void zero_words(void *p, uint64_t count)
{
	__asm__ volatile("rep stosq"
			 : "+D"(p), "+c"(count)
			 : "a"(0)
			 : "memory");
}

/** copy_words - copy @count words; forward, the places may overlap so. */
static inline void copy_words(void *to, const void *from, uint64_t count)
{
	__asm__ volatile("rep movsq"
			 : "+D"(to), "+S"(from), "+c"(count)
			 :
			 : "memory");
}

#endif
