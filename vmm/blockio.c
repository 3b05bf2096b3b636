/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block I/O: one worker thread does the file I/O of all domains.
 *
 * Executors run at real-time priority and never wait for the worker, so the
 * two sides share single-producer single-consumer rings and no lock; the lock
 * here is between the worker and whoever opens and closes images.  A request
 * is done in pieces, and before each the worker looks whose turn it is, so that
 * a big one delays nobody.
 */
#include "vmm/blockio.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Bytes in one step, which is what another image waits for. */
#define PIECE_ALONE (256u * 1024)
#define PIECE_SHARED (16u * 1024)
#define STACK_SIZE (64u * 1024)

struct ring {
	atomic_uint head; /* next to take */
	atomic_uint tail; /* next to put */
	struct block_request *slot[BLOCK_REQUESTS_MAX];
};

struct block {
	struct block *next; /* worker's list */
	int fd;
	int direct_fd; /* the same with O_DIRECT, or -1 */
	int wake_fd;
	bool read_only;
	uint64_t size;
	struct ring submitted;
	struct ring completed;
	struct block_request *current; /* the worker's */
	uint64_t done;		       /* bytes of it */
	struct io_turn turn;
	bool waits; /* had something to do when the worker last looked */
	atomic_ullong worked_ns;
};

/* The one worker of the process. */
static struct {
	pthread_mutex_t lock; /* list; held during a step */
	pthread_t thread;
	struct block *list;
	int wake_fd;
	atomic_bool sleeping;
	atomic_bool stop;
	uint64_t floor; /* received by who came last without a deadline */
} worker = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake_fd = -1};

static void ring_put(struct ring *r, struct block_request *rq)
{
	unsigned tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	r->slot[tail % BLOCK_REQUESTS_MAX] = rq;
	atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
}

static bool ring_empty(const struct ring *r)
{
	return atomic_load_explicit(&r->head, memory_order_relaxed) ==
	       atomic_load_explicit(&r->tail, memory_order_acquire);
}

static struct block_request *ring_take(struct ring *r)
{
	unsigned head = atomic_load_explicit(&r->head, memory_order_relaxed);
	struct block_request *rq;

	if (ring_empty(r))
		return NULL;
	rq = r->slot[head % BLOCK_REQUESTS_MAX];
	atomic_store_explicit(&r->head, head + 1, memory_order_release);
	return rq;
}

static void wake(int fd)
{
	uint64_t one = 1;

	/* It can only fail with the counter at its limit: awake anyway. */
	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return;
}

/* The part of @rq from byte @done on, at most @room long. */
static int make_piece(const struct block_request *rq, uint64_t done,
	size_t room, struct iovec *iov)
{
	int n = 0;

	for (int i = 0; i < rq->nr_iov && room; i++) {
		struct iovec v = rq->iov[i];

		if (done >= v.iov_len) {
			done -= v.iov_len;
			continue;
		}
		v.iov_base = (char *)v.iov_base + done;
		v.iov_len -= done;
		done = 0;
		if (v.iov_len > room)
			v.iov_len = room;
		room -= v.iov_len;
		iov[n++] = v;
	}
	return n;
}

static ssize_t move(int fd, const struct block_request *rq,
	const struct iovec *iov, int n, off_t offset)
{
	return rq->op == BLOCK_READ ? preadv(fd, iov, n, offset)
				    : pwritev(fd, iov, n, offset);
}

/*
 * Past the page cache what the store can do so: a guest's buffers may begin
 * anywhere, and only the store knows what it wants.
 */
static ssize_t move_piece(const struct block *b, const struct block_request *rq,
	const struct iovec *iov, int n, off_t offset)
{
	ssize_t moved;

	if (b->direct_fd >= 0) {
		moved = move(b->direct_fd, rq, iov, n, offset);
		if (moved >= 0 || errno != EINVAL)
			return moved;
	}
	return move(b->fd, rq, iov, n, offset);
}

/* Returns true if the request is done, with its result. */
static bool transfer_piece(struct block *b)
{
	struct block_request *rq = b->current;
	struct iovec iov[VIRTQ_SIZE_MAX];
	bool shared = worker.list->next; /* @b is not alone */
	int n = make_piece(
		rq, b->done, shared ? PIECE_SHARED : PIECE_ALONE, iov);
	off_t offset = (off_t)(rq->offset + b->done);
	ssize_t moved;

	if (rq->op == BLOCK_FLUSH) {
		rq->result = fdatasync(b->fd) < 0 ? -errno : 0;
		return true;
	}
	moved = move_piece(b, rq, iov, n, offset);
	if (moved <= 0) {
		/* 0: the file was cut short under us. */
		rq->result = moved < 0 ? -errno : -EIO;
		return moved == 0 || errno != EINTR;
	}
	b->done += (uint64_t)moved;
	rq->result = 0;
	return b->done >= rq->len;
}

/* The next piece of what was submitted.  Returns how many bytes it was. */
static uint64_t step(struct block *b)
{
	uint64_t before;

	if (!b->current) {
		b->current = ring_take(&b->submitted);
		b->done = 0;
	}
	before = b->done;
	if (transfer_piece(b)) {
		guestmem_iov_done(
			b->current->mem, b->current->iov, b->current->nr_iov);
		ring_put(&b->completed, b->current);
		b->current = NULL;
		wake(b->wake_fd);
	}
	return b->done - before;
}

static uint64_t worker_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* Whose turn it is, or NULL. */
static struct block *choose(void)
{
	struct block *first = NULL;

	for (struct block *b = worker.list; b; b = b->next) {
		bool waits = b->current || !ring_empty(&b->submitted);

		if (waits && !b->waits)
			io_join(&b->turn, worker.floor);
		b->waits = waits;
		if (waits && (!first || io_before(&b->turn, &first->turn)))
			first = b;
	}
	return first;
}

/* Returns true if there was something to do. */
static bool step_first(void)
{
	struct block *b;

	pthread_mutex_lock(&worker.lock);
	b = choose();
	if (b) {
		uint64_t began = worker_ns();

		worker.floor = b->turn.received;
		io_receive(&b->turn, step(b));
		atomic_fetch_add_explicit(&b->worked_ns, worker_ns() - began,
			memory_order_relaxed);
	}
	pthread_mutex_unlock(&worker.lock);
	return b != NULL;
}

static void *worker_main(void *unused)
{
	uint64_t count;

	(void)unused;
	while (!atomic_load(&worker.stop)) {
		if (step_first())
			continue;
		/* Announce the sleep, look again, and only then sleep. */
		atomic_store(&worker.sleeping, true);
		if (step_first())
			continue;
		if (read(worker.wake_fd, &count, sizeof(count)) < 0 &&
			errno != EINTR)
			break;
	}
	return NULL;
}

static void wake_worker(void)
{
	if (atomic_exchange(&worker.sleeping, false))
		wake(worker.wake_fd);
}

int blockio_start(void)
{
	pthread_attr_t attr;
	int err;

	worker.wake_fd = eventfd(0, EFD_CLOEXEC);
	if (worker.wake_fd < 0)
		return -errno;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	err = pthread_create(&worker.thread, &attr, worker_main, NULL);
	pthread_attr_destroy(&attr);
	if (err) {
		close(worker.wake_fd);
		worker.wake_fd = -1;
	}
	return -err;
}

void blockio_stop(void)
{
	if (worker.wake_fd < 0)
		return;
	atomic_store(&worker.stop, true);
	wake(worker.wake_fd);
	pthread_join(worker.thread, NULL);
	close(worker.wake_fd);
	worker.wake_fd = -1;
	atomic_store(&worker.stop, false);
}

static int image_size(int fd, uint64_t *size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISBLK(st.st_mode)) {
		if (ioctl(fd, BLKGETSIZE64, size) < 0)
			return -errno;
	} else if (S_ISREG(st.st_mode)) {
		*size = (uint64_t)st.st_size;
	} else {
		return -EINVAL;
	}
	return *size == 0 || *size % BLOCK_SECTOR ? -EINVAL : 0;
}

int block_open(struct block **block, const char *path, unsigned flags,
	int wake_fd, const struct io_order *order)
{
	struct block *b = calloc(1, sizeof(*b));
	bool read_only = flags & BLOCK_READ_ONLY;
	int mode = (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC;
	int err;

	if (!b)
		return -ENOMEM;
	b->wake_fd = wake_fd;
	b->read_only = read_only;
	b->turn.order = order;
	b->fd = open(path, mode);
	if (b->fd < 0) {
		err = -errno;
		goto out_free;
	}
	err = image_size(b->fd, &b->size);
	if (err < 0)
		goto out_close;

	b->direct_fd = -1;
	if (flags & BLOCK_DIRECT)
		b->direct_fd = open(path, mode | O_DIRECT);

	pthread_mutex_lock(&worker.lock);
	b->next = worker.list;
	worker.list = b;
	pthread_mutex_unlock(&worker.lock);
	*block = b;
	return 0;

out_close:
	close(b->fd);
out_free:
	free(b);
	return err;
}

void block_drain(struct block *b)
{
	pthread_mutex_lock(&worker.lock);
	while (b->current || !ring_empty(&b->submitted))
		step(b);
	pthread_mutex_unlock(&worker.lock);
}

void block_close(struct block *b)
{
	if (!b)
		return;
	/* What the guest was told is under way happens, as with a real disk. */
	block_drain(b);
	pthread_mutex_lock(&worker.lock);
	for (struct block **p = &worker.list; *p; p = &(*p)->next) {
		if (*p == b) {
			*p = b->next;
			break;
		}
	}
	pthread_mutex_unlock(&worker.lock);
	if (b->direct_fd >= 0)
		close(b->direct_fd);
	close(b->fd);
	free(b);
}

uint64_t block_worked_ns(const struct block *b)
{
	return atomic_load_explicit(&b->worked_ns, memory_order_relaxed);
}

uint64_t block_size(const struct block *b)
{
	return b->size;
}

bool block_read_only(const struct block *b)
{
	return b->read_only;
}

void block_submit(struct block *b, struct block_request *rq)
{
	ring_put(&b->submitted, rq);
	wake_worker();
}

struct block_request *block_completed(struct block *b)
{
	return ring_take(&b->completed);
}

bool block_has_completed(const struct block *b)
{
	return !ring_empty(&b->completed);
}
