/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where figures come from: the first fields of every report.
 */
#ifndef VMM_REPORT_ENVIRONMENT_H
#define VMM_REPORT_ENVIRONMENT_H

#include "vmm/report/json.h"

/**
 * json_put_environment - host, icount, versions, kernel, compiler as members
 * of the open object.
 */
void json_put_environment(struct json *json);

#endif
