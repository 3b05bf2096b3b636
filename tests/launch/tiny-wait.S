/* SPDX-License-Identifier: GPL-2.0-or-later */
#define WAIT
#include "tests/launch/tiny.S"
