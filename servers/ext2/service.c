/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/ext2/service.h"

#include <string.h>

#include "servers/abi/fs.h"
#include "servers/ext2/copy.h"
#include "servers/ext2/lease.h"
#include "servers/lib/libhurd/store.h"

#define WRITES_MAX 16u

/* A write that a domain has begun. */
struct pending {
	bool used;
	uint32_t domain, inode, first, nr;
	uint64_t capability;
	uint32_t block[EXT2_WRITE_MAX];
};

static struct ext2 *fs;
static thread_id_t store;
static struct pending pending[WRITES_MAX];

void service_start(struct ext2 *of, thread_id_t control)
{
	fs = of;
	store = control;
	lease_start(control);
}

static uint64_t from_ext2(enum ext2_error error)
{
	static const uint64_t code[] = {
		[EXT2_OK] = FS_OK,
		[EXT2_EIO] = FS_EIO,
		[EXT2_ENOTEXT2] = FS_ECORRUPT,
		[EXT2_EFEATURE] = FS_EINVAL,
		[EXT2_ESHORT] = FS_ECORRUPT,
		[EXT2_ECORRUPT] = FS_ECORRUPT,
		[EXT2_ENOENT] = FS_ENOENT,
		[EXT2_EEXIST] = FS_EEXIST,
		[EXT2_ENOTDIR] = FS_ENOTDIR,
		[EXT2_EISDIR] = FS_EISDIR,
		[EXT2_ENOTEMPTY] = FS_ENOTEMPTY,
		[EXT2_ENOSPC] = FS_ENOSPC,
		[EXT2_EFBIG] = FS_EFBIG,
		[EXT2_EINVAL] = FS_EINVAL,
		[EXT2_EBUSY] = FS_EBUSY,
	};

	return code[error];
}

/* All of a change, or nothing of it. */
static uint64_t commit(enum ext2_error error)
{
	if (!error)
		error = ext2_commit(fs);
	if (error)
		(void)ext2_abort(fs);
	return from_ext2(error);
}

/* --- paths --- */

static bool take_path(const L4_Msg_t *msg, unsigned first, char *path)
{
	unsigned nr = msgtag_untyped(L4_MsgMsgTag(msg));
	size_t size;

	if (nr <= first || nr - first > FS_PATH_MAX / 8)
		return false;
	size = (size_t)(nr - first) * 8;
	memcpy(path, &msg->mr[1 + first], size);
	path[size] = '\0';
	return true;
}

static uint64_t open_path(const L4_Msg_t *msg, L4_Msg_t *reply)
{
	char path[FS_PATH_MAX + 1];
	struct ext2_stat stat = {0};
	uint32_t inode;
	enum ext2_error error;

	if (!take_path(msg, 1, path))
		return FS_EINVAL;
	error = ext2_lookup(fs, path, &inode);
	if (error == EXT2_ENOENT && L4_MsgWord(msg, 0) == FS_CREATE) {
		error = ext2_create(fs, path, EXT2_FILE | 0644, &inode);

		uint64_t failed = commit(error);

		if (failed)
			return failed;
	}
	if (!error)
		error = ext2_stat(fs, inode, &stat);
	L4_MsgAppendWord(reply, stat.inode);
	L4_MsgAppendWord(reply, stat.size);
	return from_ext2(error);
}

static uint64_t make_directory(const L4_Msg_t *msg)
{
	char path[FS_PATH_MAX + 1];
	uint32_t inode;

	if (!take_path(msg, 0, path))
		return FS_EINVAL;
	return commit(ext2_create(fs, path, EXT2_DIRECTORY | 0755, &inode));
}

static uint64_t remove_path(const L4_Msg_t *msg, bool directory)
{
	char path[FS_PATH_MAX + 1];
	uint32_t inode;
	enum ext2_error error;

	if (!take_path(msg, 0, path))
		return FS_EINVAL;
	error = ext2_lookup(fs, path, &inode);
	if (error)
		return from_ext2(error);
	lease_end_all(inode);
	return commit(directory ? ext2_rmdir(fs, path) : ext2_unlink(fs, path));
}

static uint64_t read_directory(const L4_Msg_t *msg, L4_Msg_t *reply)
{
	char name[(EXT2_NAME_LEN + 8) / 8 * 8] = "";
	uint64_t position = L4_MsgWord(msg, 1), word;
	uint32_t entry = 0;
	enum ext2_error error = ext2_readdir(
		fs, (uint32_t)L4_MsgWord(msg, 0), &position, name, &entry);

	L4_MsgAppendWord(reply, entry);
	L4_MsgAppendWord(reply, position);
	for (size_t i = 0; i <= strlen(name) / 8; i++) {
		memcpy(&word, name + 8 * i, 8);
		L4_MsgAppendWord(reply, word);
	}
	return from_ext2(error);
}

/* --- where files are --- */

struct range {
	uint32_t inode, first, nr; /* blocks */
};

static bool take_range(const L4_Msg_t *msg, struct range *range)
{
	uint64_t offset = L4_MsgWord(msg, 1), size = L4_MsgWord(msg, 2);

	if (offset % FS_UNIT || size % FS_UNIT || size == 0 ||
		size > FS_SIZE_MAX || offset / fs->block_size > UINT32_MAX)
		return false;
	range->inode = (uint32_t)L4_MsgWord(msg, 0);
	range->first = (uint32_t)(offset / fs->block_size);
	range->nr = (uint32_t)(size / fs->block_size);
	return range->first <= UINT32_MAX - range->nr;
}

/* Extents as sectors into the reply; capabilities are for what is no hole. */
static uint64_t reply_extents(L4_Msg_t *reply, uint32_t domain, uint64_t rights,
	const struct ext2_extent *extent, unsigned nr, uint64_t bytes,
	uint64_t *capability)
{
	uint32_t sectors = fs->block_size / STORE_SECTOR;
	struct store_extent granted[FS_EXTENTS_MAX];
	unsigned nr_granted = 0;
	uint64_t error = STORE_OK;

	*capability = 0;
	for (unsigned i = 0; i < nr; i++)
		if (extent[i].block)
			granted[nr_granted++] = (struct store_extent){
				(uint64_t)extent[i].block * sectors,
				(uint64_t)extent[i].nr * sectors};
	if (nr_granted)
		error = store_grant(
			store, domain, rights, granted, nr_granted, capability);
	L4_MsgAppendWord(reply, *capability);
	L4_MsgAppendWord(reply, error ? 0 : bytes);
	for (unsigned i = 0; !error && i < nr; i++) {
		L4_MsgAppendWord(reply,
			extent[i].block ? (uint64_t)extent[i].block * sectors
					: FS_HOLE);
		L4_MsgAppendWord(reply, (uint64_t)extent[i].nr * sectors);
	}
	return error ? FS_EIO : FS_OK;
}

static uint32_t extents_blocks(const struct ext2_extent *extent, unsigned nr)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < nr; i++)
		sum += extent[i].nr;
	return sum;
}

/* Cuts the list down to whole units.  Returns how many blocks are left. */
static uint32_t whole_units(struct ext2_extent *extent, unsigned *nr)
{
	uint32_t per_unit = FS_UNIT / fs->block_size;
	uint32_t blocks = extents_blocks(extent, *nr);
	uint32_t over = blocks % per_unit;

	for (uint32_t left = over; left; left--)
		if (--extent[*nr - 1].nr == 0)
			(*nr)--;
	return blocks - over;
}

/* Where a range of a file is, before the file's end, and how many bytes. */
struct place {
	struct ext2_extent extent[FS_EXTENTS_MAX];
	unsigned nr;
	uint64_t bytes;
};

static uint64_t find_range(
	const L4_Msg_t *msg, struct range *range, struct place *place)
{
	uint64_t offset = L4_MsgWord(msg, 1), error;
	struct ext2_stat stat;

	place->nr = 0;
	if (!take_range(msg, range))
		return FS_EINVAL;
	error = from_ext2(ext2_stat(fs, range->inode, &stat));
	if (error)
		return error;
	if (offset < stat.size) {
		error = from_ext2(ext2_map(fs, range->inode, range->first,
			range->nr, place->extent, FS_EXTENTS_MAX, &place->nr));
		if (error && error != FS_EFBIG)
			return error;
	}
	place->bytes = (uint64_t)whole_units(place->extent, &place->nr) *
		       fs->block_size;
	if (place->nr && place->bytes > stat.size - offset)
		place->bytes = stat.size - offset;
	return FS_OK;
}

static uint64_t read_file(uint32_t domain, const L4_Msg_t *msg, L4_Msg_t *reply)
{
	struct place place;
	struct range range;
	uint64_t capability, error = find_range(msg, &range, &place);

	if (error)
		return error;
	error = reply_extents(reply, domain, STORE_READ, place.extent, place.nr,
		place.bytes, &capability);
	if (capability)
		lease_add(capability, range.inode);
	return error;
}

static uint64_t read_copy(const L4_Msg_t *msg, L4_Msg_t *reply)
{
	struct place place;
	struct range range;
	const void *data;
	uint64_t error = L4_MsgWord(msg, 2) > FS_COPY_MAX
				 ? FS_EINVAL
				 : find_range(msg, &range, &place);

	if (error)
		return error;
	data = copy_read(fs, place.extent, place.nr);
	if (!data)
		return FS_EIO;
	L4_MsgAppendWord(reply, place.bytes);
	if (place.bytes)
		L4_MsgAppendItem(
			reply, item_string_word(place.bytes), (uint64_t)data);
	return FS_OK;
}

/* --- writing --- */

static struct pending *pending_find(uint32_t domain)
{
	for (unsigned i = 0; i < WRITES_MAX; i++)
		if (pending[i].used && pending[i].domain == domain)
			return &pending[i];
	return NULL;
}

static void pending_end(struct pending *p)
{
	if (p->capability)
		(void)store_revoke(store, p->capability);
	p->used = false;
}

static struct pending *pending_new(uint32_t domain)
{
	struct pending *p = pending_find(domain);

	if (p) {
		ext2_write_cancel(fs, p->nr, p->block);
		pending_end(p);
		return p;
	}
	for (unsigned i = 0; i < WRITES_MAX; i++)
		if (!pending[i].used)
			return &pending[i];
	return NULL;
}

static bool blocks_to_extents(const uint32_t *block, uint32_t nr,
	struct ext2_extent *extent, unsigned *found)
{
	*found = 0;
	for (uint32_t i = 0; i < nr; i++) {
		struct ext2_extent *last = &extent[*found - 1];

		if (*found && last->block + last->nr == block[i]) {
			last->nr++;
			continue;
		}
		if (*found == FS_EXTENTS_MAX)
			return false;
		extent[(*found)++] = (struct ext2_extent){block[i], 1};
	}
	return true;
}

static uint64_t write_begin(
	uint32_t domain, const L4_Msg_t *msg, L4_Msg_t *reply)
{
	struct ext2_extent extent[FS_EXTENTS_MAX];
	struct pending *p = pending_new(domain);
	struct range range;
	unsigned nr;
	uint64_t error;

	if (!p)
		return FS_EBUSY;
	if (!take_range(msg, &range) || range.nr > EXT2_WRITE_MAX)
		return FS_EINVAL;
	*p = (struct pending){.domain = domain,
		.inode = range.inode,
		.first = range.first,
		.nr = range.nr};
	error = from_ext2(ext2_write_begin(
		fs, range.inode, range.first, range.nr, p->block));
	if (error)
		return error;
	error = FS_EFRAGMENTED;
	if (blocks_to_extents(p->block, p->nr, extent, &nr))
		error = reply_extents(reply, domain, STORE_WRITE, extent, nr,
			L4_MsgWord(msg, 2), &p->capability);
	if (error)
		ext2_write_cancel(fs, p->nr, p->block);
	p->used = !error;
	return error;
}

static uint64_t write_end(uint32_t domain, const L4_Msg_t *msg)
{
	struct pending *p = pending_find(domain);
	uint64_t error;

	if (!p)
		return FS_EINVAL;
	error = commit(ext2_write_end(
		fs, p->inode, p->first, p->nr, p->block, L4_MsgWord(msg, 0)));
	ext2_write_cancel(fs, p->nr, p->block);
	pending_end(p);
	return error;
}

static uint64_t truncate_file(const L4_Msg_t *msg)
{
	uint32_t inode = (uint32_t)L4_MsgWord(msg, 0);

	lease_end_all(inode);
	return commit(ext2_truncate(fs, inode, L4_MsgWord(msg, 1)));
}

/* --- */

static uint64_t serve(uint32_t domain, const L4_Msg_t *msg, L4_Msg_t *reply)
{
	switch (L4_MsgLabel(msg)) {
	case FS_OPEN:
		return open_path(msg, reply);
	case FS_READ:
		return read_file(domain, msg, reply);
	case FS_READ_COPY:
		return read_copy(msg, reply);
	case FS_WRITE_BEGIN:
		return write_begin(domain, msg, reply);
	case FS_WRITE_END:
		return write_end(domain, msg);
	case FS_TRUNCATE:
		return truncate_file(msg);
	case FS_UNLINK:
		return remove_path(msg, false);
	case FS_MKDIR:
		return make_directory(msg);
	case FS_RMDIR:
		return remove_path(msg, true);
	case FS_READDIR:
		return read_directory(msg, reply);
	default:
		return FS_EINVAL;
	}
}

void service_answer(uint32_t domain, L4_Msg_t *msg)
{
	L4_Msg_t reply;

	L4_MsgClear(&reply);
	L4_MsgAppendWord(&reply, 0);
	reply.mr[1] = serve(domain, msg, &reply);
	*msg = reply;
}
