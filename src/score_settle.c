/*
 * score_settle.c
 *		From the records of a state to points: the only place where they are
 *		made, for credit.score and credit.score_lines alike.
 *
 * Records are settled day by day in one order (day, rule, amount, texts),
 * whatever the order in which they came.  For each day: relapse; of one act
 * under several rules the greatest; then tiers, caps of rules, bounds of
 * dimensions.  Last the ceiling of a direct grade and the bounds of the whole.
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/datetime.h"

#include "credit_compat.h"
#include "score.h"

/* What is left of a bound, in its year or for all. */
typedef struct ScoreBound
{
	int			dimension;
	int			year;
	int64		left[2];		/* of plus, of minus */
} ScoreBound;

/* The greatest of one act, in the day at hand: of plus, of minus. */
typedef struct ScoreAct
{
	int			overlap;
	ScoreLine  *greatest[2];
} ScoreAct;

/* A rule on its way through the records. */
typedef struct ScoreRun
{
	const ScoreRule *rule;
	ScoreBound *bound;			/* NULL: none */
	ScoreAct   *act;			/* NULL: none */
	DateADT		first;			/* day of its first record that counts */
	int			year;			/* of left and, where they go by years, amounts */
	int64		left;			/* of its cap */
	int64		amounts;
	int64		reached;		/* points for them */
} ScoreRun;

typedef struct Settlement
{
	ScoreSheet *sheet;
	ScoreRun   *runs;
	ScoreBound *bounds;
	ScoreAct   *acts;
	int			n_runs,
				n_bounds,
				n_acts;
	ScoreLine  *direct;			/* the strongest */
} Settlement;

const ScoreRule *
score_line_rule(const ScoreLine *line)
{
	return line->run ? line->run->rule : NULL;
}

/* Do the points of a rule count on the side of minus? */
static inline int
is_minus(const ScoreRule *rule)
{
	return rule->kind == SCORE_DIRECT || (rule->kind == SCORE_POINTS && rule->points < 0);
}

/* ------------------------------------------------------------------------
 * Setting up
 * ------------------------------------------------------------------------
 */

static ScoreBound *
bound_of(Settlement *s, const ScoreRule *rule)
{
	ScoreBound *bound = s->bounds;

	for (; bound < s->bounds + s->n_bounds; bound++)
		if (bound->dimension == rule->dimension)
			return bound;
	s->n_bounds++;
	bound->dimension = rule->dimension;
	bound->year = PG_INT32_MIN;
	return bound;
}

static ScoreAct *
act_of(Settlement *s, const ScoreRule *rule)
{
	ScoreAct   *act = s->acts;

	for (; act < s->acts + s->n_acts; act++)
		if (act->overlap == rule->overlap)
			return act;
	s->n_acts++;
	act->overlap = rule->overlap;
	return act;
}

static int
compare_rules(const void *a, const void *b)
{
	const ScoreRule *x = *(const ScoreRule *const *) a;
	const ScoreRule *y = *(const ScoreRule *const *) b;

	return (int) x->rule - (int) y->rule;
}

/* The rules of the state, in the order of their numbers. */
static void
set_up_rules(Settlement *s, const ScoreState *state)
{
	const char *log = SCORE_LOG(state);
	const ScoreRule **rules;
	int			count = 0;
	bool		sorted = true;

	rules = palloc(state->rules / sizeof(ScoreRule) * sizeof(ScoreRule *) + 1);
	for (uint32 at = 0; at < state->rules; at += rules[count++]->size)
	{
		rules[count] = (const ScoreRule *) (log + at);
		sorted = sorted && (count == 0 || rules[count - 1]->rule < rules[count]->rule);
	}
	if (!sorted)
		qsort(rules, count, sizeof(ScoreRule *), compare_rules);
	s->runs = palloc0((sizeof(ScoreRun) + sizeof(ScoreBound) + sizeof(ScoreAct)) * count + 1);
	s->bounds = (ScoreBound *) (s->runs + count);
	s->acts = (ScoreAct *) (s->bounds + count);
	s->n_runs = count;
	for (int i = 0; i < count; i++)
	{
		ScoreRun   *run = &s->runs[i];

		run->rule = rules[i];
		run->first = DATEVAL_NOEND;
		run->year = PG_INT32_MIN;
		if (rules[i]->bits & SCORE_BOUNDED)
			run->bound = bound_of(s, rules[i]);
		if (rules[i]->overlap != BOOK_NONE)
			run->act = act_of(s, rules[i]);
	}
}

static ScoreRun *
run_of(const Settlement *s, int rule)
{
	int			low = 0,
				high = s->n_runs;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (s->runs[middle].rule->rule < rule)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->n_runs && s->runs[low].rule->rule == rule ? &s->runs[low] : NULL;
}

static void
set_up_lines(Settlement *s, const ScoreState *state)
{
	const char *log = SCORE_LOG(state);
	ScoreLine  *line;
	int			count = 0;

	if (!state->lines)
		count = (state->used - state->rules) / sizeof(ScoreRecord);
	else
		for (uint32 at = state->rules; at < state->used; at += score_entry_size(log + at))
			count++;
	line = s->sheet->lines = MemoryContextAllocHuge(CurrentMemoryContext,
													sizeof(ScoreLine) * (count + 1));
	for (uint32 at = state->rules; at < state->used; at += score_entry_size(log + at), line++)
	{
		const ScoreRecord *record = (const ScoreRecord *) (log + at);

		line->day = record->day;
		line->rule = record->rule;
		line->amount = record->amount;
		line->points = 0;
		line->done = false;
		line->run = record->rule == BOOK_NONE ? NULL : run_of(s, record->rule);
		line->entry = state->lines ? (const ScoreEntry *) record : NULL;
		line->why = line->entry ? line->entry->why : WHY_COUNTS;
	}
	s->sheet->count = count;
}

/* ------------------------------------------------------------------------
 * The order
 * ------------------------------------------------------------------------
 */

/* What is shown beside day and rule decides between lines that are worth the same. */
static int
compare_entries(const ScoreEntry *a, const ScoreEntry *b)
{
	uint32		la = a->item_length + a->amount_length,
				lb = b->item_length + b->amount_length;
	int			order = memcmp(a + 1, b + 1, Min(la, lb));

	if (order == 0)
		order = la != lb ? (la < lb ? -1 : 1) : (int) a->item_length - (int) b->item_length;
	if (order == 0)
		order = (int) a->severity - (int) b->severity;
	return order != 0 ? order : (int) a->state - (int) b->state;
}

static inline int
compare_lines(const ScoreLine *a, const ScoreLine *b)
{
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	if (a->amount != b->amount)
		return a->amount < b->amount ? -1 : 1;
	if (a->entry == NULL)
		return 0;
	if (a->why != b->why)
		return a->why < b->why ? -1 : 1;
	return compare_entries(a->entry, b->entry);
}

static int
compare_lines_qsort(const void *a, const void *b)
{
	CHECK_FOR_INTERRUPTS();
	return compare_lines(a, b);
}

/* A person has few records, and they mostly come in order. */
static void
sort_lines(ScoreSheet *sheet)
{
	if (sheet->count > 32)
	{
		qsort(sheet->lines, sheet->count, sizeof(ScoreLine), compare_lines_qsort);
		return;
	}
	for (int i = 1; i < sheet->count; i++)
	{
		ScoreLine	line;
		int			at = i;

		if (compare_lines(&sheet->lines[i - 1], &sheet->lines[i]) <= 0)
			continue;
		line = sheet->lines[i];
		for (; at > 0 && compare_lines(&sheet->lines[at - 1], &line) > 0; at--)
			sheet->lines[at] = sheet->lines[at - 1];
		sheet->lines[at] = line;
	}
}

/* ------------------------------------------------------------------------
 * A day
 * ------------------------------------------------------------------------
 */

static int
year_of(DateADT day)
{
	int			year,
				month,
				number;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &number);
	return year;
}

/* Points for amounts that add up to total. */
static int64
tiers_at(const ScoreRule *rule, int64 total)
{
	const BookTier *tier = score_tiers(rule);
	int64		points = 0;

	for (int i = 0; i < rule->tiers && total >= tier[i].from; i++)
	{
		int64		to = i + 1 < rule->tiers ? Min(total, tier[i + 1].from) : total;

		if (rule->kind == SCORE_STEPS)
			points = tier[i].points;
		else
			points = points_sum(points, points_times(tier[i].points,
													 (to - tier[i].from) / tier[i].per));
	}
	return points;
}

/* Is this the greater of one act?  A direct grade goes before any minus, the lower first. */
static bool
is_greater(const ScoreLine *a, const ScoreLine *b)
{
	bool		direct = a->run->rule->kind == SCORE_DIRECT;

	if (direct != (b->run->rule->kind == SCORE_DIRECT))
		return direct;
	return is_minus(a->run->rule) ? a->points < b->points : a->points > b->points;
}

/* What a record is worth by itself, and the contest with others of one act. */
static void
weigh(ScoreLine *line)
{
	ScoreRun   *run = line->run;
	const ScoreRule *rule = run->rule;
	ScoreLine **greatest;

	if (rule->kind == SCORE_POINTS || rule->kind == SCORE_DIRECT)
		line->points = rule->points;
	else if (line->amount == SCORE_NO_AMOUNT)
	{
		line->why = WHY_NO_AMOUNT;
		return;
	}
	else
		line->points = line->amount;	/* more is never worth less */
	if (run->first == DATEVAL_NOEND)
		run->first = line->day;
	if (rule->relapse > 1 && run->first < line->day)
	{
		line->points = points_times(line->points, rule->relapse);
		line->why = WHY_RELAPSE;
	}
	if (run->act == NULL)
		return;
	greatest = &run->act->greatest[is_minus(rule)];
	if (*greatest == NULL || is_greater(line, *greatest))
		*greatest = line;
}

/* Takes from what is left; true if the bound cuts. */
static bool
take(int64 *points, int64 *left)
{
	if (*points < 0 ? *points >= -*left : *points <= *left)
	{
		*left -= *points < 0 ? -*points : *points;
		return false;
	}
	*points = *points < 0 ? -*left : *left;
	*left = 0;
	return true;
}

/* The points of tiers: what this amount adds to those before it. */
static int64
tier_points(ScoreRun *run, int64 amount)
{
	int64		before = run->reached;

	if ((run->rule->bits & SCORE_SUM_BITS) == SCORE_SUM_RECORD)
		return tiers_at(run->rule, amount);
	run->amounts = points_sum(run->amounts, amount);
	run->reached = tiers_at(run->rule, run->amounts);
	return run->reached - before;
}

static void
apply_bound(ScoreLine *line, int year)
{
	const ScoreRule *rule = line->run->rule;
	ScoreBound *bound = line->run->bound;
	int			side = line->points < 0;

	if (bound->year == PG_INT32_MIN || (rule->bits & SCORE_PER_YEAR && bound->year != year))
	{
		bound->year = year;
		bound->left[0] = score_bounds(rule)[0];
		bound->left[1] = score_bounds(rule)[1];
	}
	if (score_bounds(rule)[side] > 0 && take(&line->points, &bound->left[side]))
		line->why = WHY_CAP_DIMENSION;
}

/* The points of a record that counts and won its contest. */
static void
grant(Settlement *s, ScoreLine *line, int year)
{
	ScoreRun   *run = line->run;
	const ScoreRule *rule = run->rule;

	if (rule->kind == SCORE_DIRECT)
	{
		line->why = WHY_DIRECT_LESSER;
		if (s->direct == NULL || rule->points < s->direct->run->rule->points)
			s->direct = line;
		line->points = 0;
		return;
	}
	if (run->year != year)
	{
		run->year = year;
		run->left = rule->cap;
		if ((rule->bits & SCORE_SUM_BITS) == SCORE_SUM_YEAR)
			run->amounts = run->reached = 0;
	}
	if (rule->kind != SCORE_POINTS)
		line->points = tier_points(run, line->amount);
	if (rule->cap > 0 && take(&line->points, &run->left))
		line->why = WHY_CAP;
	if (run->bound)
		apply_bound(line, year);
	s->sheet->total = points_sum(s->sheet->total, line->points);
}

/* Records of one day, from line on; those that count are weighed before any is granted. */
static void
settle_day(Settlement *s, ScoreLine *line, ScoreLine *end)
{
	int			year = PG_INT32_MIN;

	for (ScoreLine *l = line; l < end; l++)
		if (l->why == WHY_COUNTS)
			weigh(l);
		else
			l->done = true;
	for (ScoreLine *l = line; l < end; l++)
	{
		if (l->done || l->why == WHY_NO_AMOUNT)
			continue;
		if (l->run->act && l->run->act->greatest[is_minus(l->run->rule)] != l)
		{
			l->why = WHY_LESSER;
			l->points = 0;
			continue;
		}
		if (year == PG_INT32_MIN)
			year = year_of(l->day);
		grant(s, l, year);
	}
	for (int i = 0; i < s->n_acts; i++)
		s->acts[i].greatest[0] = s->acts[i].greatest[1] = NULL;
}

/* ------------------------------------------------------------------------
 * The whole
 * ------------------------------------------------------------------------
 */

/* The strongest direct grade takes what the sum is above it. */
static void
apply_direct(Settlement *s)
{
	ScoreSheet *sheet = s->sheet;
	int64		ceiling;

	if (s->direct == NULL)
		return;
	ceiling = s->direct->run->rule->points;
	s->direct->why = WHY_DIRECT;
	if (sheet->total <= ceiling)
		return;
	if (pg_sub_s64_overflow(ceiling, sheet->total, &s->direct->points))
		s->direct->points = points_sum(PG_INT64_MIN, -1);	/* raises */
	sheet->total = ceiling;
}

void
score_settle(const ScoreState *state, ScoreSheet *sheet)
{
	Settlement	s = {.sheet = sheet};
	int64		sum;

	memset(sheet, 0, sizeof(*sheet));
	sheet->base = state->base;
	sheet->simple = state->sum;
	sheet->total = points_sum(state->base, state->sum);
	if (state->used > 0)
	{
		set_up_rules(&s, state);
		set_up_lines(&s, state);
		sort_lines(sheet);
		for (ScoreLine *line = sheet->lines, *end; line < sheet->lines + sheet->count; line = end)
		{
			CHECK_FOR_INTERRUPTS();
			for (end = line + 1; end < sheet->lines + sheet->count && end->day == line->day;)
				end++;
			settle_day(&s, line, end);
		}
		apply_direct(&s);
	}
	sum = sheet->total;
	sheet->total = Max(Min(sum, state->most), state->least);
	sheet->bound = points_sum(sheet->total, points_times(sum, -1));
}
