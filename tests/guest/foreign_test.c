/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign spaces: an unmodified Linux program, of which this test emulates the
 * system calls, and what such a space must and must not let through.
 * Interface: guestkernel/abi/foreign.h.
 */
#include <elf.h>
#include <string.h>

#include "guestkernel/abi/foreign.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define TIMEOUT_US 1000000
#define EXCEPTIONS_MAX 100 /* of the program */

/* Where Linux has them. */
#define PROGRAM_BASE UINT64_C(0x400000)
#define STACK_PAGE UINT64_C(0x7ffffffef000)
#define MMAP_PAGE UINT64_C(0x7ffff7ff0000)

#define VECTOR_DB 1
#define VECTOR_UD 6
#define VECTOR_GP 13
#define VECTOR_PF 14
#define PF_PRESENT_USER 5 /* error code: a page that is not for user mode */

#define SYS_WRITE 1
#define SYS_GETPID 39
#define SYS_EXIT 60
#define SYS_ARCH_PRCTL 158
#define SYS32_WRITE 4
#define PID 4711

#define RFLAGS_TF 0x100
#define RFLAGS_IF 0x200
#define RFLAGS_DF 0x400
#define RFLAGS_IOPL 0x3000

extern char linux_program[]; /* foreign_image.S */

static char code[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static char stack[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static char output[128];
static size_t nr_output;

/* --- threads of foreign spaces --- */

static thread_id_t foreign_space(void)
{
	uint64_t unused;
	thread_id_t id = root_thread_reserve(&unused);
	thread_id_t me = L4_MyGlobalId();
	L4_Word_t control;

	if (!L4_ThreadControl(id, id, me, THREAD_NIL, UTCB_LOCATION_NONE))
		return THREAD_NIL;
	if (!L4_SpaceControl(id, SPACE_CONTROL_FOREIGN, FPAGE_NIL,
		    fpage_make(FOREIGN_UTCB_AREA, FOREIGN_UTCB_AREA_LOG2,
			    FPAGE_RIGHTS),
		    THREAD_NIL, &control) ||
		control != SPACE_CONTROL_FOREIGN)
		return THREAD_NIL;
	if (!L4_ThreadControl(id, id, me, me, FOREIGN_UTCB_AREA))
		return THREAD_NIL;
	return id;
}

static void start_at(thread_id_t id, uint64_t ip, uint64_t sp)
{
	L4_Set_MsgTag(msgtag_make(0, START_WORDS, 0));
	L4_LoadMR(1, ip);
	L4_LoadMR(2, sp);
	(void)L4_Send_Timeout(id, L4_TimePeriod(TIMEOUT_US));
}

static bool take(L4_MsgTag_t tag, L4_Msg_t *msg)
{
	if (msgtag_failed(tag) || msgtag_label(tag) != PROTOCOL_EXCEPTION ||
		msgtag_untyped(tag) != FOREIGN_WORDS)
		return false;
	L4_MsgStore(tag, msg);
	return true;
}

/* The next exception of @id; false if none comes. */
static bool next(thread_id_t id, L4_Msg_t *msg)
{
	return take(L4_Receive_Timeout(id, L4_TimePeriod(TIMEOUT_US)), msg);
}

/*
 * Let it go on, as personalities do, with @words registers of @msg, and take
 * the next exception in the same Ipc.
 */
static bool answer(thread_id_t id, L4_Msg_t *msg, unsigned words)
{
	msg->mr[0] = msgtag_make(0, words, 0).raw;
	L4_MsgLoad(msg);
	return take(L4_Call(id), msg);
}

/* Let it go on with the registers in @msg. */
static void resume(thread_id_t id, L4_Msg_t *msg)
{
	msg->mr[0] = msgtag_make(0, FOREIGN_WORDS, 0).raw;
	L4_MsgLoad(msg);
	(void)L4_Send_Timeout(id, L4_TimePeriod(TIMEOUT_US));
}

/* Let it go on with a page at @address, all else as it was. */
static void resume_with(thread_id_t id, uint64_t address, const void *page)
{
	/* Only what is mapped here can be mapped on. */
	(void)*(const volatile char *)page;
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(address));
	L4_LoadMR(2,
		fpage_make((uint64_t)page, FPAGE_LOG2_MIN, FPAGE_RIGHTS).raw);
	(void)L4_Send_Timeout(id, L4_TimePeriod(TIMEOUT_US));
}

/* --- a personality --- */

/* The page of the program's file behind @address, or NULL. */
static char *file_page(uint64_t address)
{
	const Elf64_Ehdr *elf = (const Elf64_Ehdr *)linux_program;
	const Elf64_Phdr *segment =
		(const Elf64_Phdr *)(linux_program + elf->e_phoff);

	for (unsigned i = 0; i < elf->e_phnum; i++, segment++) {
		uint64_t offset = address - segment->p_vaddr;

		if (segment->p_type == PT_LOAD && offset < segment->p_memsz)
			return linux_program + segment->p_offset + offset;
	}
	return NULL;
}

static bool page_in(thread_id_t id, uint64_t address)
{
	uint64_t at = address & ~(uint64_t)(PAGE_SIZE - 1);
	char *page = at == STACK_PAGE ? stack : file_page(at);

	if (page)
		resume_with(id, at, page);
	return page != NULL;
}

static uint64_t write_out(uint64_t address, uint64_t size)
{
	const char *from = file_page(address);

	if (!from || size > sizeof(output) - nr_output)
		return (uint64_t)-1;
	memcpy(output + nr_output, from, size);
	nr_output += size;
	return size;
}

static uint64_t system_call(L4_Msg_t *msg)
{
	uint64_t *mr = msg->mr;

	switch (mr[EXCEPTION_MR_RAX]) {
	case SYS_WRITE:
		return write_out(mr[EXCEPTION_MR_RSI], mr[EXCEPTION_MR_RDX]);
	case SYS_GETPID:
		return PID;
	case SYS_ARCH_PRCTL:
		mr[FOREIGN_MR_FS_BASE] = mr[EXCEPTION_MR_RSI];
		return 0;
	default:
		return (uint64_t)-1;
	}
}

static uint64_t system_call_32(const L4_Msg_t *msg)
{
	const uint64_t *mr = msg->mr;

	if (mr[EXCEPTION_MR_RAX] != SYS32_WRITE)
		return (uint64_t)-1;
	return write_out(mr[EXCEPTION_MR_RCX], mr[EXCEPTION_MR_RDX]);
}

/*
 * Runs the program; its exit status, or what stopped it, above 0xff.
 * @words: of registers in each answer
 */
static uint64_t serve(thread_id_t id, unsigned words)
{
	L4_Msg_t msg;
	bool goes_on = next(id, &msg);

	for (unsigned i = 0; i < EXCEPTIONS_MAX && goes_on; i++) {
		uint64_t *mr = msg.mr;
		uint64_t vector = mr[EXCEPTION_MR_VECTOR];

		if (vector == VECTOR_PF) {
			if (!page_in(id, mr[FOREIGN_MR_ADDRESS]))
				return vector << 8;
			goes_on = next(id, &msg);
			continue;
		}
		if (vector == FOREIGN_VECTOR_SYSCALL) {
			if (mr[EXCEPTION_MR_RAX] == SYS_EXIT)
				return mr[EXCEPTION_MR_RDI] & 0xff;
			mr[EXCEPTION_MR_RAX] = system_call(&msg);
		} else if (vector == (FOREIGN_VECTOR_INT | 0x80)) {
			mr[EXCEPTION_MR_RAX] = system_call_32(&msg);
		} else {
			return vector << 8;
		}
		goes_on = answer(id, &msg,
			mr[FOREIGN_MR_FS_BASE] ? FOREIGN_WORDS : words);
	}
	return UINT64_MAX;
}

static void run_program(unsigned words)
{
	const Elf64_Ehdr *elf = (const Elf64_Ehdr *)linux_program;
	uint64_t *sp = (uint64_t *)(stack + PAGE_SIZE) - 4;
	thread_id_t id = foreign_space();

	REQUIRE(!thread_id_is_nil(id));
	memset(stack, 0, sizeof(stack));
	*sp = 1; /* argc; argv[0] and all the rest are NULL */
	nr_output = 0;
	start_at(id, elf->e_entry, STACK_PAGE + (uint64_t)((char *)sp - stack));
	CHECK_EQ(serve(id, words), 42);
	output[nr_output] = 0;
	CHECK_STR(output, "written by SYSCALL\nwritten by INT\n");
	CHECK(elf->e_entry - PROGRAM_BASE < 0x10000);
	kill(id);
}

TEST(a_linux_program_runs)
{
	run_program(FOREIGN_WORDS);
}

/* The short way back, where no more than %rax and a few are set. */
TEST(it_runs_with_short_answers)
{
	run_program(EXCEPTION_MR_RAX);
}

/* --- single instructions --- */

#define SNIPPET(name, text)                                            \
	extern const char name[], name##_end[];                        \
	__asm__(".pushsection .rodata\n" #name ":\n\t" text "\n" #name \
		"_end:\n\t.popsection")

SNIPPET(nothing, "1: jmp 1b");
SNIPPET(fill_registers,
	"movl $0x11, %ebx\n\tmovl $0x12, %edx\n\tmovl $0x13, %esi\n\t"
	"movl $0x14, %edi\n\tmovl $0x15, %ebp\n\tmovl $0x16, %r12d\n\t"
	"movl $0x17, %r13d\n\tmovl $0x18, %r8d\n\tmovl $0x19, %r9d\n\t"
	"movl $0x1a, %r10d\n\tmovl $0x1b, %r14d\n\t"
	"movl $0x10, %eax\n\tmovl $0x55, %r15d\n"
	"cmpl %eax, %eax\n1: syscall\n\tjmp 1b");
SNIPPET(two_nops, "nop\n\tnop\n\tud2");
SNIPPET(read_gs, "movq %gs:0, %rax\n\tud2");
SNIPPET(read_bases, "movq %fs:8, %rax\n\tmovq %gs:16, %rbx\n\tud2");
SNIPPET(read_port, "movw $0x3fd, %dx\n\tinb %dx, %al\n\tud2");
SNIPPET(ask_for_kip, "lock; nop");
SNIPPET(read_utcb, "movq 0x8200, %rax\n\tud2");
SNIPPET(call_ipc, "xorl %ebp, %ebp\n\txorl %esi, %esi\n\tmovq $-1, %rdx\n\t"
		  "xorl %r8d, %r8d\n\tsyscall\n\tud2");
SNIPPET(int_events, "int $32\n\tud2");
SNIPPET(move_selectors, "movl $0x23, %eax\n\tmovl %eax, %gs\n\t"
			"movl %eax, %fs\n\tud2");

SNIPPET(keep_fpu, "movl $0x1234, %ecx\n\tmovd %ecx, %xmm7\n\tfld1\n\t"
		  "movl $0x5f80, (%rsp)\n\tldmxcsr (%rsp)\n\tsyscall\n\t"
		  "movd %xmm7, %ebx\n\tfistl (%rsp)\n\tmovl (%rsp), %r12d\n\t"
		  "stmxcsr (%rsp)\n\tmovl (%rsp), %r13d\n\tud2");

/* A thread that executes @from at MMAP_PAGE and a page of its own behind. */
static thread_id_t run(const char *from, const char *end)
{
	thread_id_t id = foreign_space();
	L4_Msg_t msg;

	memcpy(code, from, (size_t)(end - from));
	for (unsigned i = 0; i < 8; i++)
		((uint64_t *)stack)[i] = 100 + i;
	start_at(id, MMAP_PAGE, STACK_PAGE);
	if (!next(id, &msg) || msg.mr[EXCEPTION_MR_VECTOR] != VECTOR_PF ||
		msg.mr[FOREIGN_MR_ADDRESS] != MMAP_PAGE ||
		msg.mr[EXCEPTION_MR_RIP] != MMAP_PAGE)
		return THREAD_NIL;
	resume_with(id, MMAP_PAGE, code);
	return id;
}

/* Its next exception; @msg is all zeroes if there is none. */
static uint64_t vector_of(thread_id_t id, L4_Msg_t *msg)
{
	memset(msg, 0, sizeof(*msg));
	return next(id, msg) ? msg->mr[EXCEPTION_MR_VECTOR] : UINT64_MAX;
}

#define RUN(name) run(name, name##_end)

/* What is copied the short way is what is copied the long way. */
TEST(all_registers_arrive_and_go_back_the_short_way)
{
	thread_id_t id = RUN(fill_registers);
	L4_Msg_t first, second;

	CHECK(next(id, &first));
	first.mr[EXCEPTION_MR_R15] = 0x55;
	second = first;
	CHECK(answer(id, &second, EXCEPTION_MR_RAX));
	for (unsigned i = 1; i <= FOREIGN_WORDS; i++)
		CHECK_EQ(second.mr[i], first.mr[i]);
	CHECK_EQ(first.mr[EXCEPTION_MR_RAX], 0x10);
	CHECK_EQ(first.mr[EXCEPTION_MR_R9], 0x19);
	CHECK_EQ(first.mr[EXCEPTION_MR_VECTOR], FOREIGN_VECTOR_SYSCALL);
	kill(id);
}

/* This thread uses the registers while the program waits for the answer. */
static void spoil_fpu(void)
{
	static const uint32_t mxcsr = 0x1f80;

	__asm__ volatile("ldmxcsr %0\n\t"
			 "pcmpeqd %%xmm7, %%xmm7\n\t"
			 "fninit\n\t"
			 "fldz"
			 :
			 : "m"(mxcsr)
			 : "xmm7", "st");
}

static void check_fpu(bool shortly)
{
	thread_id_t id = RUN(keep_fpu);
	L4_Msg_t msg;

	CHECK_EQ(vector_of(id, &msg), VECTOR_PF); /* its stack */
	resume_with(id, STACK_PAGE, stack);
	CHECK_EQ(vector_of(id, &msg), FOREIGN_VECTOR_SYSCALL);
	spoil_fpu();
	if (shortly) {
		CHECK(answer(id, &msg, EXCEPTION_MR_RAX));
	} else {
		resume(id, &msg);
		CHECK(next(id, &msg));
	}
	CHECK_EQ(msg.mr[EXCEPTION_MR_VECTOR], VECTOR_UD);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RBX], 0x1234);
	CHECK_EQ(msg.mr[EXCEPTION_MR_R12], 1);
	CHECK_EQ(msg.mr[EXCEPTION_MR_R13], 0x5f80);
	kill(id);
}

TEST(a_program_keeps_its_floating_point_registers)
{
	check_fpu(true);
	check_fpu(false);
}

TEST(gs_is_the_programs_own)
{
	thread_id_t id = RUN(read_gs);
	L4_Msg_t msg;

	CHECK_EQ(vector_of(id, &msg), VECTOR_PF);
	CHECK_EQ(msg.mr[FOREIGN_MR_ADDRESS], 0);
	CHECK_EQ(msg.mr[FOREIGN_MR_GS_BASE], 0);
	kill(id);
}

TEST(a_reply_sets_the_base_addresses)
{
	thread_id_t id = RUN(two_nops);
	L4_Msg_t msg;

	CHECK_EQ(vector_of(id, &msg), VECTOR_UD);
	memcpy(code, read_bases, (size_t)(read_bases_end - read_bases));
	msg.mr[EXCEPTION_MR_RIP] = MMAP_PAGE;
	msg.mr[FOREIGN_MR_FS_BASE] = STACK_PAGE;
	msg.mr[FOREIGN_MR_GS_BASE] = STACK_PAGE + 8;
	resume(id, &msg);
	CHECK_EQ(vector_of(id, &msg), VECTOR_PF);
	resume_with(id, STACK_PAGE, stack);
	CHECK_EQ(vector_of(id, &msg), VECTOR_UD);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RAX], 101);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RBX], 103);
	CHECK_EQ(msg.mr[FOREIGN_MR_FS_BASE], STACK_PAGE);
	CHECK_EQ(msg.mr[FOREIGN_MR_GS_BASE], STACK_PAGE + 8);

	/* Neither the kernel's half nor what is no address at all. */
	msg.mr[FOREIGN_MR_FS_BASE] = UINT64_C(0xffffffffc8001000);
	msg.mr[FOREIGN_MR_GS_BASE] = UINT64_C(0x8000000000000000);
	msg.mr[EXCEPTION_MR_RIP] = MMAP_PAGE;
	resume(id, &msg);
	CHECK_EQ(vector_of(id, &msg), VECTOR_PF);
	CHECK_EQ(msg.mr[FOREIGN_MR_ADDRESS], 8);
	CHECK_EQ(msg.mr[FOREIGN_MR_FS_BASE], 0);
	CHECK_EQ(msg.mr[FOREIGN_MR_GS_BASE], 0);
	kill(id);
}

TEST(bases_and_selectors_of_two_programs_do_not_mix)
{
	thread_id_t a = RUN(read_gs);
	L4_Msg_t first, msg;

	CHECK_EQ(vector_of(a, &first), VECTOR_PF);
	resume_with(a, 0, stack);

	thread_id_t b = RUN(move_selectors);

	CHECK_EQ(vector_of(b, &msg), VECTOR_UD);
	kill(b);
	/* This thread's own %gs was used all the while. */
	CHECK_EQ(L4_MyGlobalId().raw, THREAD_ROOT.raw);
	CHECK_EQ(vector_of(a, &msg), VECTOR_UD);
	kill(a);
}

TEST(there_is_no_way_to_devices_kip_or_utcb)
{
	thread_id_t id = RUN(read_port);
	L4_Msg_t msg;

	CHECK_EQ(vector_of(id, &msg), VECTOR_GP);
	kill(id);
	id = RUN(ask_for_kip);
	CHECK_EQ(vector_of(id, &msg), VECTOR_UD);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RIP], MMAP_PAGE);
	kill(id);
	id = RUN(read_utcb);
	CHECK_EQ(vector_of(id, &msg), VECTOR_PF);
	CHECK_EQ(msg.mr[FOREIGN_MR_ADDRESS], FOREIGN_UTCB_AREA + 0x200);
	CHECK_EQ(msg.mr[EXCEPTION_MR_ERROR], PF_PRESENT_USER);
	/* Nothing is mapped over it, either. */
	resume_with(id, FOREIGN_UTCB_AREA, stack);
	CHECK_EQ(vector_of(id, &msg), VECTOR_PF);
	kill(id);
}

TEST(l4_system_calls_are_none)
{
	thread_id_t id = RUN(call_ipc);
	L4_Msg_t msg;

	CHECK_EQ(vector_of(id, &msg), FOREIGN_VECTOR_SYSCALL);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RBP], 0);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RDX], UINT64_MAX);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RCX], msg.mr[EXCEPTION_MR_RIP]);
	CHECK_EQ(msg.mr[EXCEPTION_MR_R11], msg.mr[EXCEPTION_MR_RFLAGS]);
	kill(id);
}

TEST(int_names_its_vector_and_not_the_kernels)
{
	thread_id_t id = RUN(int_events);
	L4_Msg_t msg;

	CHECK_EQ(vector_of(id, &msg), FOREIGN_VECTOR_INT | 32);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RIP], MMAP_PAGE + 2);
	CHECK_EQ(msg.mr[EXCEPTION_MR_ERROR], 0);
	kill(id);
}

TEST(a_reply_sets_flags_but_no_privilege)
{
	thread_id_t id = RUN(two_nops);
	L4_Msg_t msg;

	CHECK_EQ(vector_of(id, &msg), VECTOR_UD);
	msg.mr[EXCEPTION_MR_RIP] = MMAP_PAGE;
	msg.mr[EXCEPTION_MR_RFLAGS] |= RFLAGS_IOPL | RFLAGS_TF | RFLAGS_DF;
	msg.mr[EXCEPTION_MR_RFLAGS] &= ~UINT64_C(RFLAGS_IF);
	msg.mr[EXCEPTION_MR_R11] = 0x11;
	msg.mr[EXCEPTION_MR_RCX] = 0x22;
	resume(id, &msg);
	CHECK_EQ(vector_of(id, &msg), VECTOR_DB);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RIP], MMAP_PAGE + 1);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RFLAGS] &
			 (RFLAGS_IOPL | RFLAGS_TF | RFLAGS_DF | RFLAGS_IF),
		RFLAGS_TF | RFLAGS_DF | RFLAGS_IF);
	CHECK_EQ(msg.mr[EXCEPTION_MR_R11], 0x11);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RCX], 0x22);
	kill(id);
}

TEST(a_reply_of_few_words_leaves_the_rest)
{
	thread_id_t id = RUN(two_nops);
	L4_Msg_t msg;

	CHECK_EQ(vector_of(id, &msg), VECTOR_UD);
	msg.mr[EXCEPTION_MR_RIP] = MMAP_PAGE + 1;
	msg.mr[EXCEPTION_MR_RBX] = 0x33;
	msg.mr[0] = msgtag_make(0, EXCEPTION_MR_RBX, 0).raw;
	L4_MsgLoad(&msg);
	(void)L4_Send(id);
	CHECK_EQ(vector_of(id, &msg), VECTOR_UD);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RBX], 0x33);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RSP], STACK_PAGE);
	kill(id);
}

TEST(a_running_program_is_stopped)
{
	thread_id_t id = RUN(nothing);
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_HALT | EXREGS_HALTED,
	};

	L4_Sleep(L4_TimePeriod(20000));
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	CHECK_EQ(regs.ip, MMAP_PAGE);
	kill(id);
}

TAP_MAIN(CASE(a_linux_program_runs), CASE(it_runs_with_short_answers),
	CASE(all_registers_arrive_and_go_back_the_short_way),
	CASE(a_program_keeps_its_floating_point_registers),
	CASE(gs_is_the_programs_own), CASE(a_reply_sets_the_base_addresses),
	CASE(bases_and_selectors_of_two_programs_do_not_mix),
	CASE(there_is_no_way_to_devices_kip_or_utcb),
	CASE(l4_system_calls_are_none),
	CASE(int_names_its_vector_and_not_the_kernels),
	CASE(a_reply_sets_flags_but_no_privilege),
	CASE(a_reply_of_few_words_leaves_the_rest),
	CASE(a_running_program_is_stopped))
