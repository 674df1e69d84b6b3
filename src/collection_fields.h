/*
 * collection_fields.h
 *		The further fields of a record: what is not said, and what may not be.
 */
#ifndef COLLECTION_FIELDS_H
#define COLLECTION_FIELDS_H

#include "postgres.h"

#include "utils/jsonb.h"

/* Moves a text behind the blanks before it, and gives its length without those behind. */
extern int	collection_trim(const char **text, int length);

/* Is it null, empty, or a text with blanks around it? */
extern bool collection_untidy(const JsonbValue *v);

/* The same object, texts without blanks around them, without keys under which nothing is said. */
extern JsonbValue *collection_strip(JsonbValue *object);

#endif							/* COLLECTION_FIELDS_H */
