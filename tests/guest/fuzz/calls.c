/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random system calls: half of them Ipc, with items and buffers. */
#include "guestkernel/abi/fpage.h"
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/msgtag.h"
#include "guestkernel/abi/protocol.h"
#include "guestkernel/abi/syscall.h"
#include "guestkernel/abi/utcb.h"
#include "servers/lib/libl4/utcb.h"
#include "tests/guest/fixture.h"
#include "tests/guest/fuzz/fuzz.h"

#define ZERO_TIMEOUTS UINT64_C(0x04000400)
#define FPAGE_COMPLETE_LOG2 1
#define STRING_MAX 20000		    /* bytes */
#define SHORT_TIMEOUTS UINT64_C(0x04010401) /* 1 us each */

static bool is_privileged(const struct fuzzer *f)
{
	return f->number < FUZZ_PRIVILEGED;
}

static uint64_t any_tag(uint64_t r)
{
	uint64_t label = r >> 40;

	if (r % 16 == 0)
		return r;
	if (r % 16 == 1)
		label = PROTOCOL_LABEL((r >> 30) % 9);
	return msgtag_make(label, (unsigned)(r >> 8) % 12,
		       (unsigned)(r >> 16) % 4 * 2)
		       .raw |
	       (r >> 24 & MSGTAG_FLAGS);
}

static uint64_t any_item(uint64_t r)
{
	uint64_t word = (r >> 4 & ~UINT64_C(0x3ff)) % (UINT64_C(1) << 32);

	switch (r % 8) {
	case 0:
		return word | (r >> 8 & 0x3ff);
	case 1:
	case 2:
		return word | ITEM_GRANT;
	case 3:
	case 4:
		return (r >> 20) % STRING_MAX << 10 | (r >> 8 & 0x2f1);
	default:
		return word | ITEM_MAP;
	}
}

/* As an fpage, or as the place of a string. */
static bool has_root_text(uint64_t word)
{
	unsigned log2 = fpage_log2((fpage_t){word});
	uint64_t size = UINT64_C(1) << log2;

	return log2 == FPAGE_COMPLETE_LOG2 ||
	       fuzz_is_root_text(word, STRING_MAX) ||
	       (log2 >= FPAGE_LOG2_MIN &&
		       fuzz_is_root_text(word & -size, size));
}

/*
 * Others must not get to write what the root task itself lives in, nor to
 * execute, or copy, what ends it.
 */
static uint64_t sent_fpage(struct fuzzer *f)
{
	uint64_t fpage = fuzz_any_fpage(fuzz_next(f));

	if (!is_privileged(f))
		return fpage;
	if (has_root_text(fpage))
		fpage = fpage_make(FUZZ_MEMORY_BASE, FPAGE_LOG2_MIN, fpage & 7)
				.raw;
	return fpage & ~FPAGE_W;
}

/* In the root task's own space one could speak for it, and start the others. */
static uint64_t any_virtual_sender(struct fuzzer *f)
{
	uint64_t id = fuzz_any_id(fuzz_next(f));

	if (is_privileged(f) &&
		(id == fuzz_root.raw || id == UTCB_AREA_BASE + UTCB_POINTER))
		return fuzz_id(0).raw;
	return id;
}

static uint64_t any_window(struct fuzzer *f)
{
	uint64_t r = fuzz_next(f);
	uint64_t accepts = r & 1;

	if (!is_privileged(f))
		return accepts | (r % 3 ? FPAGE_COMPLETE.raw
					: fuzz_any_fpage(r) & ~UINT64_C(0xf));
	return accepts | fpage_make(FUZZ_WINDOW_BASE, FUZZ_WINDOW_LOG2, 0).raw;
}

static void prepare_buffers(struct fuzzer *f, uint64_t *utcb)
{
	uint64_t r = fuzz_next(f);

	utcb[UTCB_BR0] = any_window(f);
	for (int i = 1; i < 9; i++) {
		uint64_t address = fuzz_any_address(r >> 3);

		if (is_privileged(f))
			address = FUZZ_MEMORY_BASE + r % FUZZ_MEMORY_SIZE;
		utcb[UTCB_BR0 - i] =
			i % 2 ? (r >> 40) % STRING_MAX << 10 | (r >> 8 & 0x2f1)
			      : address;
		r = fuzz_next(f);
	}
}

/* Some never, most short: a fuzzer is to call often. */
static uint64_t any_timeouts(uint64_t r)
{
	if (r % 16 == 0)
		return r >> 4;
	return r % 4 ? ZERO_TIMEOUTS : SHORT_TIMEOUTS;
}

static void prepare_ipc(struct fuzzer *f, struct fuzz_registers *r)
{
	uint64_t *utcb = (uint64_t *)(void *)l4_utcb()->mr;
	uint64_t tag = any_tag(fuzz_next(f));
	unsigned first = msgtag_untyped((msgtag_t){tag}) + 1;
	uint64_t *mr[8] = {&r->r9, &r->rax, &r->rbx, &r->r10, &r->r12, &r->r13,
		&r->r14, &r->r15};

	r->rsi = fuzz_any_id(fuzz_next(f));
	r->rdx = fuzz_next(f) % 4 ? fuzz_any_id(fuzz_next(f)) : r->rsi;
	r->r8 = any_timeouts(fuzz_next(f));
	*mr[0] = tag;
	for (unsigned i = first; i < first + 6 && i < 62; i += 2) {
		*(i < 8 ? mr[i] : &utcb[i]) = any_item(fuzz_next(f));
		*(i + 1 < 8 ? mr[i + 1] : &utcb[i + 1]) = sent_fpage(f);
	}
	prepare_buffers(f, utcb);
	utcb[UTCB_VIRTUAL_SENDER] = any_virtual_sender(f);
	if (fuzz_next(f) % 4 == 0)
		utcb[UTCB_XFER_TIMEOUTS] = fuzz_next(f);
}

/* Control registers that the kernel reads: wrong ones mostly end the fuzzer. */
static void spoil_utcb(struct fuzzer *f)
{
	static const int8_t registers[] = {UTCB_PAGER, UTCB_EXCEPTION_HANDLER,
		UTCB_MY_GLOBAL_ID, UTCB_FLAGS, UTCB_ERROR_CODE,
		UTCB_PROCESSOR_NO, UTCB_INTENDED_RECEIVER, UTCB_USER_HANDLE};
	uint64_t *utcb = (uint64_t *)(void *)l4_utcb()->mr;
	uint64_t r = fuzz_next(f);

	utcb[registers[r % sizeof(registers)]] = fuzz_any_word(f);
}

/*
 * A space that a victim may live in: not the root task's, whose memory it
 * would write at random.
 */
static uint64_t foreign_space(uint64_t r)
{
	unsigned n = FUZZ_PRIVILEGED +
		     (unsigned)(r >> 8) % (FUZZ_THREADS - FUZZ_PRIVILEGED);

	switch (r % 4) {
	case 0:
		return 0;
	case 1:
		return fuzz_id(n).raw;
	default:
		return fuzz_victim(r >> 8);
	}
}

static uint64_t victim_or_interrupt(uint64_t r)
{
	if (r % 16)
		return fuzz_victim(r >> 4);
	return thread_id_interrupt((uint32_t)(r >> 4) % FUZZ_INTERRUPTS).raw;
}

/* What the root task itself needs is left alone by its own threads. */
static void spare_root(struct fuzzer *f, struct fuzz_registers *r)
{
	if (r->rbp == SYSCALL_EXCHANGE_REGISTERS)
		r->rax = fuzz_victim(fuzz_next(f));
	else if (r->rbp != SYSCALL_UNMAP && r->rbp > SYSCALL_LIPC)
		r->rdi = fuzz_victim(fuzz_next(f));
	if (r->rbp == SYSCALL_THREAD_CONTROL) {
		r->rdi = victim_or_interrupt(fuzz_next(f));
		r->r8 = foreign_space(fuzz_next(f));
	}
}

static uint64_t any_pager(uint64_t r)
{
	if (r % 8 == 0)
		return fuzz_any_id(r >> 3);
	return r % 2 ? fuzz_root.raw : 0;
}

/* A pair of such calls makes a space that can be used. */
static void make_sense(struct fuzzer *f, struct fuzz_registers *r)
{
	if (r->rbp == SYSCALL_SPACE_CONTROL) {
		r->rdx = fpage_make(KIP_BASE, FPAGE_LOG2_MIN, 0).raw;
		r->r8 = fpage_make(UTCB_AREA_BASE, UTCB_AREA_LOG2, 0).raw;
	} else if (r->rbp == SYSCALL_THREAD_CONTROL) {
		r->r9 = UTCB_AREA_BASE + fuzz_next(f) % 256 * UTCB_SIZE;
		r->rdx = fuzz_root.raw;
		r->rsi = any_pager(fuzz_next(f));
	}
}

void fuzz_syscall(void);
__asm__(".text\n"
	".globl fuzz_syscall\n"
	"fuzz_syscall:\n\t"
	"syscall\n\t"
	"ret");

void fuzz_any_call(struct fuzzer *f, struct fuzz_registers *r)
{
	r->rbp = fuzz_next(f) % 2 ? SYSCALL_IPC
				  : fuzz_next(f) % (SYSCALL_NR + 2);
	r->target = (uint64_t)fuzz_syscall;
	/* Many large fpages take milliseconds. */
	if (r->rbp == SYSCALL_UNMAP && fuzz_next(f) % 16)
		r->rdx &= UNMAP_FLUSH | 1;
	if (r->rbp <= SYSCALL_LIPC)
		prepare_ipc(f, r);
	if (fuzz_next(f) % 2)
		make_sense(f, r);
	if (is_privileged(f))
		spare_root(f, r);
	else if (fuzz_next(f) % 64 == 0)
		spoil_utcb(f);
	fuzz_enter(r);
}
