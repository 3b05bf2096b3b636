/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/vcpu.c vmm/clock.c */
/*
 * A vCPU is its process' alone.
 */
#include "vmm/vcpu.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

/* How many mappings of vCPUs this process has. */
static int count_mapped(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	int nr = 0;

	while (maps && fgets(line, sizeof(line), maps))
		nr += strstr(line, "kvm-vcpu") != NULL;
	if (maps)
		fclose(maps);
	return nr;
}

/* It would keep the VM alive when we have let it go. */
TEST(a_child_does_not_have_it)
{
	struct kvm kvm;
	struct vcpu vcpu;
	int status = -1;

	if (kvm_open(&kvm))
		SKIP("/dev/kvm cannot be used here");
	REQUIRE(vcpu_create(&vcpu, &kvm) == 0);
	CHECK_EQ(count_mapped(), 1);

	pid_t pid = fork();

	if (pid == 0)
		_exit(count_mapped());
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
	vcpu_destroy(&vcpu);
	kvm_close(&kvm);
}

static const struct tap_case cases[] = {CASE(a_child_does_not_have_it)};

int main(void)
{
	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
