/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and keeping measurements.
 */
#include "vmm/report/sample.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

const char *spent_name(enum spent cause)
{
	static const char *const name[NR_SPENT] = {
		[SPENT_GUEST] = "guest",
		[SPENT_ACTIONS] = "actions",
		[SPENT_DEVICES] = "devices",
		[SPENT_SCHED] = "scheduling",
		[SPENT_OTHER] = "other",
		[SPENT_HELPERS] = "helpers",
	};

	return name[cause];
}

/* The oldest sample that no writer is about to overwrite. */
static uint64_t oldest(uint64_t nr)
{
	return nr < PERIOD_LOG_SAMPLES ? 0 : nr - PERIOD_LOG_SAMPLES + 1;
}

int period_log_read(const struct period_log *log, uint64_t *next,
	struct period_sample *out, unsigned max)
{
	uint64_t nr = __atomic_load_n(&log->nr, __ATOMIC_ACQUIRE);
	unsigned copied = 0;

	while (*next + copied < nr && copied < max) {
		out[copied] =
			log->sample[(*next + copied) % PERIOD_LOG_SAMPLES];
		copied++;
	}

	/* Copied while the writer came round: the copies may be torn. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	nr = __atomic_load_n(&log->nr, __ATOMIC_RELAXED);
	if (*next < oldest(nr)) {
		*next = oldest(nr);
		return -EOVERFLOW;
	}
	*next += copied;
	return (int)copied;
}

int measurement_figure_add(struct measurement *m, uint32_t domain,
	const char *name, uint32_t size, uint64_t value)
{
	uint32_t nr = m->nr_figures;

	if (nr == MEASUREMENT_FIGURES_MAX)
		return -ENOSPC;

	struct figure *figure = &m->figure[nr];
	uint32_t length = 0;

	for (; length < size && length < FIGURE_NAME_MAX - 1 && name[length];
		length++)
		figure->name[length] = name[length] > ' ' && name[length] <= '~'
					       ? name[length]
					       : '?';
	figure->name[length] = '\0';
	figure->domain = domain;
	figure->value = value;
	__atomic_store_n(&m->nr_figures, nr + 1, __ATOMIC_RELEASE);
	return 0;
}

struct measurement *measurement_map(void)
{
	void *m = mmap(NULL, sizeof(struct measurement), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return m == MAP_FAILED ? NULL : m;
}

void measurement_unmap(struct measurement *m)
{
	if (m)
		munmap(m, sizeof(*m));
}
