/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One file: from the XML tree to a struct config_domain.
 *
 * Owner: vmm/config.  domain.c reads libvirt's elements, device.c,
 * interface.c and limit.c those in <devices>, metadata.c and reservation.c our
 * own.  Each refuses what it does not know.
 */
#ifndef VMM_CONFIG_DOMAIN_H
#define VMM_CONFIG_DOMAIN_H

#include <libxml/tree.h>

#include "vmm/config/model.h"

#define DOMAIN_SIGMA0 "/hyperhurd/servers/sigma0/sigma0"
#define DOMAIN_ROOT "/hyperhurd/servers/wortel/wortel"

#define FRAME_BYTES 4096

/**
 * domain_read - read a whole document.
 * @domain: zeroed but for .file; filled in
 * @root:   the document element
 *
 * Errors go to system->diag; @domain is then incomplete.
 */
void domain_read(struct config_system *system, struct config_domain *domain,
	xmlNode *root);

/** domain_read_devices - read <devices>. */
void domain_read_devices(struct config_system *system,
	struct config_domain *domain, xmlNode *devices);

/** domain_read_interface - read <interface>. */
void domain_read_interface(struct config_system *system,
	struct config_domain *domain, xmlNode *interface);

/**
 * domain_check_interfaces - give them addresses, and compare them with those
 * of the domains before it.
 */
void domain_check_interfaces(
	struct config_system *system, struct config_domain *domain);

/** domain_read_iotune - read <iotune> of a disk. */
void domain_read_iotune(struct config_system *system, const char *file,
	struct config_disk *disk, xmlNode *iotune);

/** domain_read_bandwidth - read <bandwidth> of an interface. */
void domain_read_bandwidth(struct config_system *system, const char *file,
	struct config_net *net, xmlNode *bandwidth);

/**
 * domain_read_metadata - read our element, if <metadata> has one.
 * @metadata: NULL: the file has none
 */
void domain_read_metadata(struct config_system *system,
	struct config_domain *domain, xmlNode *metadata);

/**
 * domain_read_time - a time in attribute @name.
 * @us: unchanged if there is no such attribute, and after an error
 */
void domain_read_time(struct config_system *system,
	const struct config_domain *domain, xmlNode *node, const char *name,
	uint32_t *us);

/** domain_read_reservation - read <hh:reservation>. */
void domain_read_reservation(struct config_system *system,
	struct config_domain *domain, xmlNode *node);

/** domain_read_host - read <hh:host>, which is the system's. */
void domain_read_host(struct config_system *system,
	struct config_domain *domain, xmlNode *node);

#endif
