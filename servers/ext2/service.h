/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What clients ask of the file system: servers/abi/fs.h.
 */
#ifndef SERVERS_EXT2_SERVICE_H
#define SERVERS_EXT2_SERVICE_H

#include "guestkernel/abi/threadid.h"
#include "servers/ext2/ext2.h"
#include "servers/lib/libl4/message.h"

/** service_start - @control: the store's control portal */
void service_start(struct ext2 *fs, thread_id_t control);

/**
 * service_answer - serve a request.
 * @domain: whose it is
 * @msg:    IN, the request; OUT, the reply
 */
void service_answer(uint32_t domain, L4_Msg_t *msg);

#endif
