/*
 * score_state_io.c
 *		The type credit.score_state: text and binary forms of states.
 *
 * The binary form is the content field by field, so that it means the same on
 * every machine.  Reading it goes through the checks of this file, and what it
 * gives is as safe to compute with as what a transition made.
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/numeric.h"

#include "credit_compat.h"
#include "score.h"

PG_FUNCTION_INFO_V1(score_state_in);
PG_FUNCTION_INFO_V1(score_state_out);
PG_FUNCTION_INFO_V1(score_state_recv);
PG_FUNCTION_INFO_V1(score_state_send);

static void
send_rule(StringInfo buf, const ScoreRule *rule)
{
	pq_sendint16(buf, rule->rule);
	pq_sendbyte(buf, rule->kind);
	pq_sendint64(buf, rule->points);
	pq_sendint64(buf, rule->cap);
	pq_sendint16(buf, rule->dimension);
	pq_sendint16(buf, rule->overlap);
	pq_sendbyte(buf, rule->relapse);
	pq_sendbyte(buf, rule->bits);
	for (int i = 0; i < (rule->bits & SCORE_BOUNDED ? 2 : 0); i++)
		pq_sendint64(buf, score_bounds(rule)[i]);
	pq_sendint16(buf, rule->tiers);
	for (int i = 0; i < rule->tiers; i++)
	{
		pq_sendint64(buf, score_tiers(rule)[i].from);
		pq_sendint64(buf, score_tiers(rule)[i].per);
		pq_sendint64(buf, score_tiers(rule)[i].points);
	}
	if (rule->bits & SCORE_NAMED)
	{
		const ScoreNames *names = score_names(rule);

		pq_sendint16(buf, names->id);
		pq_sendint16(buf, names->dimension);
		pq_sendint32(buf, names->grade);
		pq_sendint32(buf, names->basis);
		pq_sendbytes(buf, (const char *) (names + 1),
					 (int) (names->id + names->dimension + names->grade + names->basis));
	}
}

static void
send_entry(StringInfo buf, const ScoreEntry *entry)
{
	pq_sendint32(buf, entry->until);
	pq_sendbyte(buf, entry->why);
	pq_sendbyte(buf, entry->severity);
	pq_sendbyte(buf, entry->state);
	pq_sendbyte(buf, entry->item_length);
	pq_sendint32(buf, entry->amount_length);
	pq_sendbytes(buf, (const char *) (entry + 1),
				 (int) (entry->item_length + entry->amount_length));
}

static void
score_write(StringInfo buf, const ScoreState *state)
{
	const char *log = SCORE_LOG(state);

	pq_sendbyte(buf, SCORE_FORMAT);
	pq_sendbyte(buf, state->lines);
	pq_sendint64(buf, state->digest);
	pq_sendint32(buf, state->as_of);
	pq_sendint64(buf, state->base);
	pq_sendint64(buf, state->least);
	pq_sendint64(buf, state->most);
	pq_sendint64(buf, state->sum);
	for (uint32 at = 0; at < state->used; at += score_entry_size(log + at))
	{
		const ScoreRecord *record = (const ScoreRecord *) (log + at);

		pq_sendbyte(buf, record->tag);
		if (record->tag == SCORE_RULE)
		{
			send_rule(buf, (const ScoreRule *) record);
			continue;
		}
		pq_sendint16(buf, record->rule);
		pq_sendint32(buf, record->day);
		pq_sendint64(buf, record->amount);
		if (record->tag == SCORE_LINE)
			send_entry(buf, (const ScoreEntry *) record);
	}
}

static void
check(bool fine, const char *what)
{
	if (!fine)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid state of a score"),
				 errdetail("Its %s cannot be.", what),
				 errhint("States are made by the aggregates credit.score and credit.score_lines, "
						 "and only by them.")));
}

/* Length bytes of text that this database can hold. */
static const char *
read_text(StringInfo buf, uint32 length, const char *what)
{
	const char *s;

	check(length <= (uint32) (buf->len - buf->cursor), what);
	s = pq_getmsgbytes(buf, length);
	check(pg_verifymbstr(s, length, true), what);
	return s;
}

/* What the settlement divides by, compares and walks. */
static void
check_rule(const ScoreState *state, const ScoreRule *rule, const BookTier *tiers)
{
	bool		tiered = rule->kind == SCORE_TIERS || rule->kind == SCORE_STEPS;

	check(rule->kind <= SCORE_DIRECT, "kind of rule");
	check((rule->bits & ~(SCORE_SUM_BITS | SCORE_PER_YEAR | SCORE_BOUNDED | SCORE_NAMED)) == 0 &&
		  (rule->bits & SCORE_SUM_BITS) <= SCORE_SUM_RECORD, "bits of a rule");
	check((rule->bits & SCORE_NAMED) == (state->lines ? SCORE_NAMED : 0), "names of a rule");
	check((rule->rule != BOOK_NONE || state->lines) && score_find_rule(state, rule->rule) == NULL,
		  "number of a rule");
	check(rule->cap >= 0 && rule->relapse <= 10 && (rule->relapse <= 1 ||
													rule->kind == SCORE_POINTS), "rule");
	check(rule->tiers == 0 || tiered, "tiers");
	for (int i = 0; i < rule->tiers; i++)
		check(tiers[i].from >= 0 && (i == 0 || tiers[i].from > tiers[i - 1].from) &&
			  (rule->kind == SCORE_STEPS || tiers[i].per > 0) && tiers[i].points >= 0, "tiers");
}

static ScoreState *
read_rule(StringInfo buf, ScoreState *state)
{
	ScoreRule	rule = {0};
	int64		bounds[2] = {0, 0};
	BookTier   *tiers;
	ScoreNames	names = {0};
	const char *texts[4] = {NULL};

	rule.rule = pq_getmsgint(buf, 2);
	rule.kind = pq_getmsgbyte(buf);
	rule.points = pq_getmsgint64(buf);
	rule.cap = pq_getmsgint64(buf);
	rule.dimension = pq_getmsgint(buf, 2);
	rule.overlap = pq_getmsgint(buf, 2);
	rule.relapse = pq_getmsgbyte(buf);
	rule.bits = pq_getmsgbyte(buf);
	for (int i = 0; i < (rule.bits & SCORE_BOUNDED ? 2 : 0); i++)
		check((bounds[i] = pq_getmsgint64(buf)) >= 0, "bound");
	rule.tiers = pq_getmsgint(buf, 2);
	tiers = palloc(rule.tiers * sizeof(BookTier) + 1);
	for (int i = 0; i < rule.tiers; i++)
	{
		tiers[i].from = pq_getmsgint64(buf);
		tiers[i].per = pq_getmsgint64(buf);
		tiers[i].points = pq_getmsgint64(buf);
	}
	check_rule(state, &rule, tiers);
	if (rule.bits & SCORE_NAMED)
	{
		names.id = pq_getmsgint(buf, 2);
		names.dimension = pq_getmsgint(buf, 2);
		names.grade = pq_getmsgint(buf, 4);
		names.basis = pq_getmsgint(buf, 4);
		texts[0] = read_text(buf, names.id, "name");
		texts[1] = read_text(buf, names.dimension, "name");
		texts[2] = read_text(buf, names.grade, "name");
		texts[3] = read_text(buf, names.basis, "name");
	}
	return score_add_parts(state, rule, bounds, tiers, rule.bits & SCORE_NAMED ? &names : NULL,
						   texts);
}

/* A line's amount is printed as a number, so it is read as one. */
static char *
read_amount(StringInfo buf, uint32 *length)
{
	char	   *s;
	Datum		number;

	if (*length == 0)
		return NULL;
	s = pnstrdup(read_text(buf, *length, "amount"), *length);
	number = DirectFunctionCall3(numeric_in, CStringGetDatum(s), ObjectIdGetDatum(InvalidOid),
								 Int32GetDatum(-1));
	s = DatumGetCString(DirectFunctionCall1(numeric_out, number));
	*length = strlen(s);
	return s;
}

static ScoreState *
read_record(StringInfo buf, ScoreState *state, int tag)
{
	ScoreEntry	entry = {.record.tag = tag};
	ScoreRecord *record = &entry.record;
	const char *item;
	char	   *amount;
	char	   *whole;

	record->rule = pq_getmsgint(buf, 2);
	record->day = pq_getmsgint(buf, 4);
	record->amount = pq_getmsgint64(buf);
	check(record->amount >= 0 || record->amount == SCORE_NO_AMOUNT, "amount");
	check(tag == (state->lines ? SCORE_LINE : SCORE_RECORD), "tag");
	check(record->rule == BOOK_NONE ? state->lines : score_find_rule(state, record->rule) != NULL,
		  "rule of a record");
	if (tag == SCORE_LINE)
	{
		entry.until = pq_getmsgint(buf, 4);
		entry.why = pq_getmsgbyte(buf);
		entry.severity = pq_getmsgbyte(buf);
		entry.state = pq_getmsgbyte(buf);
		entry.item_length = pq_getmsgbyte(buf);
		entry.amount_length = pq_getmsgint(buf, 4);
		check(entry.why <= WHY_LAST_STORED && entry.severity < BOOK_SEVERITIES &&
			  entry.state < RECORD_STATES &&
			  (record->rule != BOOK_NONE || entry.why != WHY_COUNTS), "line");
	}
	check(entry.why != WHY_COUNTS || (record->day <= state->as_of && IS_VALID_DATE(record->day)),
		  "day of a record");
	if (tag == SCORE_RECORD)
		return score_append(state, record, sizeof(ScoreRecord));
	check(IS_VALID_DATE(entry.until) || DATE_NOT_FINITE(entry.until), "last day of a record");
	check(IS_VALID_DATE(record->day) || DATE_NOT_FINITE(record->day), "day of a record");
	item = read_text(buf, entry.item_length, "item");
	amount = read_amount(buf, &entry.amount_length);
	entry.size = sizeof(entry) + SCORE_ALIGN(entry.item_length + entry.amount_length);
	whole = palloc0(entry.size);
	memcpy(whole, &entry, sizeof(entry));
	memcpy(whole + sizeof(entry), item, entry.item_length);
	if (amount)
		memcpy(whole + sizeof(entry) + entry.item_length, amount, entry.amount_length);
	return score_append(state, whole, entry.size);
}

static ScoreState *
score_read(StringInfo buf)
{
	ScoreState *state = palloc0(SCORE_SMALL);
	int			lines;

	SET_VARSIZE(state, SCORE_SMALL);
	check(pq_getmsgbyte(buf) == SCORE_FORMAT, "version");
	lines = pq_getmsgbyte(buf);
	state->digest = pq_getmsgint64(buf);
	state->as_of = pq_getmsgint(buf, 4);
	state->base = pq_getmsgint64(buf);
	state->least = pq_getmsgint64(buf);
	state->most = pq_getmsgint64(buf);
	state->sum = pq_getmsgint64(buf);
	state->lines = lines;
	check(lines <= 1 && IS_VALID_DATE(state->as_of) && state->least <= state->most, "head");
	check(!state->lines || state->sum == 0, "sum");
	while (buf->cursor < buf->len)
	{
		int			tag = pq_getmsgbyte(buf);

		CHECK_FOR_INTERRUPTS();
		check(tag <= SCORE_RULE, "tag");
		state = tag == SCORE_RULE ? read_rule(buf, state) : read_record(buf, state, tag);
	}
	check(!state->lines || score_find_rule(state, BOOK_NONE) != NULL, "scheme");
	return state;
}

Datum
score_state_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(score_read((StringInfo) PG_GETARG_POINTER(0)));
}

Datum
score_state_send(PG_FUNCTION_ARGS)
{
	ScoreState *state = (ScoreState *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	score_write(&buf, state);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* The text form is the binary one in hexadecimal digits. */
Datum
score_state_out(PG_FUNCTION_ARGS)
{
	ScoreState *state = (ScoreState *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	StringInfoData buf;
	char	   *text;

	initStringInfo(&buf);
	score_write(&buf, state);
	text = palloc(buf.len * 2 + 1);
	text[hex_encode(buf.data, buf.len, text)] = '\0';
	PG_RETURN_CSTRING(text);
}

Datum
score_state_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	size_t		length = strlen(text);
	StringInfoData buf;

	initStringInfo(&buf);
	enlargeStringInfo(&buf, length / 2 + 1);
	buf.len = hex_decode(text, length, buf.data);
	buf.data[buf.len] = '\0';
	PG_RETURN_POINTER(score_read(&buf));
}
