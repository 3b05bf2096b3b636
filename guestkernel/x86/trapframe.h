/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers of a user thread.  The frame lies right before the TCB, and
 * the processor pushes its part into it (TSS.RSP0 is the TCB's address), so
 * switching threads copies nothing.
 *
 * MR0..MR7 stand in order: the message registers of a short Ipc are an array.
 * What is used least stands first, where it takes long offsets.  The numbers
 * serve the assembler, the struct serves C; the assertions keep the two from
 * drifting apart.
 */
#ifndef GUESTKERNEL_X86_TRAPFRAME_H
#define GUESTKERNEL_X86_TRAPFRAME_H

/* clang-format off */
#define TF_R11    0
#define TF_RCX    8
#define TF_RDX    16
#define TF_RSI    24
#define TF_RDI    32
#define TF_RBP    40
#define TF_R8     48
#define TF_R9     56
#define TF_RAX    64
#define TF_RBX    72
#define TF_R10    80
#define TF_R12    88
#define TF_R13    96
#define TF_R14    104
#define TF_R15    112
#define TF_VECTOR 120
#define TF_ERROR  128
#define TF_RIP    136
#define TF_CS     144
#define TF_RFLAGS 152
#define TF_RSP    160
#define TF_SIZE   176
/* From the TCB on; the frame is below. */
#define FRAME(register) TF_##register - TF_SIZE
#define TCB_ID            0
#define TCB_WAITS_FOR     8
#define TCB_FLAGS         16
#define TCB_STATE         20
#define TCB_QUEUE         21
#define TCB_PRIORITY      22
#define TCB_KERNEL_IPC    23
#define TCB_UTCB          24
#define TCB_LOCAL_ID      32
#define TCB_CR3           40
#define TCB_SENDERS       56
#define TCB_LOCAL_PARTNER 64
#define TCB_NEXT          72
#define TCB_PREV          80
#define TCB_HANDLER       104
#define TCB_AWAITED       144
#define TSS_RSP0 4
#define CONTROL_NOTIFIED   0xffffffffc8002028
#define CONTROL_EVENT_TYPE 0xffffffffc8002100
/* A bit of stack pointers: set in the TCB area, clear in the kernel's image. */
#define STACK_IS_FRAME 30

/* The end of user memory. */
#define USER_END 0x00007fffffff0000

/* What the VMM is to see and writes: vmm/abi/boot.h. */
#define KERNEL_MAGIC      0x076b3468
#define STUBS_CLOCK       4080

/* tcb.state */
#define TCB_READY     1
#define TCB_RECEIVING 4

/* tcb.queue */
#define TCB_QUEUE_READY 1

/* Of an interrupt: tcb.state and, in place of kernel_ipc, tcb.masked. */
#define TCB_INTERRUPT_BUSY 0xff0000ff

/* tcb.kernel_ipc */
#define TCB_SENT_PAGE_FAULT 1
#define TCB_SENT_EXCEPTION  2

/* thread_slot(): of a global id, what remains is an offset into TCB_AREA. */
#define THREAD_SLOT_SHIFT 22
#define THREAD_SLOT_MASK  0x07fffc00
#define TCB_AREA_START    0xffffffffc0000000
/* Of a TCB in its place: before it its frame, before that room for one call. */
#define TCB_OFFSET        192
#define TCB_SIZE_LOG2     10

/* Of a tag: more than seven untyped words, any typed ones, any flag. */
#define TAG_NOT_SHORT 0xfff8
#define TAG_NOT_WORDS 0xffc0
#define TAG_WORDS     0x003f
/* What a receive that finds nothing has been given, and gets. */
#define TIMEOUT_ZERO          0x0400
#define ERROR_RECEIVE_TIMEOUT 3
#define TAG_ERROR             0x8000
/* Of the kernel's own messages. */
#define TAG_FAULT_READ    0xffffffffffe40002
#define TAG_FAULT_WRITE   0xffffffffffe20002
#define TAG_FAULT_EXECUTE 0xffffffffffe10002
#define TAG_EXCEPTION     0xffffffffffb00014
#define TAG_INTERRUPT     0xfffffffffff00000
/* Of an id: zero in local ones. */
#define THREAD_LOCAL_BITS 0x3f
/* clang-format on */

/* tcb.flags: the frame holds all registers, leave by IRETQ (else SYSRETQ). */
#define THREAD_IRET_BIT 0
#define THREAD_IRET (1 << THREAD_IRET_BIT)
#define THREAD_KERNEL_IPC 0x4 /* its Ipc is the kernel's: tcb.kernel_ipc */
#define THREAD_INTERRUPT 0x40 /* stands for an interrupt, never runs */
#define THREAD_FOREIGN 0x200  /* in a foreign space: see foreign.h */
#define THREAD_FPU_BIT 10
#define THREAD_FPU (1 << THREAD_FPU_BIT) /* the FPU's registers are its own */

#define FRAME_MRS 8

/* clang-format off */
#ifdef __ASSEMBLER__
	/* Complete the frame that the stub has begun. */
	.macro	SAVE_GPRS
	.irp	reg, r15, r14, r13, r12, r10, rbx, rax, r9, r8, rbp, rdi, rsi, rdx, rcx, r11
	pushq	%\reg
	.endr
	.endm

	/* All but %r11 and %rcx, which SYSRET takes; %rsp is then at the vector. */
	.macro	LOAD_GPRS
	.irp	reg, rdx, rsi, rdi, rbp, r8, r9, rax, rbx, r10, r12, r13, r14, r15
	popq	%\reg
	.endr
	.endm

	/* How far into the TCB area an id leads: see thread_slot. */
	.macro	THREAD_OFFSET id, offset, low
	movq	\id, \offset
	shrq	$THREAD_SLOT_SHIFT, \offset
	andl	$THREAD_SLOT_MASK, \low
	.endm
#else
/* clang-format on */
#include <stddef.h>
#include <stdint.h>

/* Tail: SDM vol. 3, "64-Bit Mode Stack Frame". */
struct trapframe {
	uint64_t r11, rcx, rdx, rsi, rdi, rbp, r8;
	union {
		uint64_t mr[FRAME_MRS];
		struct {
			uint64_t r9, rax, rbx, r10, r12, r13, r14, r15;
		};
	};
	uint64_t vector, error;		   /* pushed by the stub */
	uint64_t rip, cs, rflags, rsp, ss; /* pushed by the CPU */
};

_Static_assert(offsetof(struct trapframe, r9) == TF_R9, "entry.S");
_Static_assert(offsetof(struct trapframe, rax) == TF_RAX, "entry.S");
_Static_assert(offsetof(struct trapframe, rbx) == TF_RBX, "entry.S");
_Static_assert(offsetof(struct trapframe, r10) == TF_R10, "entry.S");
_Static_assert(offsetof(struct trapframe, r12) == TF_R12, "entry.S");
_Static_assert(offsetof(struct trapframe, r13) == TF_R13, "entry.S");
_Static_assert(offsetof(struct trapframe, r14) == TF_R14, "entry.S");
_Static_assert(offsetof(struct trapframe, r15) == TF_R15, "entry.S");
_Static_assert(offsetof(struct trapframe, rsi) == TF_RSI, "entry.S");
_Static_assert(offsetof(struct trapframe, rdi) == TF_RDI, "entry.S");
_Static_assert(offsetof(struct trapframe, rdx) == TF_RDX, "entry.S");
_Static_assert(offsetof(struct trapframe, r8) == TF_R8, "entry.S");
_Static_assert(offsetof(struct trapframe, rbp) == TF_RBP, "entry.S");
_Static_assert(offsetof(struct trapframe, rcx) == TF_RCX, "fault.S");
_Static_assert(offsetof(struct trapframe, r11) == TF_R11, "fault.S");
_Static_assert(offsetof(struct trapframe, vector) == TF_VECTOR, "fault.S");
_Static_assert(offsetof(struct trapframe, error) == TF_ERROR, "fault.S");
_Static_assert(offsetof(struct trapframe, rip) == TF_RIP, "entry.S");
_Static_assert(offsetof(struct trapframe, cs) == TF_CS, "entry.S");
_Static_assert(offsetof(struct trapframe, rflags) == TF_RFLAGS, "entry.S");
_Static_assert(offsetof(struct trapframe, rsp) == TF_RSP, "entry.S");
_Static_assert(sizeof(struct trapframe) == TF_SIZE, "entry.S");
_Static_assert(TCB_OFFSET % 16 == 0, "the CPU aligns RSP0 down to 16");
_Static_assert(TCB_OFFSET >= TF_SIZE + 8, "fault.S");
#endif

#endif
