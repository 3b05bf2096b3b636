/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel interface page, and a thread's control block when it is new.
 * Source: L4 X.2 Reference Manual, "Kernel Interface Page", "Virtual
 * Registers".
 */
#include "guestkernel/abi/bootinfo.h"
#include "guestkernel/abi/kip.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define LINKS 11
#define OTHERS 10

static void rest(void *arg)
{
	(void)arg;
	for (;;)
		L4_Sleep(L4_Never);
}

/* KernelInterface between registers of known values. */
struct answer {
	uint64_t rax, rcx, rdx, rsi;
	uint64_t other[OTHERS]; /* rbx rdi r8 .. r15 */
};

static void kernel_interface(struct answer *a)
{
	__asm__ volatile("movq %%rbp, %%xmm0\n\t"
			 "movq %0, %%xmm1\n\t"
			 "movl $1, %%ebx\n\tmovl $2, %%edi\n\t"
			 "movl $3, %%r8d\n\tmovl $4, %%r9d\n\t"
			 "movl $5, %%r10d\n\tmovl $6, %%r11d\n\t"
			 "movl $7, %%r12d\n\tmovl $8, %%r13d\n\t"
			 "movl $9, %%r14d\n\tmovl $10, %%r15d\n\t"
			 ".byte 0xf0, 0x90\n\t"
			 "movq %%xmm1, %%rbp\n\t"
			 "movq %%rax, 0(%%rbp)\n\tmovq %%rcx, 8(%%rbp)\n\t"
			 "movq %%rdx, 16(%%rbp)\n\tmovq %%rsi, 24(%%rbp)\n\t"
			 "movq %%rbx, 32(%%rbp)\n\tmovq %%rdi, 40(%%rbp)\n\t"
			 "movq %%r8, 48(%%rbp)\n\tmovq %%r9, 56(%%rbp)\n\t"
			 "movq %%r10, 64(%%rbp)\n\tmovq %%r11, 72(%%rbp)\n\t"
			 "movq %%r12, 80(%%rbp)\n\tmovq %%r13, 88(%%rbp)\n\t"
			 "movq %%r14, 96(%%rbp)\n\tmovq %%r15, 104(%%rbp)\n\t"
			 "movq %%xmm0, %%rbp"
			 :
			 : "a"(a)
			 : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10",
			 "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1",
			 "memory");
}

TEST(kernel_interface_tells_four_words_and_keeps_the_rest)
{
	struct answer a;

	kernel_interface(&a);
	CHECK_EQ(a.rax, KIP_BASE);
	CHECK_EQ(a.rcx, KIP_API_VERSION);
	CHECK_EQ(a.rdx, KIP_API_FLAGS);
	for (uint64_t i = 0; i < OTHERS; i++)
		CHECK_EQ(a.other[i], i + 1);

	const struct kip_kernel *kernel =
		(const void *)(a.rax + l4_kip()->kernel_desc);

	CHECK_EQ(a.rsi, kernel->id);
}

TEST(the_page_says_what_the_interface_is)
{
	const struct kip *kip = l4_kip();

	CHECK_EQ(kip->magic, KIP_MAGIC);
	CHECK_EQ(kip->api_version, KIP_API_VERSION);
	CHECK_EQ(kip->api_flags, KIP_API_FLAGS);
	CHECK_EQ(kip->utcb_info, 0x000c2801);
	CHECK_EQ(kip->kip_area_info, 12);
	CHECK_EQ(kip->page_info, KIP_PAGE_INFO);
	CHECK_EQ(kip->thread_info & 0xff, 17);
	CHECK(KIP_THREAD_USER_BASE(kip->thread_info) < 256);
	CHECK(KIP_THREAD_SYSTEM_BASE(kip->thread_info) <
		KIP_THREAD_USER_BASE(kip->thread_info));
	CHECK_EQ(kip->processor_info, KIP_PROCESSOR_INFO(1, 5));
	CHECK(kip->clock_info != 0);
}

TEST(its_descriptors_lie_in_it_and_no_feature_is_listed)
{
	const struct kip *kip = l4_kip();
	const char *text = (const char *)kip + kip->kernel_desc +
			   sizeof(struct kip_kernel);
	const struct kip_processor *cpu =
		(const void *)((const char *)kip + kip->proc_desc);

	CHECK(kip->kernel_desc >= sizeof(*kip));
	CHECK(kip->kernel_desc < KIP_SIZE);
	CHECK(kip->proc_desc >= sizeof(*kip));
	CHECK(kip->proc_desc + sizeof(*cpu) <= KIP_SIZE);
	CHECK(cpu->internal_khz > 0);
	CHECK(*text != 0);
	while (*text)
		text++;
	CHECK_EQ(text[1], 0);
}

static const struct kip_memory *memory(unsigned *n)
{
	const struct kip *kip = l4_kip();
	uint32_t offset = KIP_MEMORY_OFFSET(kip->memory_info);

	*n = KIP_MEMORY_COUNT(kip->memory_info);
	CHECK(offset >= sizeof(*kip));
	CHECK(offset + *n * sizeof(struct kip_memory) <= KIP_SIZE);
	return (const void *)((const char *)kip + offset);
}

TEST(memory_is_described)
{
	unsigned n, conventional = 0, reserved = 0, user = 0;
	const struct kip_memory *m = memory(&n);

	for (unsigned i = 0; i < n; i++) {
		uint64_t type = m[i].low & KIP_MEMORY_TYPE_MASK;
		bool is_virtual = m[i].low & KIP_MEMORY_VIRTUAL;

		CHECK((m[i].high | 0x3ff) > (m[i].low & ~UINT64_C(0x3ff)));
		conventional += type == KIP_MEMORY_CONVENTIONAL && !is_virtual;
		reserved += type == KIP_MEMORY_RESERVED && !is_virtual;
		user += type == KIP_MEMORY_CONVENTIONAL && is_virtual;
	}
	CHECK(conventional >= 1);
	CHECK(reserved >= 1);
	CHECK_EQ(user, 1);
}

TEST(servers_are_told)
{
	const struct kip *kip = l4_kip();
	uint64_t here = (uint64_t)rest;

	CHECK(kip->root.low <= here && here < kip->root.high);
	CHECK(kip->sigma0.low < kip->sigma0.high);
	CHECK(kip->root.ip >= kip->root.low && kip->root.ip < kip->root.high);
}

/* As its records say, for root tasks of whatever system. */
TEST(boot_information_lists_servers_and_modules)
{
	const struct kip *kip = l4_kip();
	const struct boot_info *own = root_boot_info();
	const struct bootinfo *info = (const struct bootinfo *)kip->boot_info;
	const struct bootinfo_exec *sigma0, *root;

	REQUIRE(own != NULL);
	CHECK_EQ(info->magic, BOOTINFO_MAGIC);
	CHECK_EQ(info->nr_entries, own->nr_modules + 1);
	sigma0 = (const struct bootinfo_exec *)bootinfo_first(info);
	root = (const struct bootinfo_exec *)bootinfo_next(&sigma0->record);
	CHECK_EQ(sigma0->record.type, BOOTINFO_EXEC);
	CHECK_EQ(sigma0->initial_ip, kip->sigma0.ip);
	CHECK_EQ(root->record.type, BOOTINFO_EXEC);
	CHECK_EQ(root->initial_ip, kip->root.ip);
	CHECK_EQ(root->text.pstart, kip->root.low);
}

/* Each link is an address that can be called in each space. */
static volatile uint64_t clock_elsewhere;

static void call_by_link(void *arg)
{
	(void)arg;
	clock_elsewhere = ((uint64_t(*)(void))l4_kip()->system_clock)();
	rest(NULL);
}

TEST(links_are_absolute)
{
	const uint64_t *link = &l4_kip()->space_control;
	thread_id_t id;

	for (unsigned i = 0; i < LINKS; i++) {
		CHECK(link[i] > UINT64_C(0xffff800000000000));
		for (unsigned j = 0; j < i; j++)
			CHECK(link[i] != link[j]);
	}
	clock_elsewhere = 0;
	id = spawn_in_new_space(call_by_link, NULL);
	settle();
	CHECK(clock_elsewhere != 0);
	CHECK(clock_elsewhere <= L4_SystemClock());
	kill(id);
}

/* --- UTCBs --- */

/* From the acceptor on to the message registers: the control registers. */
#define BR0_WORD (UTCB_POINTER / 8 + UTCB_BR0)
#define MR0_WORD (UTCB_POINTER / 8 + UTCB_MR0)
#define UTCB_WORDS (UTCB_SIZE / 8)

static struct utcb copy;

static void look_at_utcb(void *arg)
{
	(void)arg;
	copy = *l4_utcb();
	rest(NULL);
}

static void fill_utcb(void *arg)
{
	const struct utcb before = *l4_utcb();

	(void)arg;
	for (unsigned i = 0; i < UTCB_WORDS; i++)
		((volatile uint64_t *)l4_utcb())[i] = UINT64_MAX;
	l4_utcb()->my_global_id = before.my_global_id;
	l4_utcb()->pager = before.pager;
	rest(NULL);
}

/* How many words, but for the two that are set, are neither 0 nor @left. */
static unsigned strange_words(unsigned first, unsigned end, uint64_t left)
{
	const uint64_t *word = (const uint64_t *)&copy;
	unsigned strange = 0;

	for (unsigned i = first; i < end; i++)
		strange += word[i] != 0 && word[i] != left &&
			   &word[i] != &copy.my_global_id &&
			   &word[i] != &copy.pager;
	return strange;
}

static thread_id_t start_at(
	uint32_t number, uint64_t utcb, void (*entry)(void *))
{
	thread_id_t id = thread_id_global(number, 1);
	thread_id_t self = L4_MyGlobalId();

	CHECK(L4_ThreadControl(id, self, self, THREAD_SIGMA0, utcb) != 0);
	CHECK(!thread_id_is_nil(L4_Start_SpIp(
		id, stack_top(entry, NULL), (uint64_t)thread_entry)));
	settle();
	return id;
}

/*
 * X.2 says nothing of what message and buffer registers hold before one is
 * loaded; but for the acceptor they keep what a thread of this space left.
 */
TEST(control_registers_of_a_utcb_used_before_tell_who_one_is_and_nothing_else)
{
	uint64_t utcb;
	uint32_t number = thread_id_number(root_thread_reserve(&utcb));
	thread_id_t id = start_at(number, utcb, fill_utcb);

	kill(id);
	id = start_at(number, utcb, look_at_utcb);
	CHECK_EQ(strange_words(BR0_WORD, MR0_WORD, 0), 0);
	CHECK_EQ(strange_words(0, UTCB_WORDS, UINT64_MAX), 0);
	CHECK_EQ(copy.my_global_id, id.raw);
	CHECK_EQ(copy.pager, THREAD_SIGMA0.raw);
	CHECK_EQ(copy.exception_handler, 0);
	CHECK_EQ(copy.processor_no, 0);
	kill(id);
}

/* Its page may be one that the space before it had. */
TEST(a_utcb_of_a_new_space_tells_who_one_is_and_nothing_else)
{
	thread_id_t id = spawn_in_new_space(fill_utcb, NULL);

	CHECK(!thread_id_is_nil(id));
	settle();
	kill(id);
	id = spawn_in_new_space(look_at_utcb, NULL);
	CHECK(!thread_id_is_nil(id));
	copy.my_global_id = 0;
	settle();
	CHECK_EQ(strange_words(0, UTCB_WORDS, 0), 0);
	CHECK_EQ(copy.my_global_id, id.raw);
	CHECK(copy.pager != 0);
	kill(id);
}

static volatile uint64_t gs_word;

static void read_gs(void *arg)
{
	uint64_t word;

	(void)arg;
	/* A thread may load the register; the next read is right again. */
	__asm__ volatile("movw %w1, %%gs\n\tmovq %%gs:0, %0"
			 : "=r"(word)
			 : "r"(0));
	gs_word = word;
	rest(NULL);
}

TEST(gs_names_the_local_id)
{
	uint64_t utcb;
	uint32_t number = thread_id_number(root_thread_reserve(&utcb));
	thread_id_t id = start_at(number, utcb, read_gs);

	CHECK_EQ(gs_word, utcb + UTCB_POINTER);
	CHECK_EQ(L4_LocalIdOf(id).raw, utcb + UTCB_POINTER);
	CHECK_EQ(L4_MyLocalId().raw, UTCB_AREA_BASE + UTCB_POINTER);
	kill(id);
}

TAP_MAIN(CASE(kernel_interface_tells_four_words_and_keeps_the_rest),
	CASE(the_page_says_what_the_interface_is),
	CASE(its_descriptors_lie_in_it_and_no_feature_is_listed),
	CASE(memory_is_described), CASE(servers_are_told),
	CASE(boot_information_lists_servers_and_modules),
	CASE(links_are_absolute),
	CASE(control_registers_of_a_utcb_used_before_tell_who_one_is_and_nothing_else),
	CASE(a_utcb_of_a_new_space_tells_who_one_is_and_nothing_else),
	CASE(gs_names_the_local_id))
