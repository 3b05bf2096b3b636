/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XML documents and libvirt's schema.
 */
#include "vmm/config/xml.h"

#include <errno.h>
#include <libxml/catalog.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct xml_schema {
	xmlRelaxNG *schema;
};

/* Where libxml2's complaints about a document go. */
struct complaints {
	struct diag *diag;
	const char *file;
	const char *prefix;
	bool first_only;
	xmlDoc *doc; /* that is validated */
	unsigned nr;
};

void xml_setup(void)
{
	xmlCatalogSetDefaults(XML_CATA_ALLOW_NONE);
	xmlInitParser();
}

/* The first element of that name below @node, in the document's order. */
static xmlNode *find_element(xmlNode *node, const char *name)
{
	XML_EACH(child, node)
	{
		xmlNode *found =
			xml_is(child, name) ? child : find_element(child, name);

		if (found)
			return found;
	}
	return NULL;
}

/* libxml2 does not always say where; then it may have said what. */
static int line_of(const struct complaints *to, const xmlError *error)
{
	xmlNode *root = to->doc ? xmlDocGetRootElement(to->doc) : NULL;
	xmlNode *found = NULL;

	if (error->line > 0)
		return error->line;
	if (root && error->str1)
		found = find_element(root, error->str1);
	return found ? xml_line(found) : 0;
}

static void complain(void *data, xmlError *error)
{
	struct complaints *to = data;
	char text[DIAG_TEXT_MAX];
	int line = line_of(to, error);

	/* The schema's further complaints are about the elements around. */
	if (to->nr++ && to->first_only)
		return;
	snprintf(text, sizeof(text), "%s",
		error->message ? error->message : "unknown error");
	text[strcspn(text, "\n")] = '\0';
	diag_add(to->diag, (struct place){to->file, line}, "%s: %s", to->prefix,
		text);
}

/* The whole of @fd into @buf; -EFBIG if there is more than @size. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t used = 0;

	for (;;) {
		ssize_t got = read(fd, buf + used, size - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return (ssize_t)used;
		used += (size_t)got;
		if (used == size)
			return -EFBIG;
	}
}

static xmlDoc *parse(
	struct diag *diag, const char *buf, size_t size, const char *file)
{
	struct complaints to = {
		diag, file, "not well-formed XML", false, NULL, 0};
	const int options = XML_PARSE_NONET | XML_PARSE_NOWARNING |
			    XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES;

	xmlSetStructuredErrorFunc(&to, complain);
	xmlDoc *doc = xmlReadMemory(buf, (int)size, NULL, NULL, options);
	xmlSetStructuredErrorFunc(NULL, NULL);

	if (!doc && !to.nr)
		diag_add(diag, (struct place){file, 0}, "out of memory");
	if (doc && xmlGetIntSubset(doc)) {
		diag_add(diag, (struct place){file, 1},
			"a document type declaration is not allowed; "
			"remove <!DOCTYPE ...>");
		xmlFreeDoc(doc);
		doc = NULL;
	}
	return doc;
}

xmlDoc *xml_load(struct diag *diag, int fd, const char *file)
{
	struct place place = {file, 0};
	char *buf = malloc(XML_FILE_MAX);
	xmlDoc *doc = NULL;
	ssize_t size = buf ? read_all(fd, buf, XML_FILE_MAX) : -ENOMEM;

	if (size == -EFBIG)
		diag_add(diag, place,
			"longer than %d bytes; a domain's file is short",
			XML_FILE_MAX - 1);
	else if (size < 0)
		diag_add(diag, place, "cannot be read: %s",
			strerror((int)-size));
	else if (size == 0)
		diag_add(diag, place, "empty; write a <domain> element");
	else
		doc = parse(diag, buf, (size_t)size, file);
	free(buf);
	return doc;
}

struct xml_schema *xml_schema_open(struct diag *diag)
{
	struct complaints to = {
		diag, LIBVIRT_SCHEMA, "unusable schema", true, NULL, 0};
	struct xml_schema *schema = calloc(1, sizeof(*schema));
	struct place place = {LIBVIRT_SCHEMA, 0};

	if (!schema || access(LIBVIRT_SCHEMA, R_OK) < 0) {
		diag_add(diag, place,
			"libvirt's schema cannot be read: %s; "
			"install the package libvirt0",
			strerror(errno));
		free(schema);
		return NULL;
	}

	xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt(LIBVIRT_SCHEMA);

	xmlSetStructuredErrorFunc(&to, complain);
	if (parser)
		schema->schema = xmlRelaxNGParse(parser);
	xmlSetStructuredErrorFunc(NULL, NULL);
	if (parser)
		xmlRelaxNGFreeParserCtxt(parser);
	if (!schema->schema) {
		if (!to.nr)
			diag_add(diag, place, "out of memory");
		free(schema);
		return NULL;
	}
	return schema;
}

void xml_schema_check(struct xml_schema *schema, struct diag *diag, xmlDoc *doc,
	const char *file)
{
	struct complaints to = {
		diag, file, "against libvirt's schema", true, doc, 0};
	xmlRelaxNGValidCtxt *valid = xmlRelaxNGNewValidCtxt(schema->schema);

	if (!valid) {
		diag_add(diag, (struct place){file, 0}, "out of memory");
		return;
	}
	xmlRelaxNGSetValidStructuredErrors(
		valid, (xmlStructuredErrorFunc)complain, &to);

	int result = xmlRelaxNGValidateDoc(valid, doc);

	if (result && !to.nr)
		diag_add(diag, (struct place){file, 0},
			"does not agree with libvirt's schema; see "
			"virt-xml-validate");
	xmlRelaxNGFreeValidCtxt(valid);
}

void xml_schema_close(struct xml_schema *schema)
{
	if (schema)
		xmlRelaxNGFree(schema->schema);
	free(schema);
}

bool xml_is(const xmlNode *node, const char *name)
{
	return !node->ns && !strcmp((const char *)node->name, name);
}

bool xml_is_ours(const xmlNode *node, const char *name)
{
	return node->ns &&
	       !strcmp((const char *)node->ns->href, HYPERHURD_NAMESPACE) &&
	       !strcmp((const char *)node->name, name);
}

int xml_line(const xmlNode *node)
{
	return (int)xmlGetLineNo(node);
}

struct place xml_place(const char *file, const xmlNode *node)
{
	return (struct place){file, xml_line(node)};
}

uint32_t xml_attribute(struct config_system *system, const char *file,
	const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	uint32_t offset = 0;

	if (value)
		offset = config_keep(
			system, xml_place(file, node), (const char *)value);
	xmlFree(value);
	return offset;
}

uint32_t xml_content(
	struct config_system *system, const char *file, const xmlNode *node)
{
	static const char blanks[] = " \t\r\n";
	char *value = (char *)xmlNodeGetContent(node);
	uint32_t offset = 0;

	if (value) {
		char *start = value + strspn(value, blanks);
		size_t length = strlen(start);

		while (length && strchr(blanks, start[length - 1]))
			length--;
		start[length] = '\0';
		offset = config_keep(system, xml_place(file, node), start);
	}
	xmlFree(value);
	return offset;
}
