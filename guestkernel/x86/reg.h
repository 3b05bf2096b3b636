/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers, vectors and selectors of the processor, by their full names.
 * Source: AMD64 Architecture Programmer's Manual vol. 2; SDM vol. 3.
 */
#ifndef GUESTKERNEL_X86_REG_H
#define GUESTKERNEL_X86_REG_H

/* clang-format off */
#define CR0_TS           0x00000008

#define CR3_PCID         UINT64_C(0x0000000000000fff)
#define CR3_KEEP         UINT64_C(0x8000000000000000) /* the TLB; reads as 0 */

#define CR4_PGE          0x00000080
#define CR4_PCIDE        0x00020000

#define IA32_FS_BASE     0xc0000100
#define IA32_GS_BASE     0xc0000101

#define RFLAGS_CF        0x00000001
#define RFLAGS_RESERVED  0x00000002
#define RFLAGS_PF        0x00000004
#define RFLAGS_AF        0x00000010
#define RFLAGS_ZF        0x00000040
#define RFLAGS_SF        0x00000080
#define RFLAGS_TF        0x00000100
#define RFLAGS_IF        0x00000200
#define RFLAGS_DF        0x00000400
#define RFLAGS_OF        0x00000800
#define RFLAGS_IOPL      0x00003000
#define RFLAGS_NT        0x00004000
#define RFLAGS_RF        0x00010000
#define RFLAGS_VM        0x00020000
#define RFLAGS_AC        0x00040000
/* What a user program may set in another thread. */
#define RFLAGS_ARITHMETIC \
	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

/* Those of vmm/abi/boot.h. */
#define SEL_UDATA        0x23
#define SEL_UCODE        0x2b
#define SEL_TSS          0x30

#define VECTOR_DB        1
#define VECTOR_NMI       2
#define VECTOR_BP        3
#define VECTOR_UD        6
#define VECTOR_NM        7
#define VECTOR_DF        8
#define VECTOR_GP        13
#define VECTOR_PF        14
#define VECTOR_MC        18
#define TRAP_STUBS       20 /* exceptions that occur: below this */
/* Bits of those that become a message, whatever the instruction. */
#define VECTORS_SHORT    0x000b3c31 /* 0, 4, 5, 10 to 13, 16, 17, 19 */
#define VECTOR_EXCEPTIONS 32 /* 0..31 are exceptions */

#define PF_ERROR_PRESENT 0x01
#define PF_ERROR_WRITE   0x02
#define PF_ERROR_USER    0x04
#define PF_ERROR_FETCH   0x10
/* clang-format on */

#endif
