# SPDX-License-Identifier: GPL-2.0-or-later
ext2-objs := cache volume allocate inode directory file metadata lease copy \
	service
$(eval $(call task-program,servers/ext2/main))
$B/servers/ext2/main: $(ext2-objs:%=$B/servers/ext2/%.o)
