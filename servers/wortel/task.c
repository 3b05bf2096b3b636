/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks: a space, its threads, its program.
 */
#include "servers/wortel/task.h"

#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/error.h"
#include "guestkernel/abi/protocol.h"
#include "servers/abi/wortel.h"
#include "servers/lib/libc/string.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "servers/wortel/frame.h"
#include "servers/wortel/interrupt.h"

#define FIRST_NUMBER (THREAD_USER_BASE + 3)
#define START_TIMEOUT_US 1000000

struct thread {
	struct task *task; /* NULL: the number is free */
	uint32_t utcb;	   /* index in the task's UTCB area */
	uint32_t version;  /* odd, so that its low bits are never all 0 */
};

static struct task task[TASKS_MAX];
static unsigned nr_tasks;
static struct thread thread[THREADS_MAX];

static thread_id_t thread_id(const struct thread *t)
{
	return thread_id_global(
		FIRST_NUMBER + (uint32_t)(t - thread), t->version);
}

static struct thread *thread_find(thread_id_t id)
{
	uint32_t i = thread_id_number(id) - FIRST_NUMBER;

	if (!thread_id_is_global(id) || i >= THREADS_MAX ||
		thread[i].task == NULL ||
		!thread_id_equal(thread_id(&thread[i]), id))
		return NULL;
	return &thread[i];
}

static bool utcb_in_use(const struct task *owner, uint32_t utcb)
{
	for (unsigned i = 0; i < THREADS_MAX; i++)
		if (thread[i].task == owner && thread[i].utcb == utcb)
			return true;
	return false;
}

/* Takes a number, in a new version, and a UTCB.  NULL: none is left. */
static struct thread *thread_reserve(struct task *owner)
{
	uint32_t utcb = 0;

	while (utcb < UTCBS_MAX && utcb_in_use(owner, utcb))
		utcb++;
	for (unsigned i = 0; i < THREADS_MAX && utcb < UTCBS_MAX; i++) {
		struct thread *t = &thread[i];

		if (t->task != NULL)
			continue;
		t->task = owner;
		t->utcb = utcb;
		t->version = (t->version + 2) | 1;
		return t;
	}
	return NULL;
}

static void thread_remove(struct thread *t)
{
	(void)L4_ThreadControl(thread_id(t), THREAD_NIL, THREAD_NIL, THREAD_NIL,
		UTCB_LOCATION_NONE);
	t->task = NULL;
}

/* Makes the thread wait for its start message from us. */
static bool thread_activate(const struct thread *t, thread_id_t space)
{
	return L4_ThreadControl(thread_id(t), space, L4_MyGlobalId(),
		       L4_MyGlobalId(),
		       UTCB_AREA_BASE + t->utcb * UTCB_SIZE) != 0;
}

static void thread_start(const struct thread *t, uint64_t ip, uint64_t sp)
{
	L4_Set_MsgTag(msgtag_make(0, START_WORDS, 0));
	L4_LoadMR(1, ip);
	L4_LoadMR(2, sp);
	(void)L4_Send_Timeout(thread_id(t), L4_TimePeriod(START_TIMEOUT_US));
}

/* A new space with its first thread. */
static bool space_create(struct task *new)
{
	struct thread *t = thread_reserve(new);
	L4_Word_t old;

	if (t == NULL)
		return false;

	new->first = thread_id(t);
	return L4_ThreadControl(new->first, new->first, L4_MyGlobalId(),
		       THREAD_NIL, UTCB_LOCATION_NONE) != 0 &&
	       L4_SpaceControl(new->first, 0,
		       fpage_make(KIP_BASE, FPAGE_LOG2_MIN, FPAGE_RIGHTS),
		       fpage_make(UTCB_AREA_BASE, UTCB_AREA_LOG2, FPAGE_RIGHTS),
		       THREAD_NIL, &old) != 0 &&
	       thread_activate(t, new->first);
}

struct task *task_create(const struct boot_module *module)
{
	struct task *new = &task[nr_tasks];

	if (nr_tasks == TASKS_MAX)
		return NULL;

	*new = (struct task){.index = nr_tasks, .module = module};
	new->essential = args_flag(module->args, "essential");

	const char *error = elf_read(
		(const void *)module->start, module->size, &new->image);

	if (error != NULL) {
		print("wortel: %s: %s\n", module->name, error);
		return NULL;
	}
	if (!space_create(new)) {
		print("wortel: %s: cannot make a task: %s\n", module->name,
			l4_error_text(L4_ErrorCode()));
		return NULL;
	}
	new->alive = true;
	nr_tasks++;
	return new;
}

static void startup_fill(struct startup *page, const struct task *self,
	const struct boot_info *info)
{
	page->magic = STARTUP_MAGIC;
	page->version = STARTUP_ABI_VERSION;
	page->size = sizeof(*page);
	page->self = self->first.raw;
	page->wortel = L4_MyGlobalId().raw;
	page->sigma0 = THREAD_SIGMA0.raw;
	page->utcb_area = UTCB_AREA_BASE;
	page->tsc_khz = info->tsc_khz;
	page->domain_index = info->domain_index;
	page->nr_tasks = nr_tasks;
	page->nr_portals = info->nr_portals;
	page->nr_devices = info->nr_devices;
	string_copy(page->name, self->module->name, sizeof(page->name));
	string_copy(page->domain, info->name, sizeof(page->domain));
	string_copy(page->args, self->module->args, sizeof(page->args));
	for (unsigned i = 0; i < nr_tasks; i++) {
		string_copy(page->task[i].name, task[i].module->name,
			sizeof(page->task[i].name));
		page->task[i].thread = task[i].first.raw;
	}
	memcpy(page->portal, info->portal, sizeof(page->portal));
	memcpy(page->device, info->device, sizeof(page->device));
}

void task_start(struct task *self, const struct boot_info *info)
{
	struct frame *frame = frame_alloc(self->index, STARTUP_ADDRESS);

	if (frame == NULL) {
		print("wortel: %s: no memory\n", self->module->name);
		task_end(self, WORTEL_STATUS_CRASH);
		return;
	}
	frame->rights = FPAGE_R;
	startup_fill(frame->memory, self, info);
	thread_start(thread_find(self->first), self->image.entry, 0);
}

void task_end(struct task *ended, unsigned status)
{
	ended->alive = false;
	interrupt_release(ended);
	for (unsigned i = 0; i < THREADS_MAX; i++)
		if (thread[i].task == ended)
			thread_remove(&thread[i]);
	frame_free_all(ended->index);

	if (ended->essential || task_count() == 0)
		vmm_exit((int)status);
}

struct task *task_of(thread_id_t id)
{
	struct thread *t = thread_find(id);

	return t == NULL ? NULL : t->task;
}

thread_id_t task_thread_create(struct task *owner, uint64_t ip, uint64_t sp)
{
	struct thread *t = thread_reserve(owner);

	if (t == NULL)
		return THREAD_NIL;
	if (!thread_activate(t, owner->first)) {
		t->task = NULL;
		return THREAD_NIL;
	}
	thread_start(t, ip, sp);
	return thread_id(t);
}

bool task_thread_delete(struct task *owner, thread_id_t id)
{
	struct thread *t = thread_find(id);

	if (t == NULL || t->task != owner || thread_id_equal(id, owner->first))
		return false;
	thread_remove(t);
	return true;
}

unsigned task_count(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < nr_tasks; i++)
		n += task[i].alive;
	return n;
}
