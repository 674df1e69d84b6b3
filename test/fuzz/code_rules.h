/*
 * code_rules.h
 *		The rules of a credit code once more, for the drivers beside it.
 *
 * Written in the plainest way and without src/code_pack.c, so that the two can
 * disagree: what a text is, and which text comes next.  No rank is computed.
 */
#ifndef CODE_RULES_H
#define CODE_RULES_H

#include <stdbool.h>

#define LETTERS "0123456789ABCDEFGHJKLMNPQRTUWXY"
#define CHECKS "0123456789X"

typedef enum Reading
{
	REFUSED,
	PERSON,
	PERSON_IRREGULAR,
	ORGANISATION,
	ORGANISATION_IRREGULAR
} Reading;

/* Registrar and category, sorted as text; a star keeps room for a pair. */
#define PAIRS 43
extern const char *const pairs[PAIRS];

/* What 18 characters are; the irregular readings need the mark. */
extern Reading classify(const char *text);

/* Does some text begin with these four places? */
extern bool has_slot(const char *key);

/* Does this body keep its two check characters? */
extern bool is_stored(const char *body);

extern char check_of_body(const char *body);
extern char check_of_code(const char *text);

/* The next text in text order: false behind the last one of the slot, or of
 * all persons. */
extern bool next_organisation(char *text);
extern bool next_person(char *text);

#endif							/* CODE_RULES_H */
