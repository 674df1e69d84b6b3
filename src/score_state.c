/*
 * score_state.c
 *		The state of the score aggregates: its log, and merging.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "credit_compat.h"
#include "score.h"

static ScoreState *
score_allocate(Size size)
{
	ScoreState *state = palloc(size);

	memset(state, 0, sizeof(ScoreState));
	SET_VARSIZE(state, size);
	return state;
}

ScoreState *
score_new(const BookScore *scheme, uint64 digest, DateADT as_of, bool lines)
{
	ScoreState *state = score_allocate(scheme->simple && !lines ? SCORE_SMALL : SCORE_FIRST);

	state->lines = lines;
	state->digest = digest;
	state->base = scheme->base;
	state->least = scheme->least;
	state->most = scheme->most;
	state->as_of = as_of;
	return state;
}

/* Doubled until it holds so many more bytes. */
static ScoreState *
score_grow(ScoreState *state, Size more)
{
	Size		needed = sizeof(ScoreState) + state->used + more;
	Size		size = Max(VARSIZE(state), SCORE_FIRST);
	ScoreState *grown;

	while (size < needed)
		size *= 2;
	if (needed > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many records in one score"),
				 errhint("A score is of one subject: is a GROUP BY missing?")));
	size = Min(size, MaxAllocSize);
	grown = palloc(size);
	memcpy(grown, state, sizeof(ScoreState) + state->used);
	SET_VARSIZE(grown, size);
	return grown;
}

static inline ScoreState *
score_reserve(ScoreState *state, Size more)
{
	if (likely(sizeof(ScoreState) + state->used + more <= VARSIZE(state)))
		return state;
	return score_grow(state, more);
}

ScoreState *
score_append(ScoreState *state, const void *entry, Size size)
{
	state = score_reserve(state, size);
	memcpy(SCORE_LOG(state) + state->used, entry, size);
	state->used += size;
	return state;
}

static inline uint64
score_rule_bit(int rule)
{
	return UINT64CONST(1) << (rule % 64);
}

/* The rule's own entry; BOOK_NONE: the scheme's. */
const ScoreRule *
score_find_rule(const ScoreState *state, int number)
{
	const char *log = SCORE_LOG(state);

	if (number != BOOK_NONE && !(state->seen & score_rule_bit(number)))
		return NULL;
	for (uint32 at = 0; at < state->rules; at += ((const ScoreRule *) (log + at))->size)
		if (((const ScoreRule *) (log + at))->rule == number)
			return (const ScoreRule *) (log + at);
	return NULL;
}

/* A gap of so many bytes, which are there, behind the rules. */
static char *
open_rules(ScoreState *state, Size size)
{
	char	   *gap = SCORE_LOG(state) + state->rules;

	memmove(gap + size, gap, state->used - state->rules);
	state->rules += size;
	state->used += size;
	return gap;
}

/*
 * A rule's entry from its parts, behind the other rules; texts in the server's
 * encoding, in the order of ScoreNames, names NULL: without.
 */
ScoreState *
score_add_parts(ScoreState *state, ScoreRule head, const int64 bounds[2], const BookTier *tiers,
				const ScoreNames *names, const char *const texts[4])
{
	Size		at = sizeof(ScoreRule);
	Size		lengths[4] = {0};
	Size		size = at + (head.bits & SCORE_BOUNDED ? 16 : 0) +
		SCORE_ALIGN(head.tiers * sizeof(BookTier));
	char	   *entry;

	if (names)
	{
		lengths[0] = names->id;
		lengths[1] = names->dimension;
		lengths[2] = names->grade;
		lengths[3] = names->basis;
		size += sizeof(ScoreNames) + SCORE_ALIGN(lengths[0] + lengths[1] + lengths[2] + lengths[3]);
	}
	state = score_reserve(state, size);
	entry = open_rules(state, size);
	memset(entry, 0, size);
	head.size = size;
	head.tag = SCORE_RULE;
	memcpy(entry, &head, sizeof(head));
	if (head.bits & SCORE_BOUNDED)
		memcpy(entry + at, bounds, 16);
	at += head.bits & SCORE_BOUNDED ? 16 : 0;
	if (head.tiers)
		memcpy(entry + at, tiers, head.tiers * sizeof(BookTier));
	at += SCORE_ALIGN(head.tiers * sizeof(BookTier));
	if (names)
	{
		memcpy(entry + at, names, sizeof(ScoreNames));
		at += sizeof(ScoreNames);
		for (int i = 0; i < 4; at += lengths[i++])
			if (lengths[i])
				memcpy(entry + at, texts[i], lengths[i]);
	}
	if (head.rule != BOOK_NONE)
		state->seen |= score_rule_bit(head.rule);
	return state;
}

/* Names of a rule, or of the scheme: id, dimension, grade, basis. */
static ScoreState *
append_named(ScoreState *state, const Rulebook *book, ScoreRule head, const int64 bounds[2],
			 const BookTier *tiers,
			 const BookText of[3], const BookBasis *basis)
{
	text	   *words[4] = {NULL};
	const char *texts[4];
	ScoreNames	names = {0};
	Size		lengths[4];

	for (int i = 0; i < 3; i++)
		if (of[i].at)
			words[i] = rulebook_text(book, of[i]);
	if (basis->document != BOOK_NONE)
		words[3] = rulebook_basis_text(book, basis);
	for (int i = 0; i < 4; i++)
	{
		texts[i] = words[i] ? VARDATA_ANY(words[i]) : NULL;
		lengths[i] = words[i] ? VARSIZE_ANY_EXHDR(words[i]) : 0;
	}
	names.id = lengths[0];		/* an id has 63 characters at most */
	names.dimension = lengths[1];
	names.grade = lengths[2];
	names.basis = lengths[3];
	head.bits |= SCORE_NAMED;
	return score_add_parts(state, head, bounds, tiers, &names, texts);
}

/* The entry of rule number rule of the book, BOOK_NONE: of its scheme. */
ScoreState *
score_add_rule(ScoreState *state, const Rulebook *book, int number)
{
	ScoreRule	head = {.rule = number,.dimension = BOOK_NONE,.overlap = BOOK_NONE};
	BookText	names[3] = {{0}, {0}, {0}};
	int64		bounds[2] = {0, 0};
	const BookScoreRule *rule;

	if (number == BOOK_NONE)
	{
		names[0] = book->score.id;
		return append_named(state, book, head, bounds, NULL, names, &book->score.basis);
	}
	rule = &BOOK_AT(book, BookScoreRule, book->score.rules)[number];
	head.kind = rule->kind;
	head.points = rule->points;
	head.cap = rule->cap;
	head.dimension = rule->dimension;
	head.overlap = rule->overlap;
	head.tiers = rule->tiers.count;
	head.relapse = rule->relapse;
	head.bits = rule->sum;
	names[0] = rule->id;
	names[2] = rule->grade;
	if (rule->dimension != BOOK_NONE)
	{
		const BookDimension *d = &BOOK_AT(book, BookDimension,
										  book->score.dimensions)[rule->dimension];

		bounds[0] = d->most_plus;
		bounds[1] = d->most_minus;
		names[1] = d->id;
		head.bits |= (d->per_year ? SCORE_PER_YEAR : 0) | (bounds[0] ||
														   bounds[1] ? SCORE_BOUNDED : 0);
	}
	if (state->lines)
		return append_named(state, book, head, bounds, BOOK_AT(book, BookTier, rule->tiers),
							names, &rule->basis);
	return score_add_parts(state, head, bounds, BOOK_AT(book, BookTier, rule->tiers), NULL, NULL);
}

/* Adds what another group of the same subject's rows came to. */
ScoreState *
score_merge(ScoreState *state, const ScoreState *other)
{
	const char *log = SCORE_LOG(other);
	uint32		size;

	if (state->digest != other->digest || state->as_of != other->as_of ||
		state->lines != other->lines)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("states of different scores cannot be combined"),
				 errhint("The rulebook and the day must be the same in all rows of a group.")));
	state->sum = points_sum(state->sum, other->sum);
	for (uint32 at = 0; at < other->rules; at += size)
	{
		const ScoreRule *rule = (const ScoreRule *) (log + at);

		size = rule->size;
		if (score_find_rule(state, rule->rule))
			continue;
		state = score_reserve(state, size);
		memcpy(open_rules(state, size), rule, size);
		if (rule->rule != BOOK_NONE)
			state->seen |= score_rule_bit(rule->rule);
	}
	return score_append(state, log + other->rules, other->used - other->rules);
}
