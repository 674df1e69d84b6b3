/*
 * score_lines.c
 *		The receipt of a score: one line for the base, one for every record and
 *		rule, one for a bound of the whole, as jsonb.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "credit_compat.h"
#include "score.h"

static const char *const severity_words[BOOK_SEVERITIES] = {NULL, "minor", "general", "serious"};

/* ------------------------------------------------------------------------
 * Values
 * ------------------------------------------------------------------------
 */

static void
put_string(StringInfo json, const char *s, int length)
{
	char	   *word;

	if (length == 0)
	{
		appendStringInfoString(json, "null");
		return;
	}
	word = pnstrdup(s, length);
	escape_json(json, word);
	pfree(word);
}

static void
put_points(StringInfo json, int64 points)
{
	char		text[POINTS_TEXT_SIZE];

	points_format(points, text);
	appendStringInfoString(json, text);
}

/* ISO whatever DateStyle says: the answer is the same in every session. */
static void
put_day(StringInfo buf, DateADT day)
{
	char		text[MAXDATELEN + 1];
	struct pg_tm tm;

	if (DATE_NOT_FINITE(day))
	{
		EncodeSpecialDate(day, text);
		appendStringInfoString(buf, text);
		return;
	}
	j2date(day + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, text);
	appendStringInfoString(buf, text);
}

/* ------------------------------------------------------------------------
 * Lines
 * ------------------------------------------------------------------------
 */

/* Places of the texts behind ScoreNames. */
typedef struct NameTexts
{
	const char *id,
			   *dimension,
			   *grade,
			   *basis;
	ScoreNames	lengths;
} NameTexts;

static NameTexts
names_of(const ScoreRule *rule)
{
	NameTexts	t = {.lengths = *score_names(rule)};

	t.id = (const char *) (score_names(rule) + 1);
	t.dimension = t.id + t.lengths.id;
	t.grade = t.dimension + t.lengths.dimension;
	t.basis = t.grade + t.lengths.grade;
	return t;
}

/* The record as it was given. */
static void
put_record(StringInfo json, const ScoreEntry *entry)
{
	const char *item = (const char *) (entry + 1);
	const char *amount = item + entry->item_length;

	appendStringInfoString(json, "{\"item\": ");
	put_string(json, item, entry->item_length);
	appendStringInfoString(json, ", \"severity\": ");
	put_string(json, severity_words[entry->severity],
			   entry->severity ? strlen(severity_words[entry->severity]) : 0);
	appendStringInfoString(json, ", \"happened_on\": ");
	if (entry->why == WHY_NO_DATE || (entry->record.day == DATEVAL_NOEND &&
									  entry->why != WHY_NOT_YET))
		appendStringInfoString(json, "null");
	else
	{
		appendStringInfoChar(json, '"');
		put_day(json, entry->record.day);
		appendStringInfoChar(json, '"');
	}
	appendStringInfoString(json, ", \"amount\": ");
	/* JSON has no name for NaN and the infinities. */
	if (entry->amount_length == 0 || strspn(amount, "-.0123456789") >= entry->amount_length)
		appendBinaryStringInfo(json, entry->amount_length ? amount : "null",
							   entry->amount_length ? (int) entry->amount_length : 4);
	else
		put_string(json, amount, entry->amount_length);
	appendStringInfo(json, ", \"state\": \"%s\"}", record_state_words[entry->state]);
}

static void
put_why(StringInfo json, const ScoreLine *line, const NameTexts *names)
{
	StringInfoData why;

	initStringInfo(&why);
	switch ((ScoreWhy) line->why)
	{
		case WHY_COUNTS:
			appendStringInfoString(&why, "counts");
			break;
		case WHY_NO_CONSENT:
			appendStringInfoString(&why, "no consent");
			break;
		case WHY_NO_RULE:
			appendStringInfoString(&why, "no rule");
			break;
		case WHY_NO_DATE:
			appendStringInfoString(&why, "no date");
			break;
		case WHY_NOT_YET:
			appendStringInfoString(&why, "not yet");
			break;
		case WHY_EXPIRED:
			appendStringInfoString(&why, "expired on ");
			put_day(&why, line->entry->until);
			break;
		case WHY_NO_AMOUNT:
			appendStringInfoString(&why, "no amount");
			break;
		case WHY_LESSER:
			appendStringInfoString(&why, "lesser of one act");
			break;
		case WHY_RELAPSE:
			appendStringInfo(&why, "relapse x %d", score_line_rule(line)->relapse);
			break;
		case WHY_CAP:
			appendStringInfo(&why, "cap %.*s", names->lengths.id, names->id);
			break;
		case WHY_CAP_DIMENSION:
			appendStringInfo(&why, "cap %.*s", names->lengths.dimension, names->dimension);
			break;
		case WHY_DIRECT:
			appendStringInfo(&why, "direct %.*s", (int) names->lengths.grade, names->grade);
			break;
		case WHY_DIRECT_LESSER:
			appendStringInfoString(&why, "another direct grade holds");
			break;
		default:				/* the states between */
			appendStringInfoString(&why, record_state_words[line->why]);
			break;
	}
	put_string(json, why.data, why.len);
	pfree(why.data);
}

/* Does the line's day of end say anything about this score? */
static bool
has_end(const ScoreLine *line)
{
	return line->why == WHY_COUNTS || line->why == WHY_NOT_YET || line->why > WHY_LAST_STORED;
}

static void
put_line(StringInfo json, const ScoreLine *line)
{
	const ScoreRule *rule = score_line_rule(line);
	NameTexts	names = {0};

	if (rule)
		names = names_of(rule);
	appendStringInfoString(json, ",\n{\"record\": ");
	put_record(json, line->entry);
	appendStringInfoString(json, ", \"rule\": ");
	put_string(json, names.id, names.lengths.id);
	appendStringInfoString(json, ", \"points\": ");
	put_points(json, line->points);
	appendStringInfoString(json, ", \"cap\": ");
	if (line->why == WHY_CAP)
		put_string(json, names.id, names.lengths.id);
	else if (line->why == WHY_CAP_DIMENSION)
		put_string(json, names.dimension, names.lengths.dimension);
	else
		appendStringInfoString(json, "null");
	appendStringInfoString(json, ", \"counts_until\": ");
	if (has_end(line))
	{
		appendStringInfoChar(json, '"');
		put_day(json, line->entry->until);
		appendStringInfoChar(json, '"');
	}
	else
		appendStringInfoString(json, "null");
	appendStringInfoString(json, ", \"why\": ");
	put_why(json, line, &names);
	appendStringInfoString(json, ", \"basis\": ");
	put_string(json, names.basis, names.lengths.basis);
	appendStringInfoChar(json, '}');
}

/* The base, and a bound of the whole: lines of the scheme itself. */
static void
put_scheme_line(StringInfo json, const NameTexts *scheme, int64 points, const char *why)
{
	appendStringInfoString(json, "{\"record\": null, \"rule\": null, \"points\": ");
	put_points(json, points);
	appendStringInfo(json,
					 ", \"cap\": null, \"counts_until\": null, \"why\": \"%s\", \"basis\": ",
						 why);
	put_string(json, scheme->basis, scheme->lengths.basis);
	appendStringInfoChar(json, '}');
}

Datum
score_lines_jsonb(const ScoreState *state)
{
	const ScoreRule *head = score_find_rule(state, BOOK_NONE);
	ScoreSheet	sheet;
	StringInfoData json;
	NameTexts	scheme;

	if (!state->lines || head == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this state of a score holds no lines")));
	scheme = names_of(head);
	score_settle(state, &sheet);
	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	put_scheme_line(&json, &scheme, sheet.base, "base");
	for (int i = 0; i < sheet.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_line(&json, &sheet.lines[i]);
	}
	if (sheet.bound != 0)
	{
		appendStringInfoString(&json, ",\n");
		put_scheme_line(&json, &scheme, sheet.bound, sheet.bound > 0 ? "least" : "most");
	}
	appendStringInfoChar(&json, ']');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}
