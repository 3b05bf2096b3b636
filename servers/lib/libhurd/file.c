/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd/file.h"

#include <string.h>

#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/store.h"
#include "servers/lib/libl4/ipc.h"

static uint64_t call(
	const struct file_system *of, L4_Msg_t *msg, uint64_t label)
{
	msgtag_t tag;

	L4_Set_MsgLabel(msg, label);
	L4_MsgLoad(msg);
	tag = L4_Call(of->fs);
	if (msgtag_failed(tag) || msgtag_untyped(tag) < 1)
		return FILE_UNREACHABLE;
	L4_MsgStore(tag, msg);
	return L4_MsgWord(msg, 0);
}

static bool append_path(L4_Msg_t *msg, const char *path)
{
	size_t length = strlen(path);

	if (length == 0 || length > FS_PATH_MAX)
		return false;
	for (size_t i = 0; i < length; i += 8) {
		uint64_t word = 0;

		memcpy(&word, path + i, length - i < 8 ? length - i : 8);
		L4_MsgAppendWord(msg, word);
	}
	return true;
}

uint64_t file_share(
	const struct file_system *of, uint64_t ref, struct file_buffer *buffer)
{
	buffer->ref = ref;
	return container_share(ref, CONTAINER_MAP_READ | CONTAINER_MAP_WRITE,
		of->store, &buffer->there);
}

uint64_t file_open(const struct file_system *of, const char *path,
	uint64_t flags, struct file *file)
{
	L4_Msg_t msg;
	uint64_t error;

	L4_MsgClear(&msg);
	L4_MsgAppendWord(&msg, flags);
	if (!append_path(&msg, path))
		return FS_EINVAL;
	error = call(of, &msg, FS_OPEN);
	if (!error)
		*file = (struct file){
			of, L4_MsgWord(&msg, 1), L4_MsgWord(&msg, 2)};
	return error;
}

/* --- data --- */

/* Frames that show a hole get zeroes in the place of what they had. */
static uint64_t zero_frames(
	const struct file_buffer *buffer, uint64_t offset, uint64_t size)
{
	uint64_t first = offset / CONTAINER_FRAME_SIZE;
	uint64_t end = (offset + size) / CONTAINER_FRAME_SIZE;

	return container_allocate(buffer->ref, first, end - first,
		       CONTAINER_ALLOCATE_SQUASH) == VMM_OK
		       ? FS_OK
		       : FILE_ESTORE;
}

/* Moves what a reply of the file system told, from word 3 on. */
static uint64_t move_extents(const struct file *file, const L4_Msg_t *msg,
	uint64_t right, const struct file_buffer *buffer, uint64_t offset)
{
	unsigned nr = msgtag_untyped(L4_MsgMsgTag(msg));
	struct store_piece piece[FS_EXTENTS_MAX];
	unsigned pieces = 0;
	uint64_t error = FS_OK;

	for (unsigned i = 3; !error && i + 1 < nr; i += 2) {
		uint64_t sector = L4_MsgWord(msg, i);
		uint64_t sectors = L4_MsgWord(msg, i + 1);

		if (sector == FS_HOLE)
			error = zero_frames(
				buffer, offset, sectors * STORE_SECTOR);
		else
			piece[pieces++] =
				(struct store_piece){sector, sectors, offset};
		offset += sectors * STORE_SECTOR;
	}
	for (unsigned i = 0; !error && i < pieces; i += STORE_PIECES_MAX) {
		unsigned now = pieces - i;

		if (now > STORE_PIECES_MAX)
			now = STORE_PIECES_MAX;
		if (store_transfer(file->of->store, L4_MsgWord(msg, 1), right,
			    buffer->there, &piece[i], now))
			error = FILE_ESTORE;
	}
	return error;
}

static uint64_t ask_range(const struct file *file, uint64_t label,
	uint64_t offset, uint64_t size, L4_Msg_t *msg)
{
	L4_MsgClear(msg);
	L4_MsgAppendWord(msg, file->number);
	L4_MsgAppendWord(msg, offset);
	L4_MsgAppendWord(msg, size);
	return call(file->of, msg, label);
}

uint64_t file_read(struct file *file, uint64_t offset, uint64_t size,
	const struct file_buffer *buffer, uint64_t frame, uint64_t *done)
{
	*done = 0;
	while (*done < size) {
		L4_Msg_t msg;
		uint64_t error = ask_range(
			file, FS_READ, offset + *done, size - *done, &msg);
		uint64_t told = L4_MsgWord(&msg, 2);

		/* A list that was too long is told as far as it went. */
		if (error && (error != FS_EFBIG ||
				     msgtag_untyped(L4_MsgMsgTag(&msg)) < 3))
			return error;
		if (told == 0)
			break;
		error = move_extents(file, &msg, STORE_READ, buffer,
			frame * CONTAINER_FRAME_SIZE + *done);
		if (error)
			return error;
		*done += told;
		if (told % FS_UNIT)
			break;
	}
	return FS_OK;
}

uint64_t file_read_copy(struct file *file, uint64_t offset, uint64_t size,
	void *memory, uint64_t *done)
{
	L4_Msg_t msg;
	uint64_t error;

	L4_LoadBR(1, item_string_word(size));
	L4_LoadBR(2, (uint64_t)memory);
	L4_Accept(ACCEPT_STRINGS);
	error = ask_range(file, FS_READ_COPY, offset, size, &msg);
	L4_Accept(ACCEPT_UNTYPED);
	*done = error ? 0 : L4_MsgWord(&msg, 1);
	return error;
}

/* One write: what the file system can tell in one reply. */
static uint64_t write_part(struct file *file, uint64_t offset, uint64_t size,
	const struct file_buffer *buffer, uint64_t from)
{
	uint64_t whole = (size + FS_UNIT - 1) / FS_UNIT * FS_UNIT;
	L4_Msg_t msg;
	uint64_t error = ask_range(file, FS_WRITE_BEGIN, offset, whole, &msg);

	if (!error)
		error = move_extents(file, &msg, STORE_WRITE, buffer, from);
	if (error)
		return error;
	L4_MsgClear(&msg);
	L4_MsgAppendWord(&msg, offset + size);
	error = call(file->of, &msg, FS_WRITE_END);
	if (!error && offset + size > file->size)
		file->size = offset + size;
	return error;
}

uint64_t file_write(struct file *file, uint64_t offset, uint64_t size,
	const struct file_buffer *buffer, uint64_t frame)
{
	uint64_t from = frame * CONTAINER_FRAME_SIZE, step = size;

	while (size) {
		uint64_t now = size < step ? size : step;
		uint64_t error = write_part(file, offset, now, buffer, from);

		if (error == FS_EFRAGMENTED && step > FS_UNIT) {
			step = step / 2 / FS_UNIT * FS_UNIT;
			step = step ? step : FS_UNIT;
			continue;
		}
		if (error)
			return error;
		offset += now;
		from += now;
		size -= now;
	}
	return FS_OK;
}

uint64_t file_truncate(struct file *file, uint64_t size)
{
	L4_Msg_t msg;
	uint64_t error;

	L4_MsgClear(&msg);
	L4_MsgAppendWord(&msg, file->number);
	L4_MsgAppendWord(&msg, size);
	error = call(file->of, &msg, FS_TRUNCATE);
	if (!error)
		file->size = size;
	return error;
}

/* --- names --- */

static uint64_t ask_path(
	const struct file_system *of, uint64_t label, const char *path)
{
	L4_Msg_t msg;

	L4_MsgClear(&msg);
	return append_path(&msg, path) ? call(of, &msg, label) : FS_EINVAL;
}

uint64_t file_unlink(const struct file_system *of, const char *path)
{
	return ask_path(of, FS_UNLINK, path);
}

uint64_t file_mkdir(const struct file_system *of, const char *path)
{
	return ask_path(of, FS_MKDIR, path);
}

uint64_t file_rmdir(const struct file_system *of, const char *path)
{
	return ask_path(of, FS_RMDIR, path);
}

uint64_t file_list(const struct file *directory, uint64_t *position, char *name)
{
	L4_Msg_t msg;
	uint64_t error;
	unsigned nr;

	L4_MsgClear(&msg);
	L4_MsgAppendWord(&msg, directory->number);
	L4_MsgAppendWord(&msg, *position);
	error = call(directory->of, &msg, FS_READDIR);
	if (error)
		return error;
	*position = L4_MsgWord(&msg, 2);
	nr = msgtag_untyped(L4_MsgMsgTag(&msg));
	if (nr < 4 || nr > 3 + FS_NAME_WORDS)
		return FILE_UNREACHABLE;
	memcpy(name, &msg.mr[4], 8 * (size_t)(nr - 3));
	name[8 * (nr - 3) - 1] = '\0';
	return FS_OK;
}
