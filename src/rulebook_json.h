/*
 * rulebook_json.h
 *		A JSON text as a tree, for checking and compiling a rulebook.
 */
#ifndef CREDIT_RULEBOOK_JSON_H
#define CREDIT_RULEBOOK_JSON_H

#include "rulebook.h"
#include "lib/stringinfo.h"

typedef enum JsonKind
{
	JSON_NODE_NULL,
	JSON_NODE_BOOL,
	JSON_NODE_NUMBER,
	JSON_NODE_STRING,
	JSON_NODE_ARRAY,
	JSON_NODE_OBJECT
} JsonKind;

typedef struct JsonNode
{
	JsonKind	kind;
	bool		truth;
	int			count;			/* of an array or object */
	int			room;
	char	   *text;			/* of a string; of a number as written */
	char	  **keys;			/* of an object */
	struct JsonNode **nodes;
} JsonNode;

extern JsonNode *rulebook_json_parse(const char *json, size_t length, BookError *error);
extern JsonNode *rulebook_json_get(const JsonNode *object, const char *key);
extern void rulebook_json_print(StringInfo out, const JsonNode *node);

/* printf into error with the path; false, so that callers can return it. */
extern bool rulebook_json_fail(BookError *error, const char *path,
							   const char *format,...) pg_attribute_printf(3, 4);

/* --- rulebook_check.c: keys and kinds --- */

/*
 * Checks every key, kind and bound of the tree and brings it into the canonical
 * form: keys in the order of the format, nulls left out, numbers trimmed.
 */
extern bool rulebook_shape_check(JsonNode *root, BookError *error);

extern DateADT rulebook_day(const char *text);	/* DATEVAL_NOEND: no such day */
extern bool rulebook_points(const char *text, int64 *points);

#endif							/* CREDIT_RULEBOOK_JSON_H */
