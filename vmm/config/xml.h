/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XML documents and libvirt's schema, through libxml2.
 *
 * Owner: vmm/config.  Documents come from whoever wrote the configuration: no
 * network, no external entities, no DTD, bounded size.
 */
#ifndef VMM_CONFIG_XML_H
#define VMM_CONFIG_XML_H

#include <libxml/tree.h>
#include <stdbool.h>

#include "vmm/config/diag.h"
#include "vmm/config/model.h"

#define XML_FILE_MAX (256 * 1024)
#define HYPERHURD_SITE "https://hyperhurd.org/"
#define HYPERHURD_NAMESPACE HYPERHURD_SITE "domain/1"
#define LIBVIRT_SCHEMA "/usr/share/libvirt/schemas/domain.rng"

struct xml_schema;

/** xml_setup - prepare libxml2; to be called once, first. */
void xml_setup(void);

/**
 * xml_load - parse one file.
 * @fd:   the open file; stays the caller's
 * @file: its name in messages
 *
 * Returns the document, owned by the caller, or NULL; then @diag says why.
 */
xmlDoc *xml_load(struct diag *diag, int fd, const char *file);

/**
 * xml_schema_open - parse libvirt's schema for domains.
 *
 * Returns NULL if it is not there or not usable; then @diag says why.
 */
struct xml_schema *xml_schema_open(struct diag *diag);

/** xml_schema_check - validate @doc; what is wrong goes to @diag. */
void xml_schema_check(struct xml_schema *schema, struct diag *diag, xmlDoc *doc,
	const char *file);

/** xml_schema_close - free it; NULL is allowed. */
void xml_schema_close(struct xml_schema *schema);

/** xml_is - is it libvirt's element @name (in no namespace)? */
bool xml_is(const xmlNode *node, const char *name);

/** xml_is_ours - is it the element @name of our namespace? */
bool xml_is_ours(const xmlNode *node, const char *name);

/**
 * xml_attribute - the value of an attribute without namespace.
 *
 * Returns its offset in the string area; 0 if there is none or it is empty.
 */
uint32_t xml_attribute(struct config_system *system, const char *file,
	const xmlNode *node, const char *name);

/** xml_content - an element's text, without blanks around it. */
uint32_t xml_content(
	struct config_system *system, const char *file, const xmlNode *node);

/** xml_place - where an element begins. */
struct place xml_place(const char *file, const xmlNode *node);

/** xml_line - the line of an element. */
int xml_line(const xmlNode *node);

/** XML_EACH - all child elements of an element. */
#define XML_EACH(child, parent)                                    \
	for (xmlNode *child = xmlFirstElementChild(parent); child; \
		child = xmlNextElementSibling(child))

#endif
