/*
 * code_check.c
 *		credit.check_code: what is to be said of a text that should be a code.
 *
 * The one function that a file of a department goes through: it never raises
 * an error for a bad text, but gives a verdict, the part that is at fault, its
 * position, what would have fitted, and a sentence for the sender.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "code.h"
#include "code_part.h"
#include "code_table.h"
#include "credit_compat.h"
#include "division.h"

PG_FUNCTION_INFO_V1(code_check);

/* The verdicts of credit.check_code; code_parse's and three about time. */
typedef enum CheckVerdict
{
	CHECK_VALID,
	CHECK_VALID_RETIRED_DIVISION,
	CHECK_UNLISTED_DIVISION,
	CHECK_UPGRADED,
	CHECK_IRREGULAR,
	CHECK_BAD_LENGTH,
	CHECK_BAD_CHARACTER,
	CHECK_BAD_DATE,
	CHECK_FUTURE_BIRTH,
	CHECK_BAD_CHECK,
	CHECK_BAD_ORGANISATION_CHECK,
	CHECK_BAD_REGISTRAR,
	CHECK_UNLISTED_PROVINCE
} CheckVerdict;

#define CHECK_VERDICTS	(CHECK_UNLISTED_PROVINCE + 1)

/* Verdict and the part of the code that it speaks of. */
static const struct
{
	const char *verdict;
	const char *field;
}			check_names[CHECK_VERDICTS] = {
	[CHECK_VALID] = {"valid", NULL},
	[CHECK_VALID_RETIRED_DIVISION] = {"valid_retired_division", "division"},
	[CHECK_UNLISTED_DIVISION] = {"unlisted_division", "division"},
	[CHECK_UPGRADED] = {"upgraded", "code"},
	[CHECK_IRREGULAR] = {"irregular", "check"},
	[CHECK_BAD_LENGTH] = {"bad_length", "code"},
	[CHECK_BAD_CHARACTER] = {"bad_character", "code"},
	[CHECK_BAD_DATE] = {"bad_date", "birth_date"},
	[CHECK_FUTURE_BIRTH] = {"future_birth", "birth_date"},
	[CHECK_BAD_CHECK] = {"bad_check", "check"},
	[CHECK_BAD_ORGANISATION_CHECK] = {"bad_organisation_check", "organisation_code"},
	[CHECK_BAD_REGISTRAR] = {"bad_registrar", "registrar"},
	/* not even storable: nobody's number begins like this */
	[CHECK_UNLISTED_PROVINCE] = {"unlisted_division", "province"}
};

static const CheckVerdict check_of_parse[] = {
	[CODE_VALID] = CHECK_VALID,
	[CODE_UPGRADED] = CHECK_UPGRADED,
	[CODE_IRREGULAR] = CHECK_IRREGULAR,
	[CODE_BAD_LENGTH] = CHECK_BAD_LENGTH,
	[CODE_BAD_CHARACTER] = CHECK_BAD_CHARACTER,
	[CODE_BAD_DATE] = CHECK_BAD_DATE,
	[CODE_BAD_CHECK] = CHECK_BAD_CHECK,
	[CODE_BAD_ORGANISATION_CHECK] = CHECK_BAD_ORGANISATION_CHECK,
	[CODE_BAD_REGISTRAR] = CHECK_BAD_REGISTRAR,
	[CODE_BAD_PROVINCE] = CHECK_UNLISTED_PROVINCE
};

typedef struct Check
{
	CheckVerdict verdict;
	int			position;
	char		expected;
	const char *message;
} Check;

/* Kept in fn_extra: the row type, and the texts of verdicts and fields. */
typedef struct CheckCache
{
	TupleDesc	desc;
	Datum		verdict[CHECK_VERDICTS];
	Datum		field[CHECK_VERDICTS];
} CheckCache;

static CheckCache *
check_cache(FunctionCallInfo fcinfo)
{
	CheckCache *cache = fcinfo->flinfo->fn_extra;
	MemoryContext old;

	if (cache != NULL)
		return cache;
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	cache = palloc0(sizeof(CheckCache));
	if (get_call_result_type(fcinfo, NULL, &cache->desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "credit.check_code does not return a row");
	cache->desc = BlessTupleDesc(CreateTupleDescCopy(cache->desc));
	for (int i = 0; i < CHECK_VERDICTS; i++)
	{
		cache->verdict[i] = CStringGetTextDatum(check_names[i].verdict);
		if (check_names[i].field != NULL)
			cache->field[i] = CStringGetTextDatum(check_names[i].field);
	}
	MemoryContextSwitchTo(old);
	fcinfo->flinfo->fn_extra = cache;
	return cache;
}

/*
 * Registration authorities also use the number of a prefecture's "city
 * districts" (3302 01) and that of the whole country.
 */
static DivisionStatus
organisation_division_status(int division, int year)
{
	DivisionStatus status;

	if (division == 100000)
		return DIVISION_LISTED;
	status = division_status(division, 0, year);
	if (status == DIVISION_UNLISTED && division % 100 == 1)
		status = division_status(division - 1, 0, year);
	return status;
}

/*
 * A division counts if it was listed at any time between birth and the day of
 * the question: numbers keep the division of first registration for life
 * (GB 11643), and counties are renumbered (372828 is 370323 since 1989).
 */
static void
check_division(CreditCode code, CodeKind kind, int birth_year, int year,
			   Check *check)
{
	int			division;
	DivisionStatus status;

	if (kind != CODE_CITIZEN && kind != CODE_ORGANISATION)
		return;
	division = code_division_number(code);
	status = kind == CODE_CITIZEN ?
		division_status(division, birth_year, year) :
		organisation_division_status(division, year);
	if (status == DIVISION_LISTED)
		return;
	check->position = kind == CODE_CITIZEN ? 1 : 3;
	if (status == DIVISION_RETIRED)
	{
		check->verdict = CHECK_VALID_RETIRED_DIVISION;
		check->message = "The division is no longer listed, but was when the code could be issued.";
	}
	else
	{
		check->verdict = CHECK_UNLISTED_DIVISION;
		check->message = "The division was not listed at any time when the code could be issued; please verify.";
	}
}

/* Registrar and category pairs that are issued without being in the table. */
static const char *
observed_pair_notice(CreditCode code, CodeKind kind)
{
	char		text[CODE_TEXT_SIZE];

	if (kind != CODE_ORGANISATION)
		return NULL;
	code_format(code, text);
	for (int i = 0; i < CODE_PAIR_COUNT; i++)
		if (memcmp(code_table.pair[i].text, text, 2) == 0)
			return code_table.pair[i].open == 1 ? NULL :
				"The category is not in the table of GB 32100, but is in use.";
	return NULL;
}

/* What can only be judged with a day and the table of divisions. */
static void
check_accepted(CreditCode code, DateADT as_of, Check *check)
{
	CodeKind	kind = code_kind(code);
	bool		person = code < CODE_ORG_BASE;
	int			year,
				birth_year = 0,
				month,
				mday;

	if (person && code_birth(code) > as_of)
	{
		check->verdict = CHECK_FUTURE_BIRTH;
		check->position = 7;
		check->message = "The birthday lies after the day of the question.";
		return;
	}
	if (check->verdict != CHECK_VALID)
		return;
	j2date(as_of + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	if (person)
		code_date_from_day(code_birth_day(code), &birth_year, &month, &mday);
	check_division(code, kind, birth_year, year, check);
	if (check->verdict == CHECK_VALID)
		check->message = observed_pair_notice(code, kind);
}

static Datum
check_result(FunctionCallInfo fcinfo, const Check *check)
{
	CheckCache *cache = check_cache(fcinfo);
	Datum		values[5];
	bool		nulls[5];

	values[0] = cache->verdict[check->verdict];
	values[1] = cache->field[check->verdict];
	values[2] = Int32GetDatum(check->position);
	nulls[0] = false;
	nulls[1] = cache->field[check->verdict] == (Datum) 0;
	nulls[2] = check->position == 0;
	nulls[3] = check->expected == '\0';
	nulls[4] = check->message == NULL;
	if (!nulls[3])
		values[3] = PointerGetDatum(cstring_to_text_with_len(&check->expected, 1));
	if (!nulls[4])
		values[4] = CStringGetTextDatum(check->message);
	return HeapTupleGetDatum(heap_form_tuple(cache->desc, values, nulls));
}

Datum
code_check(PG_FUNCTION_ARGS)
{
	text	   *input = PG_GETARG_TEXT_PP(0);
	DateADT		as_of = PG_GETARG_DATEADT(1);
	CreditCode	code;
	CodeReport	report;
	Check		check;

	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("the day of a check must not be infinite")));
	if (code_parse_server(VARDATA_ANY(input), VARSIZE_ANY_EXHDR(input),
						  &code, &report))
	{
		check.verdict = check_of_parse[report.verdict];
		check.position = 0;
		check.expected = '\0';
		check.message = report.detail;
		check_accepted(code, as_of, &check);
	}
	else
	{
		check.verdict = check_of_parse[report.verdict];
		check.position = report.position;
		check.expected = report.expected;
		check.message = report.detail;
	}
	PG_FREE_IF_COPY(input, 0);
	return check_result(fcinfo, &check);
}
