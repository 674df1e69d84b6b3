/*
 * code_part.c
 *		What a code tells of itself: kind, division, birth, sex, registrar ...
 *
 * All of it is in the eight bytes; no table is read.  A question that a code
 * has no answer to (the birth of an organisation) gives NULL.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "code.h"
#include "code_part.h"

PG_FUNCTION_INFO_V1(code_kind_name);
PG_FUNCTION_INFO_V1(code_division);
PG_FUNCTION_INFO_V1(code_birth_date);
PG_FUNCTION_INFO_V1(code_sex);
PG_FUNCTION_INFO_V1(code_age_on);
PG_FUNCTION_INFO_V1(code_organisation_code);
PG_FUNCTION_INFO_V1(code_registrar);
PG_FUNCTION_INFO_V1(code_category);
PG_FUNCTION_INFO_V1(code_is_regular_sql);
PG_FUNCTION_INFO_V1(code_mask);

/* 1800-01-01, day 0 of the packing, in PostgreSQL's count from 2000-01-01. */
#define CODE_EPOCH_DATE		(-73048)

static bool
is_person(CreditCode code)
{
	return code < CODE_ORG_BASE;
}

static Datum
text_datum(const char *s, int length)
{
	return PointerGetDatum(cstring_to_text_with_len(s, length));
}

DateADT
code_birth(CreditCode code)
{
	return CODE_EPOCH_DATE + code_birth_day(code);
}

/*
 * Six digits of GB/T 2260.  A foreigner's card has a province only; an
 * assigned code has none.
 */
int
code_division_number(CreditCode code)
{
	char		text[CODE_TEXT_SIZE];
	int			division = 0;

	switch (code_kind(code))
	{
		case CODE_CITIZEN:
		case CODE_HMT_RESIDENT:
			return code / (CODE_DAYS * 11000);
		case CODE_PERMANENT_RESIDENT:
			return code / (CODE_DAYS * 11000) / 1000 % 100 * 10000;
		case CODE_ORGANISATION:
			code_format(code, text);
			for (int i = 2; i < 8; i++)
				division = division * 10 + (text[i] - '0');
			return division;
		case CODE_ASSIGNED:
			break;
	}
	return -1;
}

Datum
code_kind_name(PG_FUNCTION_ARGS)
{
	static const char *const name[] = {
		[CODE_CITIZEN] = "citizen",
		[CODE_HMT_RESIDENT] = "hmt_resident",
		[CODE_PERMANENT_RESIDENT] = "permanent_resident",
		[CODE_ORGANISATION] = "organisation",
		[CODE_ASSIGNED] = "assigned"
	};

	PG_RETURN_TEXT_P(cstring_to_text(name[code_kind(PG_GETARG_CODE(0))]));
}

Datum
code_division(PG_FUNCTION_ARGS)
{
	int			division = code_division_number(PG_GETARG_CODE(0));
	char		text[16];

	if (division < 0)
		PG_RETURN_NULL();
	snprintf(text, sizeof(text), "%06d", division);
	return text_datum(text, 6);
}

Datum
code_birth_date(PG_FUNCTION_ARGS)
{
	CreditCode	code = PG_GETARG_CODE(0);

	if (!is_person(code))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(code_birth(code));
}

/* The last digit of the sequence: odd for men, even for women (GB 11643). */
Datum
code_sex(PG_FUNCTION_ARGS)
{
	CreditCode	code = PG_GETARG_CODE(0);

	if (!is_person(code))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(code / 11 % 2 ? "male" : "female"));
}

/*
 * Completed years of life (Civil Code arts 17, 18, 200-203).  Someone born on
 * 29 February completes a year with the last day of February, so is a year
 * older from 1 March on.  Before birth it is negative, which keeps a test such
 * as "< 18" true: a shield must not open for nonsense.
 */
int
code_age(CreditCode code, DateADT day)
{
	int			year,
				month,
				mday,
				birth_year,
				birth_month,
				birth_mday;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	code_date_from_day(code_birth_day(code),
					   &birth_year, &birth_month, &birth_mday);
	return year - birth_year -
		(month < birth_month || (month == birth_month && mday < birth_mday));
}

Datum
code_age_on(PG_FUNCTION_ARGS)
{
	CreditCode	code = PG_GETARG_CODE(0);
	DateADT		day = PG_GETARG_DATEADT(1);

	if (!is_person(code))
		PG_RETURN_NULL();
	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("age on an infinite date is not defined")));
	PG_RETURN_INT32(code_age(code, day));
}

/* Part of the text of an organisation's code, or NULL. */
static Datum
organisation_part(FunctionCallInfo fcinfo, int from, int length)
{
	CreditCode	code = PG_GETARG_CODE(0);
	char		text[CODE_TEXT_SIZE];

	if (code_kind(code) != CODE_ORGANISATION)
		PG_RETURN_NULL();
	code_format(code, text);
	return text_datum(text + from, length);
}

/* Places 9-17, GB 11714; usually printed with a hyphen before the last. */
Datum
code_organisation_code(PG_FUNCTION_ARGS)
{
	return organisation_part(fcinfo, 8, 9);
}

Datum
code_registrar(PG_FUNCTION_ARGS)
{
	return organisation_part(fcinfo, 0, 1);
}

Datum
code_category(PG_FUNCTION_ARGS)
{
	return organisation_part(fcinfo, 1, 1);
}

Datum
code_is_regular_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(code_is_regular(PG_GETARG_CODE(0)));
}

/*
 * The places that name registrar or division, then asterisks.  Nothing of the
 * birthday, the sequence or the check character: with the check character
 * seen, hiding eight digits of a birthday leaves some 3,300 candidates.
 */
Datum
code_mask(PG_FUNCTION_ARGS)
{
	CreditCode	code = PG_GETARG_CODE(0);
	char		text[CODE_TEXT_SIZE];
	int			shown;

	switch (code_kind(code))
	{
		case CODE_ORGANISATION:
			shown = 8;
			break;
		case CODE_ASSIGNED:
			shown = 1;
			break;
		default:
			shown = 6;
	}
	code_format(code, text);
	memset(text + shown, '*', CODE_LENGTH - shown);
	return text_datum(text, CODE_LENGTH);
}
