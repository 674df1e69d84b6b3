/*
 * points.h
 *		Points of a score: exact decimals, an int64 counted in units of 0.0001.
 */
#ifndef CREDIT_POINTS_H
#define CREDIT_POINTS_H

#include "postgres.h"
#include "fmgr.h"

#include "rulebook.h"			/* POINTS_SCALE */

#define POINTS_DECIMALS		4
#define POINTS_TEXT_SIZE	24	/* sign, 15 digits, point, 4 digits, NUL */

#define PG_GETARG_POINTS(n)	PG_GETARG_INT64(n)
#define PG_RETURN_POINTS(p)	PG_RETURN_INT64(p)

/* The shortest text of the value, zero-terminated; its length. */
extern int	points_format(int64 points, char text[POINTS_TEXT_SIZE]);

/* Sum and product, or error 22003. */
extern int64 points_sum(int64 a, int64 b);
extern int64 points_times(int64 a, int64 n);

#endif							/* CREDIT_POINTS_H */
