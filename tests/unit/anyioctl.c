/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host that does whatever it is asked for: -Wl,--wrap=ioctl. */
int __wrap_ioctl(int fd, unsigned long request, void *argument);

int __wrap_ioctl(int fd, unsigned long request, void *argument)
{
	(void)fd;
	(void)request;
	(void)argument;
	return 0;
}
