/*
 * score.h
 *		Between the files of the score: the aggregates' state, and the
 *		settlement that both aggregates share.
 *
 * A state knows all that its answer needs (workers and shards send it, and a
 * final function has no rulebook): the scheme's frame, the sum of the records
 * that no other record can affect, and a log of entries: first the rules that
 * its records need, then the records.
 */
#ifndef CREDIT_SCORE_H
#define CREDIT_SCORE_H

#include "postgres.h"
#include "lib/stringinfo.h"

#include "points.h"
#include "rulebook.h"

#define SCORE_FORMAT	1		/* of the binary and text forms */
#define SCORE_SMALL		64		/* bytes of a state without a log */
#define SCORE_FIRST		256		/* bytes of a new state that will have one */

/* Words of a record's state. */
typedef enum RecordState
{
	RECORD_ACTIVE,
	RECORD_DISPUTED,
	RECORD_REPAIRED,
	RECORD_WITHDRAWN,
	RECORD_ARCHIVED,
	RECORD_MINOR,
	RECORD_NO_CONSENT
} RecordState;
#define RECORD_STATES	7

extern const char *const record_state_words[RECORD_STATES];

/* Why a line has the points that it has.  Up to WHY_NO_CONSENT: RecordState. */
typedef enum ScoreWhy
{
	WHY_COUNTS,
	WHY_NO_CONSENT = RECORD_NO_CONSENT,
	WHY_NO_RULE,
	WHY_NO_DATE,
	WHY_NOT_YET,
	WHY_EXPIRED,
	WHY_LAST_STORED = WHY_EXPIRED,	/* what follows is found when settling */
	WHY_NO_AMOUNT,
	WHY_LESSER,					/* of one act */
	WHY_RELAPSE,				/* counts, multiplied */
	WHY_CAP,					/* of its rule */
	WHY_CAP_DIMENSION,
	WHY_DIRECT,
	WHY_DIRECT_LESSER
} ScoreWhy;

typedef struct ScoreState
{
	int32		vl_len_;		/* with the room for more of the log */
	uint32		lines:1,		/* keeps every record, with its texts */
				rules:31;		/* bytes of rules, at the front of the log */
	uint64		digest;			/* the first bytes of the rulebook's */
	DateADT		as_of;
	uint32		used;			/* bytes of the log */
	int64		sum;			/* of records of simple rules; 0 with lines */
	/* A row of a simple rule needs what stands above, in half a cache line. */
	uint64		seen;			/* bit rule % 64: it may be in the log */
	int64		base;
	int64		least;
	int64		most;
} ScoreState;

StaticAssertDecl(sizeof(ScoreState) == SCORE_SMALL, "the log begins on a boundary of 16 bytes");

#define SCORE_LOG(state)	((char *) (state) + sizeof(ScoreState))

/* Every entry begins with 16 bytes in which rule and tag lie in the same place. */
typedef enum ScoreTag { SCORE_RECORD, SCORE_LINE, SCORE_RULE } ScoreTag;

typedef struct ScoreRecord		/* counts on the day of the question */
{
	DateADT		day;
	uint16		rule;
	uint8		tag;			/* SCORE_RECORD or SCORE_LINE */
	uint8		unused;
	int64		amount;			/* of tiers and steps; SCORE_NO_AMOUNT */
} ScoreRecord;

#define SCORE_NO_AMOUNT	PG_INT64_MIN

/* With lines, a record carries what its line shows; texts follow. */
typedef struct ScoreEntry
{
	ScoreRecord record;			/* rule: BOOK_NONE, if no rule reaches it */
	uint32		size;			/* of the whole entry */
	DateADT		until;			/* last day that it counts */
	uint32		amount_length;	/* text behind the item; 0: none */
	uint8		why;			/* up to WHY_LAST_STORED */
	uint8		severity;
	uint8		state;
	uint8		item_length;
} ScoreEntry;

typedef struct ScoreRule
{
	uint32		size;			/* of the whole entry */
	uint16		rule;			/* BOOK_NONE: the scheme itself, for its names */
	uint8		tag;			/* SCORE_RULE */
	uint8		kind;
	int64		points;
	int64		cap;
	uint16		dimension;
	uint16		overlap;
	uint16		tiers;			/* BookTier, behind bounds */
	uint8		relapse;
	uint8		bits;
} ScoreRule;

/* Of bits; the sum (BookScoreSum) is in the lowest two. */
#define SCORE_SUM_BITS	0x03
#define SCORE_PER_YEAR	0x04	/* the dimension's bounds */
#define SCORE_BOUNDED	0x08	/* int64[2] follow: most_plus, most_minus of the dimension */
#define SCORE_NAMED		0x10	/* ScoreNames and texts follow last */

typedef struct ScoreNames
{
	uint16		id;				/* lengths of texts, one after the other */
	uint16		dimension;
	uint32		grade;
	uint32		basis;
	uint32		unused;
} ScoreNames;

StaticAssertDecl(sizeof(ScoreRecord) == 16 && sizeof(ScoreEntry) == 32 && sizeof(ScoreRule) == 32 &&
				 sizeof(ScoreNames) == 16 && sizeof(BookTier) == 24,
					 "entries are made of 16 bytes");

#define SCORE_ALIGN(n)	TYPEALIGN(16, n)

static inline uint8
score_tag(const void *entry)
{
	return ((const ScoreRecord *) entry)->tag;
}

static inline uint32
score_entry_size(const void *entry)
{
	return score_tag(entry) == SCORE_RECORD ? sizeof(ScoreRecord) :
		score_tag(entry) == SCORE_LINE ? ((const ScoreEntry *) entry)->size :
		((const ScoreRule *) entry)->size;
}

static inline const int64 *
score_bounds(const ScoreRule *rule)
{
	return (const int64 *) (rule + 1);
}

static inline const BookTier *
score_tiers(const ScoreRule *rule)
{
	return (const BookTier *) ((const char *) (rule + 1) + (rule->bits & SCORE_BOUNDED ? 16 : 0));
}

static inline const ScoreNames *
score_names(const ScoreRule *rule)
{
	return (const ScoreNames *) ((const char *) score_tiers(rule) +
								 SCORE_ALIGN(rule->tiers * sizeof(BookTier)));
}

/* --- score_state.c: building states (score_state_io.c: their text and binary forms) --- */

/* Grown states lie in the current context; the old one is left to the caller. */
extern ScoreState *score_new(const BookScore *scheme, uint64 digest, DateADT as_of, bool lines);
extern ScoreState *score_append(ScoreState *state, const void *entry, Size size);
extern ScoreState *score_add_rule(ScoreState *state, const Rulebook *book, int rule);
extern ScoreState *score_add_parts(ScoreState *state, ScoreRule head, const int64 bounds[2],
								   const BookTier *tiers,
								   const ScoreNames *names, const char *const texts[4]);
extern ScoreState *score_merge(ScoreState *state, const ScoreState *other);
extern const ScoreRule *score_find_rule(const ScoreState *state, int rule);

/* --- score_settle.c: from entries to points --- */

typedef struct ScoreLine
{
	DateADT		day;
	uint16		rule;
	uint8		why;
	bool		done;			/* not in the contest for the greatest of one act */
	int64		amount;
	int64		points;
	struct ScoreRun *run;
	const ScoreEntry *entry;	/* with lines only */
} ScoreLine;

typedef struct ScoreSheet
{
	ScoreLine  *lines;			/* in their order: day, rule, amount, … */
	int			count;
	int64		base;
	int64		simple;			/* of records that have no line */
	int64		bound;			/* added by least, taken by most */
	int64		total;
} ScoreSheet;

/* The only place where points are made.  Does not change the state. */
extern void score_settle(const ScoreState *state, ScoreSheet *sheet);
extern const ScoreRule *score_line_rule(const ScoreLine *line);

/* --- score_lines.c --- */

extern Datum score_lines_jsonb(const ScoreState *state);

#endif							/* CREDIT_SCORE_H */
