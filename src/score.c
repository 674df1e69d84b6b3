/*
 * score.c
 *		The aggregates credit.score and credit.score_lines, and grades.
 *
 * A transition decides what a record is by itself: its item's rules, and
 * whether it counts on the day of the question.  What depends on other records
 * is settled at the end (score_settle.c), so the order of rows, the division of
 * work among processes and the plan have no influence.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "credit_compat.h"
#include "score.h"

PG_FUNCTION_INFO_V1(score_transition);
PG_FUNCTION_INFO_V1(score_inverse);
PG_FUNCTION_INFO_V1(score_lines_transition);
PG_FUNCTION_INFO_V1(score_combine);
PG_FUNCTION_INFO_V1(score_final);
PG_FUNCTION_INFO_V1(score_lines_final);
PG_FUNCTION_INFO_V1(score_grade);

/* Arguments of the transitions: the aggregates' own, behind the state. */
enum { ARG_STATE, ARG_BOOK, ARG_AS_OF, ARG_ITEM, ARG_SEVERITY, ARG_HAPPENED_ON, ARG_AMOUNT,
	  ARG_RECORD_STATE };

const char *const record_state_words[RECORD_STATES] = {
	"active", "disputed", "repaired", "withdrawn", "archived", "minor", "no_consent"
};

/* The first day from which a record of some months' validity counts on as_of. */
typedef struct ScoreLimit
{
	DateADT		as_of;
	DateADT		from;
} ScoreLimit;

#define SCORE_SLOTS	256			/* items looked up lately: by 8 bits of a hash */

typedef struct ScoreUse
{
	BookUse		book;
	const Rulebook *known;		/* what the rest was made for */
	uint64		digest;
	ScoreLimit *limits;			/* a rule each */
	const BookItem *items[SCORE_SLOTS];
	Numeric		zero;
	Numeric		most;			/* amount */
} ScoreUse;

/* ------------------------------------------------------------------------
 * What is kept between calls
 * ------------------------------------------------------------------------
 */

static uint64
book_digest(const Rulebook *book)
{
	uint64		digest;

	memcpy(&digest, book->digest, sizeof(digest));
	return digest;
}

static Numeric
keep_number(MemoryContext context, int64 n)
{
	MemoryContext caller = MemoryContextSwitchTo(context);
	Numeric		number = int64_to_numeric(n);

	MemoryContextSwitchTo(caller);
	return number;
}

/* Another rulebook than in the call before. */
static void
learn_book(ScoreUse *use)
{
	const Rulebook *book = use->book.book;
	MemoryContext context = use->book.context;

	if (book->score.id.at == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rulebook \"%.*s\" has no score scheme", (int) book->id.length,
						BOOK_CHARS(book, book->id)),
				 errhint("Its section \"score\" is described in doc/rulebook.md.")));
	use->known = NULL;
	if (use->limits)
		pfree(use->limits);
	use->limits = MemoryContextAlloc(context, (book->score.rules.count + 1) * sizeof(ScoreLimit));
	for (uint32 i = 0; i < book->score.rules.count; i++)
		use->limits[i].as_of = DATEVAL_NOBEGIN;
	memset(use->items, 0, sizeof(use->items));
	if (use->zero == NULL)
	{
		use->zero = keep_number(context, 0);
		use->most = keep_number(context, PG_INT64_MAX / POINTS_SCALE);
	}
	use->digest = book_digest(book);
	use->known = book;
}

static inline ScoreUse *
score_use(FunctionCallInfo fcinfo)
{
	ScoreUse   *use = (ScoreUse *) rulebook_arg(fcinfo, ARG_BOOK, sizeof(ScoreUse));

	/* A copy may come to lie where another rulebook lay. */
	if (unlikely(use->known != use->book.book || use->digest != book_digest(use->known)))
		learn_book(use);
	return use;
}

/* A place for an item among those remembered: any mix of its ends will do. */
static inline uint32
item_slot(const char *s, uint32 length)
{
	uint64		first = 0,
				last = 0;

	if (length >= 8)
	{
		memcpy(&first, s, 8);
		memcpy(&last, s + length - 8, 8);
	}
	else if (length >= 4)
	{
		memcpy(&first, s, 4);
		memcpy(&last, s + length - 4, 4);
	}
	else
		memcpy(&first, s, length);
	return ((first ^ (last << 7) ^ length) * UINT64CONST(0x9E3779B97F4A7C15)) >> 56;
}

/* Rows come item by item in turn, so more than the last one is remembered. */
static inline const BookItem *
score_item(FunctionCallInfo fcinfo, ScoreUse *use)
{
	const text *arg = PG_GETARG_TEXT_PP(ARG_ITEM);
	const char *s = VARDATA_ANY(arg);
	uint32		length = VARSIZE_ANY_EXHDR(arg);
	uint32		slot = item_slot(s, length);
	const BookItem *item = use->items[slot];

	if (likely(item && item->id.length == length &&
			   memcmp(BOOK_CHARS(use->known, item->id), s, length) == 0))
		return item;
	return use->items[slot] = rulebook_item_arg(fcinfo, &use->book, ARG_ITEM);
}

static void
unknown_state(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no such state of a record"),
			 errhint("States are active, disputed, repaired, withdrawn, archived, "
					 "minor and no_consent.")));
}

static inline RecordState
record_state(FunctionCallInfo fcinfo)
{
	const text *arg;
	const char *s;
	size_t		length;

	if (PG_ARGISNULL(ARG_RECORD_STATE))
		return RECORD_ACTIVE;
	arg = PG_GETARG_TEXT_PP(ARG_RECORD_STATE);
	s = VARDATA_ANY(arg);
	length = VARSIZE_ANY_EXHDR(arg);
	if (likely(length == 6 && memcmp(s, "active", 6) == 0))
		return RECORD_ACTIVE;
	for (int i = RECORD_ACTIVE + 1; i < RECORD_STATES; i++)
		if (strlen(record_state_words[i]) == length && memcmp(s, record_state_words[i],
															  length) == 0)
			return i;
	unknown_state();
	return RECORD_ACTIVE;
}

/*
 * Days order like their ends, so one comparison with the first day that still
 * counts is enough.  It lies up to three days behind as_of less the months: of
 * the 31st, there is none in every month.
 */
static DateADT
find_limit(ScoreLimit *limit, DateADT as_of, int months)
{
	DateADT		from = date_add_months(as_of, -months);

	while (date_add_months(from, months) < as_of)
		from++;
	limit->as_of = as_of;
	limit->from = from;
	return from;
}

static inline DateADT
counts_from(ScoreUse *use, int rule, DateADT as_of)
{
	ScoreLimit *limit = &use->limits[rule];

	if (likely(limit->as_of == as_of))
		return limit->from;
	return find_limit(limit, as_of, BOOK_AT(use->known, BookScoreRule,
											use->known->score.rules)[rule].months);
}

/*
 * The amount in units of 0.0001, halves away from zero.  None, negative, NaN
 * and infinite amounts are no amounts.
 */
static int64
record_amount(FunctionCallInfo fcinfo, const ScoreUse *use)
{
	Numeric		amount;
	Datum		scaled;

	if (PG_ARGISNULL(ARG_AMOUNT))
		return SCORE_NO_AMOUNT;
	amount = PG_GETARG_NUMERIC(ARG_AMOUNT);
	if (numeric_is_nan(amount) || numeric_is_inf(amount) ||
		DatumGetBool(DirectFunctionCall2(numeric_lt, NumericGetDatum(amount),
										 NumericGetDatum(use->zero))))
		return SCORE_NO_AMOUNT;
	if (DatumGetBool(DirectFunctionCall2(numeric_gt, NumericGetDatum(amount),
										 NumericGetDatum(use->most))))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("amount of a record out of range"),
				 errdetail("A score counts amounts up to %lld.",
						   (long long) (PG_INT64_MAX / POINTS_SCALE))));
	if (DatumGetInt32(DirectFunctionCall1(numeric_scale, NumericGetDatum(amount))) == 0)
		return DatumGetInt64(DirectFunctionCall1(numeric_int8,
												 NumericGetDatum(amount))) * POINTS_SCALE;
	scaled = DirectFunctionCall2(numeric_mul, NumericGetDatum(amount),
								 NumericGetDatum(int64_to_numeric(POINTS_SCALE)));
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, scaled));	/* rounds */
}

static inline bool
needs_amount(const BookScoreRule *rule)
{
	return rule->kind == SCORE_TIERS || rule->kind == SCORE_STEPS;
}

/* ------------------------------------------------------------------------
 * Transitions
 * ------------------------------------------------------------------------
 */

/*
 * The state as an argument.  Inside an aggregate it is ours to change in place,
 * elsewhere a copy is made.
 */
static inline ScoreState *
state_arg(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(ARG_STATE))
		return NULL;
	if (likely(AggCheckCallContext(fcinfo, NULL)))
	{
		ScoreState *state = (ScoreState *) PG_GETARG_POINTER(ARG_STATE);

		/* An aggregate of somebody else's may have taken it from a table. */
		return likely(VARATT_IS_4B_U(state)) ? state :
			(ScoreState *) PG_DETOAST_DATUM(PointerGetDatum(state));
	}
	return (ScoreState *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(ARG_STATE));
}

static void
mixed_group(const ScoreState *state, bool lines)
{
	if (state->lines != lines)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("states of different scores cannot be combined")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("rulebook or day differ within one score"),
			 errhint("Group by whatever they depend on.")));
}

/* The state to add to: the group's, or a new one with the scheme's frame. */
static inline ScoreState *
begin_row(FunctionCallInfo fcinfo, ScoreUse **found, bool lines)
{
	ScoreState *state = state_arg(fcinfo);
	ScoreUse   *use;
	DateADT		as_of;

	if (unlikely(PG_ARGISNULL(ARG_BOOK) || PG_ARGISNULL(ARG_AS_OF)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a score needs a rulebook and a day"),
				 errdetail("The %s is null.", PG_ARGISNULL(ARG_BOOK) ? "rulebook" : "day")));
	use = *found = score_use(fcinfo);
	as_of = PG_GETARG_DATEADT(ARG_AS_OF);
	if (likely(state && state->digest == use->digest && state->as_of == as_of &&
			   state->lines == lines))
		return state;
	if (state)
		mixed_group(state, lines);
	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("a score is of a finite day")));
	state = score_new(&use->known->score, use->digest, as_of, lines);
	return lines ? score_add_rule(state, use->known, BOOK_NONE) : state;
}

/* The rules for the row's item and severity. */
static inline BookArray
rules_of_row(FunctionCallInfo fcinfo, ScoreUse *use)
{
	const BookItem *item = score_item(fcinfo, use);

	return item->score[rulebook_severity_arg(fcinfo, &use->book, ARG_SEVERITY)];
}

/* A record that other records can affect goes into the log, and its rule before it. */
static ScoreState *
log_record(FunctionCallInfo fcinfo, ScoreUse *use, ScoreState *state, int number,
		   const BookScoreRule *rule)
{
	ScoreRecord record = {.day = PG_GETARG_DATEADT(ARG_HAPPENED_ON),.rule = number,
	.tag = SCORE_RECORD};

	if (needs_amount(rule))
	{
		record.amount = record_amount(fcinfo, use);
		if (record.amount == SCORE_NO_AMOUNT)
			return state;
	}
	if (!((state->seen >> (number % 64)) & 1) ||
		(use->known->score.rules.count > 64 && !score_find_rule(state, number)))
		state = score_add_rule(state, use->known, number);
	return score_append(state, &record, sizeof(record));
}

/* Takes a logged record out again; it was put in by the row that now leaves the frame. */
static void
unlog_record(FunctionCallInfo fcinfo, ScoreUse *use, ScoreState *state, int number,
			 const BookScoreRule *rule)
{
	DateADT		day = PG_GETARG_DATEADT(ARG_HAPPENED_ON);
	int64		amount = needs_amount(rule) ? record_amount(fcinfo, use) : 0;
	ScoreRecord *first = (ScoreRecord *) (SCORE_LOG(state) + state->rules);
	ScoreRecord *end = (ScoreRecord *) (SCORE_LOG(state) + state->used);

	if (amount == SCORE_NO_AMOUNT)
		return;
	for (ScoreRecord *r = first; r < end; r++)
		if (r->day == day && r->rule == number && r->amount == amount)
		{
			memmove(r, r + 1, (char *) end - (char *) (r + 1));
			state->used -= sizeof(ScoreRecord);
			return;
		}
	elog(ERROR, "a score is asked to forget a record that it does not know");
}

/*
 * A row's record added, or taken out again.  Simple rules only move the sum;
 * nothing of their records is kept.
 */
static inline Datum
score_step(FunctionCallInfo fcinfo, bool add)
{
	ScoreUse   *use;
	ScoreState *state = begin_row(fcinfo, &use, false);
	const BookScoreRule *rules;
	BookArray	reached;
	DateADT		day;

	/* Without an item: somebody without a record (an outer join). */
	if (PG_ARGISNULL(ARG_ITEM))
		PG_RETURN_POINTER(state);
	reached = rules_of_row(fcinfo, use);
	if (record_state(fcinfo) != RECORD_ACTIVE || PG_ARGISNULL(ARG_HAPPENED_ON))
		PG_RETURN_POINTER(state);
	day = PG_GETARG_DATEADT(ARG_HAPPENED_ON);
	if (day > state->as_of)
		PG_RETURN_POINTER(state);
	rules = BOOK_AT(use->known, BookScoreRule, use->known->score.rules);
	for (uint32 i = 0; i < reached.count; i++)
	{
		int			number = BOOK_AT(use->known, uint16, reached)[i];

		if (day < counts_from(use, number, state->as_of))
			continue;
		if (likely(rules[number].simple))
			state->sum = points_sum(state->sum,
									add ? rules[number].points :
									points_times(rules[number].points, -1));
		else if (add)
			state = log_record(fcinfo, use, state, number, &rules[number]);
		else
			unlog_record(fcinfo, use, state, number, &rules[number]);
	}
	PG_RETURN_POINTER(state);
}

/* score_transition(state, book, as_of, item, severity, happened_on, amount, state) */
Datum
score_transition(PG_FUNCTION_ARGS)
{
	return score_step(fcinfo, true);
}

/* The same row leaves the frame of a window: sums are exact, so nothing is left of it. */
Datum
score_inverse(PG_FUNCTION_ARGS)
{
	return score_step(fcinfo, false);
}

/* Why a record has no points by itself, or WHY_COUNTS; and until when it counts. */
static ScoreWhy
judge(FunctionCallInfo fcinfo, const ScoreState *state, const BookScoreRule *rule,
	  RecordState record, DateADT *until)
{
	DateADT		day;

	*until = DATEVAL_NOEND;
	if (record != RECORD_ACTIVE)
		return (ScoreWhy) record;
	if (rule == NULL)
		return WHY_NO_RULE;
	if (PG_ARGISNULL(ARG_HAPPENED_ON))
		return WHY_NO_DATE;
	day = PG_GETARG_DATEADT(ARG_HAPPENED_ON);
	*until = date_add_months(day, rule->months);
	return day > state->as_of ? WHY_NOT_YET : *until < state->as_of ? WHY_EXPIRED : WHY_COUNTS;
}

/* One line's entry: what the record says, and what is known of it by itself. */
static ScoreState *
log_line(FunctionCallInfo fcinfo, ScoreUse *use, ScoreState *state, int number, RecordState record)
{
	const BookScoreRule *rule = number == BOOK_NONE ? NULL :
		&BOOK_AT(use->known, BookScoreRule, use->known->score.rules)[number];
	const text *item = PG_GETARG_TEXT_PP(ARG_ITEM);
	char	   *amount = PG_ARGISNULL(ARG_AMOUNT) ? NULL :
		DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(ARG_AMOUNT)));
	ScoreEntry	entry = {.record = {.rule = number,.tag = SCORE_LINE}};
	char	   *whole;

	entry.record.day = PG_ARGISNULL(ARG_HAPPENED_ON) ? DATEVAL_NOEND :
		PG_GETARG_DATEADT(ARG_HAPPENED_ON);
	entry.why = judge(fcinfo, state, rule, record, &entry.until);
	if (entry.why == WHY_COUNTS && needs_amount(rule))
		entry.record.amount = record_amount(fcinfo, use);
	entry.severity = rulebook_severity_arg(fcinfo, &use->book, ARG_SEVERITY);
	entry.state = record;
	entry.item_length = VARSIZE_ANY_EXHDR(item);
	entry.amount_length = amount ? strlen(amount) : 0;
	entry.size = sizeof(entry) + SCORE_ALIGN(entry.item_length + entry.amount_length);
	whole = palloc0(entry.size);
	memcpy(whole, &entry, sizeof(entry));
	memcpy(whole + sizeof(entry), VARDATA_ANY(item), entry.item_length);
	if (amount)
		memcpy(whole + sizeof(entry) + entry.item_length, amount, entry.amount_length);
	if (rule && !score_find_rule(state, number))
		state = score_add_rule(state, use->known, number);
	return score_append(state, whole, entry.size);
}

/* score_lines_transition: the same row, and every record is kept, counting or not. */
Datum
score_lines_transition(PG_FUNCTION_ARGS)
{
	ScoreUse   *use;
	ScoreState *state = begin_row(fcinfo, &use, true);
	BookArray	reached;
	RecordState record;

	if (PG_ARGISNULL(ARG_ITEM))
		PG_RETURN_POINTER(state);
	reached = rules_of_row(fcinfo, use);
	record = record_state(fcinfo);
	if (reached.count == 0)
		state = log_line(fcinfo, use, state, BOOK_NONE, record);
	for (uint32 i = 0; i < reached.count; i++)
		state = log_line(fcinfo, use, state, BOOK_AT(use->known, uint16, reached)[i], record);
	PG_RETURN_POINTER(state);
}

/* Either side may be NULL: workers without rows of a group, and shards. */
Datum
score_combine(PG_FUNCTION_ARGS)
{
	ScoreState *state = state_arg(fcinfo);

	if (state == NULL && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (state == NULL)
		PG_RETURN_POINTER(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(1)));
	if (!PG_ARGISNULL(1))
		state = score_merge(state, (ScoreState *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1)));
	PG_RETURN_POINTER(state);
}

/* ------------------------------------------------------------------------
 * Answers
 * ------------------------------------------------------------------------
 */

/* Without rows there is nobody to score, and no rulebook to say the base. */
Datum
score_final(PG_FUNCTION_ARGS)
{
	ScoreState *state;
	ScoreSheet	sheet;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (ScoreState *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	score_settle(state, &sheet);
	PG_RETURN_POINTS(sheet.total);
}

Datum
score_lines_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return score_lines_jsonb((ScoreState *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)));
}

/* grade(book, points) → text: the best grade whose lower bound is reached. */
Datum
score_grade(PG_FUNCTION_ARGS)
{
	const Rulebook *book = rulebook_arg(fcinfo, 0, sizeof(BookUse))->book;
	int64		points = PG_GETARG_POINTS(1);
	const BookGrade *grades = BOOK_AT(book, BookGrade, book->score.grades);

	if (book->score.id.at == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rulebook \"%.*s\" has no score scheme", (int) book->id.length,
						BOOK_CHARS(book, book->id)),
				 errhint("Its section \"score\" is described in doc/rulebook.md.")));
	for (uint32 i = 0; i < book->score.grades.count; i++)
		if (points >= grades[i].from)
			PG_RETURN_TEXT_P(rulebook_text(book, grades[i].grade));
	PG_RETURN_NULL();			/* not reached: the last grade has no lower bound */
}
