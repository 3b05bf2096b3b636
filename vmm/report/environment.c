/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/report/environment.h"

#include <stdlib.h>
#include <sys/utsname.h>

#include "vmm/host.h"

void json_put_environment(struct json *json)
{
	const char *versions =
		getenv("VERSIONS"); /* the appliance's packages */
	struct utsname name;

	json_put_string(json, "host", host_label());
	json_put_bool(json, "icount", host_counts_instructions());
	if (versions && *versions)
		json_put_string(json, "versions", versions);
	if (uname(&name) == 0)
		json_put_string(json, "kernel", name.release);
	json_put_string(json, "compiler", __VERSION__);
}
