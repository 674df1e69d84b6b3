/*
 * division.c
 *		Names and dates of administrative divisions, and the triggers that keep
 *		what the extension shipped.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/rel.h"

#include "credit_compat.h"
#include "division.h"

PG_FUNCTION_INFO_V1(division_name);
PG_FUNCTION_INFO_V1(division_full_name);
PG_FUNCTION_INFO_V1(division_listed);
PG_FUNCTION_INFO_V1(division_changed);
PG_FUNCTION_INFO_V1(keep_shipped);

/*
 * Six digits as a number.  The text is not repeated in the error: it may be a
 * person's whole number in the wrong place.
 */
static int
parse_division(text *code)
{
	const char *digit = VARDATA_ANY(code);
	int			length = VARSIZE_ANY_EXHDR(code);
	int			characters = pg_mbstrlen_with_len(digit, length);
	int			number = 0;

	if (characters != 6)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid division code"),
				 errdetail("A division code has 6 digits; this text has %d characters.",
						   characters)));
	for (int i = 0; i < length; i++)
	{
		if (digit[i] < '0' || digit[i] > '9')
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid division code"),
					 errdetail("Place %d is not a digit from 0 to 9.", i + 1)));
		number = number * 10 + (digit[i] - '0');
	}
	return number;
}

/* The lists are yearly; the infinities lie outside all of them. */
static int
year_of(DateADT date)
{
	int			year,
				month,
				day;

	if (DATE_IS_NOBEGIN(date))
		return PG_INT32_MIN;
	if (DATE_IS_NOEND(date))
		return PG_INT32_MAX;
	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return year;
}

/* division_name(code text, on_date date) → text: its own name, or NULL. */
Datum
division_name(PG_FUNCTION_ARGS)
{
	int			code = parse_division(PG_GETARG_TEXT_PP(0));
	DivisionLabel label = division_label(code, year_of(PG_GETARG_DATEADT(1)));

	if (!label.text)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(label.text, label.length));
}

/*
 * division_full_name(code text, on_date date) → text: province, prefecture and
 * own name.  NULL if the division itself is not listed; a place above it that
 * is a heading, or in no list within a year, is left out.
 */
Datum
division_full_name(PG_FUNCTION_ARGS)
{
	int			code = parse_division(PG_GETARG_TEXT_PP(0));
	int			year = year_of(PG_GETARG_DATEADT(1));
	int			above[2] = {code / 10000 * 10000, code / 100 * 100};
	StringInfoData name;
	DivisionLabel label;

	if (!division_label(code, year).text)
		PG_RETURN_NULL();

	/* Labels are good until the next call: each is copied at once. */
	initStringInfo(&name);
	for (int i = 0; i < (int) lengthof(above); i++)
	{
		if (above[i] == code || (i > 0 && above[i] == above[i - 1]) ||
			division_is_heading(above[i], year))
			continue;
		label = division_label_near(above[i], year);
		if (label.text)
			appendBinaryStringInfo(&name, label.text, label.length);
	}
	label = division_label(code, year);
	if (label.text)
		appendBinaryStringInfo(&name, label.text, label.length);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(name.data, name.len));
}

/* division_listed(code text, from_year int, to_year int) → bool */
Datum
division_listed(PG_FUNCTION_ARGS)
{
	int			code = parse_division(PG_GETARG_TEXT_PP(0));
	int			from_year = PG_GETARG_INT32(1);
	int			to_year = PG_GETARG_INT32(2);

	if (from_year > to_year)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("year %d comes after year %d", from_year, to_year),
				 errhint("The first year of the window comes first.")));
	PG_RETURN_BOOL(division_listed_between(code, from_year, to_year));
}

/* After any statement that may have changed the table: drop the caches. */
Datum
division_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by a trigger", "division_changed")));
	division_cache_note_change(RelationGetRelid(trigger->tg_relation));
	return PointerGetDatum(NULL);
}

/* Does the row come with the extension?  Its column origin says so. */
static bool
is_shipped(HeapTuple tuple, TupleDesc desc)
{
	char	   *origin = SPI_getvalue(tuple, desc, SPI_fnumber(desc, "origin"));

	return origin && strcmp(origin, "shipped") == 0;
}

/* The extension's own scripts may change what it ships. */
static bool
in_own_script(void)
{
	return creating_extension &&
		CurrentExtensionObject == get_extension_oid("credit", true);
}

/*
 * Before a row is inserted, updated or deleted, or the table truncated.  Dumps
 * leave the shipped rows out, so a change to one would be lost by the next
 * restore, in silence: it is refused instead.
 */
Datum
keep_shipped(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	bool		refuse;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by a trigger before the change",
						"keep_shipped")));
	desc = RelationGetDescr(trigger->tg_relation);
	if (TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event))
		refuse = TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event);
	else
		refuse = is_shipped(trigger->tg_trigtuple, desc) ||
			(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
			 is_shipped(trigger->tg_newtuple, desc));
	if (refuse && !in_own_script())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("rows of origin \"shipped\" in table \"%s\" belong to the extension",
						RelationGetRelationName(trigger->tg_relation)),
				 errdetail("A dump does not carry them, so a change would be lost."),
				 errhint("Insert a row of origin \"local\" with the same key: "
						 "it takes the place of the shipped row.")));
	if (TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event))
		return PointerGetDatum(NULL);
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
						   trigger->tg_newtuple : trigger->tg_trigtuple);
}
