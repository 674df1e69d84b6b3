/*
 * rulebook_shape.h
 *		The format of a rulebook's text as a table: which keys, of which kind, in
 *		which order.
 */
#ifndef CREDIT_RULEBOOK_SHAPE_H
#define CREDIT_RULEBOOK_SHAPE_H

#include "rulebook_json.h"

typedef enum FieldKind
{
	FIELD_ID,
	FIELD_NAME,					/* an id that may have hyphens */
	FIELD_TEXT,
	FIELD_DAY,
	FIELD_SPAN,					/* a day or day/day */
	FIELD_BOOL,
	FIELD_INT,
	FIELD_POINTS,
	FIELD_WORD,
	FIELD_OBJECT,
	FIELD_MAP,					/* id -> array of objects */
	FIELD_ANY_OBJECT,
	FIELD_ANY
} FieldKind;

#define REQUIRED	0x01
#define ARRAY		0x02
#define NONEMPTY	0x04		/* of an array */

#define MOST_ELEMENTS	10000

struct Shape;

typedef struct Field
{
	const char *key;
	FieldKind	kind;
	int			flags;
	const struct Shape *shape;
	const char *const *words;
	int			least;
	int			most;
} Field;

typedef struct Shape
{
	int			count;
	const Field *fields;
} Shape;

extern const Shape rulebook_shape;	/* of the whole */

#endif							/* CREDIT_RULEBOOK_SHAPE_H */
