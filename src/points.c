/*
 * points.c
 *		The type credit.points: input and output, comparison, hashing,
 *		arithmetic, casts.
 *
 * Every operation is exact or an error: a score is replayed to the digit.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "common/int.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/sortsupport.h"

#include "credit_compat.h"
#include "points.h"

PG_FUNCTION_INFO_V1(points_in);
PG_FUNCTION_INFO_V1(points_out);
PG_FUNCTION_INFO_V1(points_recv);
PG_FUNCTION_INFO_V1(points_send);
PG_FUNCTION_INFO_V1(points_lt);
PG_FUNCTION_INFO_V1(points_le);
PG_FUNCTION_INFO_V1(points_eq);
PG_FUNCTION_INFO_V1(points_ne);
PG_FUNCTION_INFO_V1(points_ge);
PG_FUNCTION_INFO_V1(points_gt);
PG_FUNCTION_INFO_V1(points_cmp);
PG_FUNCTION_INFO_V1(points_sortsupport);
PG_FUNCTION_INFO_V1(points_hash);
PG_FUNCTION_INFO_V1(points_hash_extended);
PG_FUNCTION_INFO_V1(points_larger);
PG_FUNCTION_INFO_V1(points_smaller);
PG_FUNCTION_INFO_V1(points_pl);
PG_FUNCTION_INFO_V1(points_mi);
PG_FUNCTION_INFO_V1(points_um);
PG_FUNCTION_INFO_V1(points_to_numeric);
PG_FUNCTION_INFO_V1(points_from_numeric);
PG_FUNCTION_INFO_V1(points_from_int4);
PG_FUNCTION_INFO_V1(points_from_int8);

StaticAssertDecl(POINTS_SCALE == INT64CONST(10000), "four decimals");

/* ------------------------------------------------------------------------
 * Input and output
 * ------------------------------------------------------------------------
 */

typedef enum PointsFault { POINTS_FINE, POINTS_SYNTAX, POINTS_RANGE, POINTS_FINER } PointsFault;

/*
 * Sign, digits, point, digits, with blanks around.  Counts downwards from zero,
 * where there is one value more.  Zeros behind the fourth decimal say nothing
 * and are taken; no exponent, no group marks.
 */
static PointsFault
parse_points(const char *s, int64 *points)
{
	int64		value = 0;
	int			digits = 0,
				decimals = -1;
	bool		negative;
	PointsFault fault = POINTS_FINE;

	while (isspace((unsigned char) *s))
		s++;
	negative = *s == '-';
	if (*s == '-' || *s == '+')
		s++;
	for (; (*s >= '0' && *s <= '9') || (*s == '.' && decimals < 0); s++)
	{
		if (*s == '.')
		{
			decimals = 0;
			continue;
		}
		digits++;
		if (decimals == POINTS_DECIMALS)
		{
			if (*s != '0' && fault == POINTS_FINE)
				fault = POINTS_FINER;
			continue;
		}
		decimals += decimals >= 0;
		if (pg_mul_s64_overflow(value, 10, &value) || pg_sub_s64_overflow(value, *s - '0', &value))
			fault = POINTS_RANGE;
	}
	while (isspace((unsigned char) *s))
		s++;
	if (*s != '\0' || digits == 0)
		return POINTS_SYNTAX;
	for (decimals = Max(decimals, 0); decimals < POINTS_DECIMALS; decimals++)
		if (pg_mul_s64_overflow(value, 10, &value))
			fault = POINTS_RANGE;
	if (!negative && pg_sub_s64_overflow(0, value, &value))
		fault = POINTS_RANGE;
	*points = value;
	return fault;
}

Datum
points_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	int64		points = 0;

	switch (parse_points(text, &points))
	{
		case POINTS_FINE:
			break;
		case POINTS_SYNTAX:
			ereturn(credit_soft_context(fcinfo), (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%s\"", "credit.points", text)));
		case POINTS_RANGE:
			ereturn(credit_soft_context(fcinfo), (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("value \"%s\" is out of range for type %s", text, "credit.points")));
		case POINTS_FINER:
			ereturn(credit_soft_context(fcinfo), (Datum) 0,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("points have at most %d decimals: \"%s\"", POINTS_DECIMALS, text),
					 errhint("Round it first: round(value, %d).", POINTS_DECIMALS)));
	}
	PG_RETURN_POINTS(points);
}

int
points_format(int64 points, char text[POINTS_TEXT_SIZE])
{
	uint64		size = points < 0 ? -(uint64) points : (uint64) points;
	int			decimals = size % POINTS_SCALE;
	int			length = 0;

	if (points < 0)
		text[length++] = '-';
	length += snprintf(text + length, POINTS_TEXT_SIZE - length, UINT64_FORMAT,
					   size / POINTS_SCALE);
	if (decimals > 0)
	{
		length += snprintf(text + length, POINTS_TEXT_SIZE - length, ".%04d", decimals);
		while (text[length - 1] == '0')
			length--;
		text[length] = '\0';
	}
	return length;
}

Datum
points_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(POINTS_TEXT_SIZE);

	points_format(PG_GETARG_POINTS(0), text);
	PG_RETURN_CSTRING(text);
}

/* Every int64 is a value. */
Datum
points_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTS(pq_getmsgint64((StringInfo) PG_GETARG_POINTER(0)));
}

Datum
points_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint64(&buf, PG_GETARG_POINTS(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* ------------------------------------------------------------------------
 * Comparison: LEAKPROOF, so nothing here may raise or log
 * ------------------------------------------------------------------------
 */

#define POINTS_COMPARISON(name, operator) \
	Datum \
	name(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(PG_GETARG_POINTS(0) operator PG_GETARG_POINTS(1)); \
	} \
	extern Datum name(PG_FUNCTION_ARGS)

POINTS_COMPARISON(points_lt, <);
POINTS_COMPARISON(points_le, <=);
POINTS_COMPARISON(points_eq, ==);
POINTS_COMPARISON(points_ne, !=);
POINTS_COMPARISON(points_ge, >=);
POINTS_COMPARISON(points_gt, >);

Datum
points_cmp(PG_FUNCTION_ARGS)
{
	int64		a = PG_GETARG_POINTS(0);
	int64		b = PG_GETARG_POINTS(1);

	PG_RETURN_INT32((a > b) - (a < b));
}

/* The server knows this comparator and sorts with a specialised routine. */
Datum
points_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = ssup_datum_signed_cmp;
	PG_RETURN_VOID();
}

/*
 * Frozen, with test vectors: they decide where rows lie.  Folded as the server
 * folds a bigint: small numbers of either sign differ.
 */
static inline uint32
fold_halves(int64 points)
{
	uint32		high = (uint32) ((uint64) points >> 32);

	return (uint32) points ^ (points >= 0 ? high : ~high);
}

Datum
points_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32(fold_halves(PG_GETARG_POINTS(0)));
}

Datum
points_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended(fold_halves(PG_GETARG_POINTS(0)), PG_GETARG_INT64(1));
}

Datum
points_larger(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTS(Max(PG_GETARG_POINTS(0), PG_GETARG_POINTS(1)));
}

Datum
points_smaller(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTS(Min(PG_GETARG_POINTS(0), PG_GETARG_POINTS(1)));
}

/* ------------------------------------------------------------------------
 * Arithmetic
 * ------------------------------------------------------------------------
 */

static void
out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("points out of range"),
			 errdetail("The type holds 922337203685477.5807 at most, either way.")));
}

int64
points_sum(int64 a, int64 b)
{
	int64		result;

	if (unlikely(pg_add_s64_overflow(a, b, &result)))
		out_of_range();
	return result;
}

int64
points_times(int64 a, int64 n)
{
	int64		result;

	if (unlikely(pg_mul_s64_overflow(a, n, &result)))
		out_of_range();
	return result;
}

Datum
points_pl(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTS(points_sum(PG_GETARG_POINTS(0), PG_GETARG_POINTS(1)));
}

Datum
points_mi(PG_FUNCTION_ARGS)
{
	int64		result;

	if (pg_sub_s64_overflow(PG_GETARG_POINTS(0), PG_GETARG_POINTS(1), &result))
		out_of_range();
	PG_RETURN_POINTS(result);
}

Datum
points_um(PG_FUNCTION_ARGS)
{
	int64		result;

	if (pg_sub_s64_overflow(0, PG_GETARG_POINTS(0), &result))
		out_of_range();
	PG_RETURN_POINTS(result);
}

/* ------------------------------------------------------------------------
 * Casts
 * ------------------------------------------------------------------------
 */

/* With as many decimals as the value has, as its text shows it. */
Datum
points_to_numeric(PG_FUNCTION_ARGS)
{
	char		text[POINTS_TEXT_SIZE];

	points_format(PG_GETARG_POINTS(0), text);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}

/* Through the text: numeric prints all its digits, and no other way says which are lost. */
Datum
points_from_numeric(PG_FUNCTION_ARGS)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(0)));
	int64		points = 0;
	PointsFault fault = parse_points(text, &points);

	if (fault == POINTS_FINER)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("points have at most %d decimals: \"%s\"", POINTS_DECIMALS, text),
				 errhint("Round it first: round(value, %d).", POINTS_DECIMALS)));
	if (fault != POINTS_FINE)	/* NaN and the infinities, too */
		out_of_range();
	PG_RETURN_POINTS(points);
}

Datum
points_from_int4(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTS(PG_GETARG_INT32(0) * POINTS_SCALE);
}

Datum
points_from_int8(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTS(points_times(PG_GETARG_INT64(0), POINTS_SCALE));
}
