/*
 * rulebook_build.h
 *		Between the files that compile a rulebook's sections.
 */
#ifndef CREDIT_RULEBOOK_BUILD_H
#define CREDIT_RULEBOOK_BUILD_H

#include "rulebook_json.h"

/*
 * The value under construction.  It moves as it grows, so everything is held
 * by offset and written through BUILD_BOOK.
 */
typedef struct Build
{
	StringInfoData out;
	JsonNode   *root;
	BookError  *error;
} Build;

#define BUILD_BOOK(b)			((Rulebook *) (b)->out.data)
#define BUILD_AT(b, type, array)	((type *) ((b)->out.data + (array).at))

/* Room for count elements of size, zeroed, at a multiple of 8. */
extern BookArray build_array(Build *b, int count, Size size);
extern BookText build_text(Build *b, const char *s);	/* NULL: absent */

/* Values of an object that passed the shape check. */
extern const char *node_text(const JsonNode *object, const char *key);
extern int	node_int(const JsonNode *object, const char *key, int otherwise);
extern bool node_bool(const JsonNode *object, const char *key, bool otherwise);
extern int64 node_points(const JsonNode *object, const char *key, int64 otherwise);
extern int	node_word(const JsonNode *object, const char *key, const char *const *words,
					  int otherwise);
extern int	node_count(const JsonNode *object, const char *key);
extern JsonNode *node_element(const JsonNode *object, const char *key, int i);

extern BookRange build_range(const JsonNode *object);
extern bool build_basis(Build *b, const JsonNode *object, const char *path, BookBasis *basis);

extern int	find_id(const JsonNode *section, const char *id);	/* -1: none */
extern bool check_ids(Build *b, const char *section, const JsonNode *array, const char *key);

/* rulebook_select.c: which records a rule is for */
typedef struct Selection
{
	int			items;			/* of the rulebook */
	uint8	   *severities;		/* [item]: bit s: BookSeverity s */
} Selection;

extern bool build_selection(Build *b, const JsonNode *rule, const char *path, Selection *selection);
extern void build_uses(Build *b, const Selection *rules, int count, Size item_field);
extern bool check_display(Build *b, const Selection *rules);
extern bool check_repair(Build *b);

/* rulebook_calendar.c, rulebook_score.c */
extern bool build_calendar(Build *b);
extern bool build_score(Build *b);

extern const char *const book_severity_words[];	/* from BOOK_MINOR on */

#endif							/* CREDIT_RULEBOOK_BUILD_H */
