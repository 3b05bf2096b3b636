/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source: AMD64 Architecture Programmer's Manual vol. 3, "Instruction
 * Encoding".
 */
#include "vmm/trace/step.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "vmm/domain.h"
#include "vmm/gdb/state.h"

#define PAGE 4096u
#define WORD 8u
#define RSP 4u

#define REX_B 0x41u
#define REX_W 0x48u
#define REX_WR 0x4cu
#define IS_PUSH(byte) (((byte)&0xf8u) == 0x50u)
#define PUSH_IMM8 0x6au
#define MOV_IMMEDIATE 0xc7u
#define MOV_LOAD 0x8bu
#define MODRM_REG(byte) ((byte) >> 3 & 7u)
#define MODRM_RM(byte) ((byte)&7u)
#define MODRM_DISP8(byte) (((byte)&0xf8u) == 0x40u) /* and /0 */
#define MODRM_RIP(byte) (((byte)&0xc7u) == 0x05u)

static int32_t signed_32(const uint8_t *bytes)
{
	int32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

struct step step_decode(const uint8_t code[STEP_BYTES])
{
	if (IS_PUSH(code[0]))
		return (struct step){STEP_PUSH, 1, code[0] & 7u, 0, 0};
	if (code[0] == REX_B && IS_PUSH(code[1]))
		return (struct step){STEP_PUSH, 2, 8u | (code[1] & 7u), 0, 0};
	if (code[0] == PUSH_IMM8)
		return (struct step){
			STEP_PUSH_IMMEDIATE, 2, 0, 0, (int8_t)code[1]};
	if (code[0] == REX_W && code[1] == MOV_IMMEDIATE &&
		MODRM_DISP8(code[2]) && MODRM_RM(code[2]) != RSP)
		return (struct step){STEP_STORE, 8, MODRM_RM(code[2]),
			(int8_t)code[3], signed_32(code + 4)};
	if ((code[0] == REX_W || code[0] == REX_WR) && code[1] == MOV_LOAD &&
		MODRM_RIP(code[2]))
		return (struct step){STEP_LOAD, 7,
			(uint8_t)((code[0] == REX_WR ? 8u : 0u) |
				  MODRM_REG(code[2])),
			signed_32(code + 3), 0};
	return (struct step){.form = STEP_UNKNOWN};
}

static uint64_t *register_at(struct kvm_regs *r, unsigned number)
{
	uint64_t *const numbered[] = {(uint64_t *)&r->rax, (uint64_t *)&r->rcx,
		(uint64_t *)&r->rdx, (uint64_t *)&r->rbx, (uint64_t *)&r->rsp,
		(uint64_t *)&r->rbp, (uint64_t *)&r->rsi, (uint64_t *)&r->rdi,
		(uint64_t *)&r->r8, (uint64_t *)&r->r9, (uint64_t *)&r->r10,
		(uint64_t *)&r->r11, (uint64_t *)&r->r12, (uint64_t *)&r->r13,
		(uint64_t *)&r->r14, (uint64_t *)&r->r15};

	return numbered[number & 15u];
}

/* Where a word lies, all of it in one page. */
static int find_word(const struct domain *d, uint64_t address, gpa_t *gpa)
{
	if (address % PAGE > PAGE - WORD)
		return -EFAULT;
	return gdb_translate(d, address, gpa);
}

int step_read(const struct domain *d, uint64_t address, uint64_t *word)
{
	gpa_t gpa;

	if (find_word(d, address, &gpa) ||
		guestmem_read(&d->mem, gpa, word, sizeof(*word)))
		return -EFAULT;
	return 0;
}

static int write_word(struct domain *d, uint64_t address, uint64_t word)
{
	gpa_t gpa;

	if (find_word(d, address, &gpa) ||
		guestmem_write(&d->mem, gpa, &word, sizeof(word)))
		return -EFAULT;
	return 0;
}

static int push(struct domain *d, struct kvm_regs *regs, uint64_t word)
{
	int err = write_word(d, regs->rsp - WORD, word);

	if (!err)
		regs->rsp -= WORD;
	return err;
}

int step_perform(
	struct domain *d, const struct step *step, struct kvm_regs *regs)
{
	uint64_t *reg = register_at(regs, step->reg);
	uint64_t displacement = (uint64_t)(int64_t)step->displacement;
	uint64_t immediate = (uint64_t)(int64_t)step->immediate;
	int err = -EFAULT;

	switch (step->form) {
	case STEP_PUSH:
		err = push(d, regs, *reg);
		break;
	case STEP_PUSH_IMMEDIATE:
		err = push(d, regs, immediate);
		break;
	case STEP_STORE:
		err = write_word(d, *reg + displacement, immediate);
		break;
	case STEP_LOAD:
		err = step_read(d, regs->rip + step->size + displacement, reg);
		break;
	}
	if (!err)
		regs->rip += step->size;
	return err;
}
