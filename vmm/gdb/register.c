/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/gdb/register.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum type {
	INT64,
	INT32,
	CODE,
	DATA,
	EFLAGS,
	X87,
	VECTOR,
	MXCSR,
};

static const struct {
	const char *name;
	uint8_t size; /* bytes, in the protocol */
} type[] = {
	[INT64] = {"int64", 8},
	[INT32] = {"int32", 4},
	[CODE] = {"code_ptr", 8},
	[DATA] = {"data_ptr", 8},
	[EFLAGS] = {"i386_eflags", 4},
	[X87] = {"i387_ext", 10},
	[VECTOR] = {"vec128", 16},
	[MXCSR] = {"i386_mxcsr", 4},
};

struct reg {
	const char *name;
	enum type type;
	uint16_t offset; /* in struct gdb_cpu */
	uint8_t size;	 /* bytes there; what is more reads as zero */
};

#define AT(member) \
	offsetof(struct gdb_cpu, member), sizeof(((struct gdb_cpu *)0)->member)

#define FTAG 34 /* eight bits, one for a register, and 16 in the protocol */

// clang-format off
static const struct reg reg[GDB_REGISTERS] = {
	/* org.gnu.gdb.i386.core */
	{"rax", INT64, AT(regs.rax)}, {"rbx", INT64, AT(regs.rbx)},
	{"rcx", INT64, AT(regs.rcx)}, {"rdx", INT64, AT(regs.rdx)},
	{"rsi", INT64, AT(regs.rsi)}, {"rdi", INT64, AT(regs.rdi)},
	{"rbp", DATA, AT(regs.rbp)}, {"rsp", DATA, AT(regs.rsp)},
	{"r8", INT64, AT(regs.r8)}, {"r9", INT64, AT(regs.r9)},
	{"r10", INT64, AT(regs.r10)}, {"r11", INT64, AT(regs.r11)},
	{"r12", INT64, AT(regs.r12)}, {"r13", INT64, AT(regs.r13)},
	{"r14", INT64, AT(regs.r14)}, {"r15", INT64, AT(regs.r15)},
	{"rip", CODE, AT(regs.rip)}, {"eflags", EFLAGS, AT(regs.rflags)},
	{"cs", INT32, AT(sregs.cs.selector)},
	{"ss", INT32, AT(sregs.ss.selector)},
	{"ds", INT32, AT(sregs.ds.selector)},
	{"es", INT32, AT(sregs.es.selector)},
	{"fs", INT32, AT(sregs.fs.selector)},
	{"gs", INT32, AT(sregs.gs.selector)},
	{"st0", X87, AT(fpu.fpr[0])}, {"st1", X87, AT(fpu.fpr[1])},
	{"st2", X87, AT(fpu.fpr[2])}, {"st3", X87, AT(fpu.fpr[3])},
	{"st4", X87, AT(fpu.fpr[4])}, {"st5", X87, AT(fpu.fpr[5])},
	{"st6", X87, AT(fpu.fpr[6])}, {"st7", X87, AT(fpu.fpr[7])},
	{"fctrl", INT32, AT(fpu.fcw)}, {"fstat", INT32, AT(fpu.fsw)},
	[FTAG] = {"ftag", INT32, AT(fpu.ftwx)},
	/* Long mode's saved pointers have no segments. */
	{"fiseg", INT32, offsetof(struct gdb_cpu, fpu.last_ip) + 4, 4},
	{"fioff", INT32, offsetof(struct gdb_cpu, fpu.last_ip), 4},
	{"foseg", INT32, offsetof(struct gdb_cpu, fpu.last_dp) + 4, 4},
	{"fooff", INT32, offsetof(struct gdb_cpu, fpu.last_dp), 4},
	{"fop", INT32, AT(fpu.last_opcode)},
	/* org.gnu.gdb.i386.sse */
	{"xmm0", VECTOR, AT(fpu.xmm[0])}, {"xmm1", VECTOR, AT(fpu.xmm[1])},
	{"xmm2", VECTOR, AT(fpu.xmm[2])}, {"xmm3", VECTOR, AT(fpu.xmm[3])},
	{"xmm4", VECTOR, AT(fpu.xmm[4])}, {"xmm5", VECTOR, AT(fpu.xmm[5])},
	{"xmm6", VECTOR, AT(fpu.xmm[6])}, {"xmm7", VECTOR, AT(fpu.xmm[7])},
	{"xmm8", VECTOR, AT(fpu.xmm[8])}, {"xmm9", VECTOR, AT(fpu.xmm[9])},
	{"xmm10", VECTOR, AT(fpu.xmm[10])}, {"xmm11", VECTOR, AT(fpu.xmm[11])},
	{"xmm12", VECTOR, AT(fpu.xmm[12])}, {"xmm13", VECTOR, AT(fpu.xmm[13])},
	{"xmm14", VECTOR, AT(fpu.xmm[14])}, {"xmm15", VECTOR, AT(fpu.xmm[15])},
	{"mxcsr", MXCSR, AT(fpu.mxcsr)},
	/* org.gnu.gdb.i386.segments */
	{"fs_base", INT64, AT(sregs.fs.base)},
	{"gs_base", INT64, AT(sregs.gs.base)},
	/* system registers, a feature of our own */
	{"cr0", INT64, AT(sregs.cr0)}, {"cr2", INT64, AT(sregs.cr2)},
	{"cr3", INT64, AT(sregs.cr3)}, {"cr4", INT64, AT(sregs.cr4)},
	{"cr8", INT64, AT(sregs.cr8)}, {"efer", INT64, AT(sregs.efer)},
	{"gdt_base", INT64, AT(sregs.gdt.base)},
	{"idt_base", INT64, AT(sregs.idt.base)},
	{"tss_base", INT64, AT(sregs.tr.base)},
	{"tr", INT32, AT(sregs.tr.selector)},
	{"ldt", INT32, AT(sregs.ldt.selector)},
};
// clang-format on

_Static_assert(sizeof(struct gdb_cpu) < UINT16_MAX, "offsets fit");

size_t gdb_register_size(unsigned n)
{
	return type[reg[n].type].size;
}

/* Two bits for a register: 3 is empty, 0 valid. */
static uint16_t tags_from_bits(uint8_t bits)
{
	uint16_t tags = 0;

	for (unsigned i = 0; i < 8; i++)
		if (!(bits >> i & 1))
			tags = (uint16_t)(tags | 3u << 2 * i);
	return tags;
}

static uint8_t bits_from_tags(uint16_t tags)
{
	uint8_t bits = 0;

	for (unsigned i = 0; i < 8; i++)
		if ((tags >> 2 * i & 3) != 3)
			bits = (uint8_t)(bits | 1u << i);
	return bits;
}

static size_t common_size(const struct reg *r)
{
	return r->size < type[r->type].size ? r->size : type[r->type].size;
}

void gdb_register_get(const struct gdb_cpu *cpu, unsigned n, void *bytes)
{
	const struct reg *r = &reg[n];

	memset(bytes, 0, type[r->type].size);
	if (n == FTAG) {
		uint16_t tags = tags_from_bits(cpu->fpu.ftwx);

		memcpy(bytes, &tags, sizeof(tags));
		return;
	}
	memcpy(bytes, (const char *)cpu + r->offset, common_size(r));
}

void gdb_register_put(struct gdb_cpu *cpu, unsigned n, const void *bytes)
{
	const struct reg *r = &reg[n];

	if (n == FTAG) {
		uint16_t tags;

		memcpy(&tags, bytes, sizeof(tags));
		cpu->fpu.ftwx = bits_from_tags(tags);
		return;
	}
	memcpy((char *)cpu + r->offset, bytes, common_size(r));
}

/* The description. --------------------------------------------------------- */

static const char eflags_xml[] = "<flags id=\"i386_eflags\" size=\"4\">"
				 "<field name=\"CF\" start=\"0\" end=\"0\"/>"
				 "<field name=\"\" start=\"1\" end=\"1\"/>"
				 "<field name=\"PF\" start=\"2\" end=\"2\"/>"
				 "<field name=\"AF\" start=\"4\" end=\"4\"/>"
				 "<field name=\"ZF\" start=\"6\" end=\"6\"/>"
				 "<field name=\"SF\" start=\"7\" end=\"7\"/>"
				 "<field name=\"TF\" start=\"8\" end=\"8\"/>"
				 "<field name=\"IF\" start=\"9\" end=\"9\"/>"
				 "<field name=\"DF\" start=\"10\" end=\"10\"/>"
				 "<field name=\"OF\" start=\"11\" end=\"11\"/>"
				 "<field name=\"NT\" start=\"14\" end=\"14\"/>"
				 "<field name=\"RF\" start=\"16\" end=\"16\"/>"
				 "<field name=\"VM\" start=\"17\" end=\"17\"/>"
				 "<field name=\"AC\" start=\"18\" end=\"18\"/>"
				 "</flags>";

static const char sse_xml[] =
	"<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
	"<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
	"<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"
	"<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
	"<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"
	"<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
	"<union id=\"vec128\">"
	"<field name=\"v4_float\" type=\"v4f\"/>"
	"<field name=\"v2_double\" type=\"v2d\"/>"
	"<field name=\"v16_int8\" type=\"v16i8\"/>"
	"<field name=\"v8_int16\" type=\"v8i16\"/>"
	"<field name=\"v4_int32\" type=\"v4i32\"/>"
	"<field name=\"v2_int64\" type=\"v2i64\"/>"
	"<field name=\"uint128\" type=\"uint128\"/>"
	"</union>"
	"<flags id=\"i386_mxcsr\" size=\"4\">"
	"<field name=\"IE\" start=\"0\" end=\"0\"/>"
	"<field name=\"PM\" start=\"12\" end=\"12\"/>"
	"</flags>";

static const struct {
	const char *name;
	const char *types;
	unsigned first;
} feature[] = {
	{"org.gnu.gdb.i386.core", eflags_xml, 0},
	{"org.gnu.gdb.i386.sse", sse_xml, 40},
	{"org.gnu.gdb.i386.segments", "", 57},
	{"hyperhurd.system", "", 59},
};

#define FEATURES (sizeof(feature) / sizeof(feature[0]))

struct text {
	char *at;
	size_t left;
};

__attribute__((format(printf, 2, 3))) static void add(
	struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->at, t->left, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->left)
		n = t->left ? (int)t->left - 1 : 0;
	t->at += n;
	t->left -= (size_t)n;
}

size_t gdb_register_xml(char *text, size_t size)
{
	struct text t = {text, size};

	add(&t, "<?xml version=\"1.0\"?>"
		"<!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
		"<target version=\"1.0\">"
		"<architecture>i386:x86-64</architecture>");
	for (unsigned f = 0; f < FEATURES; f++) {
		unsigned end =
			f + 1 < FEATURES ? feature[f + 1].first : GDB_REGISTERS;

		add(&t, "<feature name=\"%s\">%s", feature[f].name,
			feature[f].types);
		for (unsigned n = feature[f].first; n < end; n++)
			add(&t,
				"<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" "
				"regnum=\"%u\"/>",
				reg[n].name, 8u * type[reg[n].type].size,
				type[reg[n].type].name, n);
		add(&t, "</feature>");
	}
	add(&t, "</target>");
	return (size_t)(t.at - text);
}
