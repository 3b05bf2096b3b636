/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory as a flat array from address 0, for tests of devices.
 */
#ifndef TESTS_UNIT_FLATMEM_H
#define TESTS_UNIT_FLATMEM_H

#include "virtio/guestmem.h"

#define FLATMEM_SIZE 65536u

struct guestmem {
	_Atomic int iovs; /* out for requests */
	_Alignas(4096) uint8_t bytes[FLATMEM_SIZE];
};

#endif
