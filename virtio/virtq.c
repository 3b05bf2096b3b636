/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Split virtqueues, the device's side.
 */
#include "virtio/virtq.h"

#include <errno.h>
#include <linux/virtio_ring.h>
#include <stdatomic.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	"virtio is little-endian and so are our hosts");

/* Areas: flags, idx, ring[size], then the other side's event index. */
#define AVAIL_RING 4u
#define USED_RING 4u

static gpa_t avail_entry(const struct virtq *vq, unsigned i)
{
	return (gpa_t){vq->driver.addr + AVAIL_RING + 2u * i};
}

static gpa_t used_entry(const struct virtq *vq, unsigned i)
{
	return (gpa_t){vq->device.addr + USED_RING +
		       sizeof(struct vring_used_elem) * i};
}

void virtq_reset(struct virtq *vq)
{
	*vq = (struct virtq){.size = VIRTQ_SIZE_MAX};
}

int virtq_start(struct virtq *vq)
{
	if (vq->size == 0 || vq->size > VIRTQ_SIZE_MAX ||
		(vq->size & (vq->size - 1)))
		return -EINVAL;
	if (vq->desc.addr % VRING_DESC_ALIGN_SIZE ||
		vq->driver.addr % VRING_AVAIL_ALIGN_SIZE ||
		vq->device.addr % VRING_USED_ALIGN_SIZE)
		return -EINVAL;

	vq->next_avail = 0;
	vq->next_used = 0;
	vq->signalled_valid = false;
	vq->ready = true;
	return 0;
}

/* The number of entries available, or -EPROTO. */
static int count_available(const struct virtq *vq, struct guestmem *mem)
{
	uint16_t idx;
	uint16_t n;

	if (guestmem_read(
		    mem, (gpa_t){vq->driver.addr + 2}, &idx, sizeof(idx)) < 0)
		return -EPROTO;
	n = (uint16_t)(idx - vq->next_avail);
	if (n > vq->size)
		return -EPROTO;
	/* The entries and descriptors are read after the index. */
	atomic_thread_fence(memory_order_acquire);
	return n;
}

static int ask_for_notification(struct virtq *vq, struct guestmem *mem)
{
	if (!vq->event_idx)
		return 0;
	if (guestmem_write(mem, used_entry(vq, vq->size), &vq->next_avail,
		    sizeof(vq->next_avail)) < 0)
		return -EPROTO;
	/* The driver writes idx, then reads this; we the other way round. */
	atomic_thread_fence(memory_order_seq_cst);
	return count_available(vq, mem);
}

static int chain_append(struct virtq_chain *chain, const struct vring_desc *d)
{
	if (chain->nr_segments == VIRTQ_SIZE_MAX)
		return -EPROTO;
	if (d->flags & VRING_DESC_F_WRITE) {
		chain->writable += d->len;
	} else {
		if (chain->nr_readable != chain->nr_segments)
			return -EPROTO;
		chain->nr_readable++;
		chain->readable += d->len;
	}
	chain->segment[chain->nr_segments++] =
		(struct virtq_segment){{d->addr}, d->len};
	return 0;
}

/*
 * @table is a private copy, the indirect table of one descriptor.  Each step
 * appends a segment, so a loop ends where the chain is full.
 */
static int walk_indirect(
	struct virtq_chain *chain, const struct vring_desc *table, unsigned nr)
{
	unsigned i = 0;

	for (;;) {
		const struct vring_desc *d = &table[i];

		chain->nr_descriptors++;
		if (d->flags & VRING_DESC_F_INDIRECT)
			return -EPROTO;
		if (chain_append(chain, d) < 0)
			return -EPROTO;
		if (!(d->flags & VRING_DESC_F_NEXT))
			return 0;
		if (d->next >= nr)
			return -EPROTO;
		i = d->next;
	}
}

static int read_indirect(const struct virtq *vq, struct guestmem *mem,
	const struct vring_desc *d, struct virtq_chain *chain)
{
	struct vring_desc table[VIRTQ_SIZE_MAX];

	if (!vq->indirect || (d->flags & VRING_DESC_F_NEXT))
		return -EPROTO;
	if (d->len == 0 || d->len % sizeof(table[0]) || d->len > sizeof(table))
		return -EPROTO;
	if (guestmem_read(mem, (gpa_t){d->addr}, table, d->len) < 0)
		return -EPROTO;
	return walk_indirect(chain, table, d->len / (unsigned)sizeof(table[0]));
}

static int walk_chain(
	const struct virtq *vq, struct guestmem *mem, struct virtq_chain *chain)
{
	uint16_t i = chain->head;

	for (unsigned steps = 0; steps < vq->size; steps++) {
		struct vring_desc d;

		if (i >= vq->size)
			return -EPROTO;
		if (guestmem_read(mem, (gpa_t){vq->desc.addr + sizeof(d) * i},
			    &d, sizeof(d)) < 0)
			return -EPROTO;
		chain->nr_descriptors++;
		if (d.flags & VRING_DESC_F_INDIRECT)
			return read_indirect(vq, mem, &d, chain);
		if (chain_append(chain, &d) < 0)
			return -EPROTO;
		if (!(d.flags & VRING_DESC_F_NEXT))
			return 0;
		i = d.next;
	}
	return -EPROTO;
}

int virtq_pop(struct virtq *vq, struct guestmem *mem, struct virtq_chain *chain)
{
	int n = count_available(vq, mem);

	if (n == 0)
		n = ask_for_notification(vq, mem);
	if (n <= 0)
		return n;

	chain->nr_readable = 0;
	chain->nr_segments = 0;
	chain->nr_descriptors = 0;
	chain->readable = 0;
	chain->writable = 0;
	if (guestmem_read(mem, avail_entry(vq, vq->next_avail % vq->size),
		    &chain->head, sizeof(chain->head)) < 0)
		return -EPROTO;
	if (walk_chain(vq, mem, chain) < 0)
		return -EPROTO;
	vq->next_avail++;
	return 1;
}

int virtq_push(
	struct virtq *vq, struct guestmem *mem, uint16_t head, uint32_t written)
{
	struct vring_used_elem elem = {.id = head, .len = written};
	uint16_t idx = (uint16_t)(vq->next_used + 1);

	if (guestmem_write(mem, used_entry(vq, vq->next_used % vq->size), &elem,
		    sizeof(elem)) < 0)
		return -EPROTO;
	atomic_thread_fence(memory_order_release);
	if (guestmem_write(
		    mem, (gpa_t){vq->device.addr + 2}, &idx, sizeof(idx)) < 0)
		return -EPROTO;
	vq->next_used = idx;
	return 0;
}

int virtq_wants_signal(struct virtq *vq, struct guestmem *mem)
{
	uint16_t old = vq->signalled;
	bool valid = vq->signalled_valid;
	uint16_t word;

	/* The driver writes used_event, then reads idx. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!vq->event_idx) {
		if (guestmem_read(mem, vq->driver, &word, sizeof(word)) < 0)
			return -EPROTO;
		return !(word & VRING_AVAIL_F_NO_INTERRUPT);
	}

	if (guestmem_read(mem, avail_entry(vq, vq->size), &word, sizeof(word)) <
		0)
		return -EPROTO;
	vq->signalled = vq->next_used;
	vq->signalled_valid = true;
	return !valid || vring_need_event(word, vq->next_used, old);
}

/* Walks the overlap of [offset, offset + len) with the segments of a part. */
struct cursor {
	const struct virtq_chain *chain;
	unsigned i;
	unsigned end;
	uint64_t skip; /* bytes still to pass over */
	uint64_t left; /* bytes still to visit */
};

static int cursor_start(struct cursor *c, const struct virtq_chain *chain,
	enum virtq_part part, uint64_t offset, uint64_t len)
{
	uint64_t size =
		part == VIRTQ_READABLE ? chain->readable : chain->writable;

	if (offset > size || len > size - offset)
		return -EFAULT;
	c->chain = chain;
	c->i = part == VIRTQ_READABLE ? 0 : chain->nr_readable;
	c->end = part == VIRTQ_READABLE ? chain->nr_readable
					: chain->nr_segments;
	c->skip = offset;
	c->left = len;
	return 0;
}

/* The next piece; false at the end.  Empty segments are passed over. */
static bool cursor_next(struct cursor *c, struct virtq_segment *piece)
{
	while (c->left && c->i < c->end) {
		const struct virtq_segment *s = &c->chain->segment[c->i++];
		uint64_t len;

		if (c->skip >= s->len) {
			c->skip -= s->len;
			continue;
		}
		len = s->len - c->skip;
		if (len > c->left)
			len = c->left;
		piece->gpa.addr = s->gpa.addr + c->skip;
		piece->len = (uint32_t)len;
		c->skip = 0;
		c->left -= len;
		return true;
	}
	return false;
}

int virtq_chain_read(const struct virtq_chain *chain, struct guestmem *mem,
	uint64_t offset, void *dst, size_t len)
{
	struct virtq_segment piece;
	struct cursor c;
	char *to = dst;

	if (cursor_start(&c, chain, VIRTQ_READABLE, offset, len) < 0)
		return -EFAULT;
	for (; cursor_next(&c, &piece); to += piece.len)
		if (guestmem_read(mem, piece.gpa, to, piece.len) < 0)
			return -EFAULT;
	return 0;
}

int virtq_chain_write(const struct virtq_chain *chain, struct guestmem *mem,
	uint64_t offset, const void *src, size_t len)
{
	struct virtq_segment piece;
	struct cursor c;
	const char *from = src;

	if (cursor_start(&c, chain, VIRTQ_WRITABLE, offset, len) < 0)
		return -EFAULT;
	for (; cursor_next(&c, &piece); from += piece.len)
		if (guestmem_write(mem, piece.gpa, from, piece.len) < 0)
			return -EFAULT;
	return 0;
}

int virtq_chain_iov(const struct virtq_chain *chain, struct guestmem *mem,
	enum virtq_part part, uint64_t offset, uint64_t len, struct iovec *iov)
{
	struct virtq_segment piece;
	struct cursor c;
	int n = 0;

	if (cursor_start(&c, chain, part, offset, len) < 0)
		return -EFAULT;
	for (; cursor_next(&c, &piece); n++)
		if (guestmem_iov(mem, piece.gpa, piece.len,
			    part == VIRTQ_WRITABLE, &iov[n]) < 0) {
			guestmem_iov_done(mem, iov, n);
			return -EFAULT;
		}
	return n;
}
