/*
 * code.c
 *		The type credit.code: input and output, comparison, hashing, casts.
 *
 * The packing and all rules are in code_pack.c, code_format.c and code_parse.c.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"

#include "code.h"
#include "code_pack.h"
#include "credit_compat.h"
#include "redact.h"

PG_FUNCTION_INFO_V1(code_in);
PG_FUNCTION_INFO_V1(code_out);
PG_FUNCTION_INFO_V1(code_recv);
PG_FUNCTION_INFO_V1(code_send);
PG_FUNCTION_INFO_V1(code_lt);
PG_FUNCTION_INFO_V1(code_le);
PG_FUNCTION_INFO_V1(code_eq);
PG_FUNCTION_INFO_V1(code_ne);
PG_FUNCTION_INFO_V1(code_ge);
PG_FUNCTION_INFO_V1(code_gt);
PG_FUNCTION_INFO_V1(code_cmp);
PG_FUNCTION_INFO_V1(code_sortsupport);
PG_FUNCTION_INFO_V1(code_skipsupport);
PG_FUNCTION_INFO_V1(code_hash);
PG_FUNCTION_INFO_V1(code_hash_extended);
PG_FUNCTION_INFO_V1(code_larger);
PG_FUNCTION_INFO_V1(code_smaller);
PG_FUNCTION_INFO_V1(code_from_text);
PG_FUNCTION_INFO_V1(code_to_text);
PG_FUNCTION_INFO_V1(code_assigned);

/*
 * The core reads UTF-8; text too long for a code is not worth converting.
 * SQL_ASCII has no meaning beyond ASCII, so its bytes go as they are: valid
 * UTF-8 is folded, anything else refused.
 */
static char *
to_utf8(const char *text, size_t *length)
{
	char	   *utf8 = unconstify(char *, text);

	if (GetDatabaseEncoding() != PG_UTF8 && *length <= 4096)
	{
		utf8 = pg_server_to_any(text, *length, PG_UTF8);
		if (utf8 != text)
			*length = strlen(utf8);
	}
	return utf8;
}

bool
code_parse_server(const char *text, size_t length, CreditCode *value,
				  CodeReport *report)
{
	char	   *utf8 = to_utf8(text, &length);
	uint64_t	v = 0;
	bool		ok = code_parse(utf8, length, &v, report);

	*value = v;
	if (utf8 != text)
		pfree(utf8);
	return ok;
}

int
code_fold_server(const char *text, size_t length, char out[CODE_LENGTH + 2])
{
	char	   *utf8 = to_utf8(text, &length);
	int			folded = code_fold(utf8, length, out);

	if (utf8 != text)
		pfree(utf8);
	return folded;
}

/*
 * What is wrong, where, and what to do.  Never the text itself: at most the
 * six places that name a division, and only of what looks like a code.
 */
static int
code_error_text(const CodeReport *report)
{
	if (report->prefix[0] != '\0')
		errmsg("invalid credit code beginning \"%s\"", report->prefix);
	else
		errmsg("invalid credit code");
	if (report->verdict == CODE_BAD_LENGTH && report->length > 0)
		errdetail("%s This text has %d.", report->detail, report->length);
	else if (report->expected != '\0')
		errdetail("%s Expected \"%c\" at position %d.", report->detail,
				  report->expected, report->position);
	else if (report->position > 0)
		errdetail("%s The fault is at position %d.", report->detail,
				  report->position);
	else
		errdetail("%s", report->detail);
	if (report->storable)
		errhint("Please verify the code. If it was issued like this, write a \"%c\" behind it.",
				CODE_MARK);
	return 0;
}

/* Raises, or saves, the error for a refused text. */
static Datum
code_refuse(const char *text, size_t length, const CodeReport *report,
			Node *context)
{
	MemoryContext caller = CurrentMemoryContext;

	if (context != NULL)
		ereturn(context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 code_error_text(report)));

	/* The caller's context may quote the text (COPY does): take it out. */
	PG_TRY();
	{
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 code_error_text(report),
				 errhidestmt(true)));
	}
	PG_CATCH();
	{
		redact_rethrow(text, length, caller);
	}
	PG_END_TRY();
	return (Datum) 0;
}

/* ------------------------------------------------------------------------
 * Input and output
 * ------------------------------------------------------------------------
 */

Datum
code_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	size_t		length = strlen(text);
	CreditCode	value;
	CodeReport	report;

	if (likely(length == CODE_LENGTH && code_pack_regular(text, &value)))
		PG_RETURN_CODE(value);
	if (!code_parse_server(text, length, &value, &report))
		return code_refuse(text, length, &report,
						   (Node *) credit_soft_context(fcinfo));
	PG_RETURN_CODE(value);
}

Datum
code_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(CODE_TEXT_SIZE);

	code_format(PG_GETARG_CODE(0), text);
	PG_RETURN_CSTRING(text);
}

/* The binary form is the value itself; a number that is no code is refused. */
Datum
code_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	CreditCode	value = pq_getmsgint64(buf);

	if (!code_is_value(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid credit code in binary form"),
				 errdetail("The 8 bytes are the value of no code."),
				 errhint("Send what credit.code_send() gave, or the text form.")));
	PG_RETURN_CODE(value);
}

Datum
code_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint64(&buf, PG_GETARG_CODE(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
code_from_text(PG_FUNCTION_ARGS)
{
	text	   *input = PG_GETARG_TEXT_PP(0);
	size_t		length = VARSIZE_ANY_EXHDR(input);
	CreditCode	value;
	CodeReport	report;

	if (!code_parse_server(VARDATA_ANY(input), length, &value, &report))
		return code_refuse(VARDATA_ANY(input), length, &report, NULL);
	PG_RETURN_CODE(value);
}

Datum
code_to_text(PG_FUNCTION_ARGS)
{
	char		out[CODE_TEXT_SIZE];
	int			length = code_format(PG_GETARG_CODE(0), out);

	PG_RETURN_TEXT_P(cstring_to_text_with_len(out, length));
}

/* The code of a serial that a register gave to a subject without a number. */
Datum
code_assigned(PG_FUNCTION_ARGS)
{
	int64		serial = PG_GETARG_INT64(0);

	if (serial < 0 || (uint64) serial >= CODE_ASSIGNED_COUNT)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("serial is out of range"),
				 errdetail("Assigned codes have serials from 0 to 999999999999999.")));
	PG_RETURN_CODE(CODE_ASSIGNED_BASE + (uint64) serial);
}

/* ------------------------------------------------------------------------
 * Comparison: unsigned numbers, so nothing can fail and nothing can leak
 * ------------------------------------------------------------------------
 */

#define CODE_COMPARISON(name, operator) \
	Datum \
	name(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(PG_GETARG_CODE(0) operator PG_GETARG_CODE(1)); \
	}

CODE_COMPARISON(code_lt, <)
CODE_COMPARISON(code_le, <=)
CODE_COMPARISON(code_eq, ==)
CODE_COMPARISON(code_ne, !=)
CODE_COMPARISON(code_ge, >=)
CODE_COMPARISON(code_gt, >)

Datum
code_cmp(PG_FUNCTION_ARGS)
{
	CreditCode	a = PG_GETARG_CODE(0);
	CreditCode	b = PG_GETARG_CODE(1);

	PG_RETURN_INT32(a < b ? -1 : a > b);
}

/* The server's own comparator, for which its sort is specialised. */
Datum
code_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = ssup_datum_unsigned_cmp;
	PG_RETURN_VOID();
}

/* Skip scans (PostgreSQL 18) step from value to value; see credit_compat.h. */
#ifdef CREDIT_HAVE_SKIPSUPPORT
static Datum
code_decrement(Relation rel, Datum existing, bool *underflow)
{
	*underflow = DatumGetCode(existing) == 0;
	return CodeGetDatum(DatumGetCode(existing) - 1);
}

static Datum
code_increment(Relation rel, Datum existing, bool *overflow)
{
	*overflow = DatumGetCode(existing) == PG_UINT64_MAX;
	return CodeGetDatum(DatumGetCode(existing) + 1);
}
#endif

Datum
code_skipsupport(PG_FUNCTION_ARGS)
{
#ifdef CREDIT_HAVE_SKIPSUPPORT
	SkipSupport skip = (SkipSupport) PG_GETARG_POINTER(0);

	skip->decrement = code_decrement;
	skip->increment = code_increment;
	skip->low_elem = CodeGetDatum(0);
	skip->high_elem = CodeGetDatum(PG_UINT64_MAX);
#endif
	PG_RETURN_VOID();
}

/*
 * The hash functions decide where rows lie in hash partitions and on shards:
 * frozen, with test vectors.  They are the server's hash of a 64-bit integer.
 */
static inline uint32
fold_halves(CreditCode code)
{
	return (uint32) code ^ (uint32) (code >> 32);
}

Datum
code_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32(fold_halves(PG_GETARG_CODE(0)));
}

Datum
code_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended(fold_halves(PG_GETARG_CODE(0)),
								PG_GETARG_INT64(1));
}

Datum
code_larger(PG_FUNCTION_ARGS)
{
	PG_RETURN_CODE(Max(PG_GETARG_CODE(0), PG_GETARG_CODE(1)));
}

Datum
code_smaller(PG_FUNCTION_ARGS)
{
	PG_RETURN_CODE(Min(PG_GETARG_CODE(0), PG_GETARG_CODE(1)));
}
