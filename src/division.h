/*
 * division.h
 *		Was this division listed?  For every room that checks a code.
 *
 * The answers come from table credit.division_history through a cache of the
 * backend, as the statement's snapshot sees the table (division_cache.c).
 */
#ifndef DIVISION_H
#define DIVISION_H

#include "postgres.h"

/*
 * A row whose first year is that of the first list says "then or earlier";
 * a row without a last year says "still listed".
 */
#define DIVISION_FIRST_LIST	1980
#define DIVISION_SLACK		1	/* the lists are yearly: edges may be one off */

typedef enum DivisionStatus
{
	DIVISION_LISTED,			/* in force in the year of the question */
	DIVISION_RETIRED,			/* was, at some time since from_year */
	DIVISION_UNLISTED
} DivisionStatus;

/* A name in the server's encoding; text is NULL when there is none. */
typedef struct DivisionLabel
{
	const char *text;			/* not NUL-terminated, good until the next call */
	int			length;
} DivisionLabel;

/* code6 is the six digits as a number; any int is allowed. */
extern DivisionStatus division_status(int code6, int from_year, int as_of_year);
extern bool division_listed_between(int code6, int from_year, int to_year);
extern DivisionLabel division_label(int code6, int year);
extern DivisionLabel division_label_near(int code6, int year);

/* Is the code a heading of the standard (市辖区 and the like), not a place? */
extern bool division_is_heading(int code6, int year);

/* The table changed in this command: see division_changed(). */
extern void division_cache_note_change(Oid relid);

#endif							/* DIVISION_H */
