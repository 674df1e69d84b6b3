/*
 * rulebook.h
 *		The compiled part of a credit.rulebook, and how functions get at it.
 *
 * The value is one varlena: this header, arrays found by offset from its start,
 * texts, and last the canonical JSON.  Every array begins at a multiple of 8.
 * Functions use it in place; rulebook_arg() keeps it for the whole query.
 */
#ifndef CREDIT_RULEBOOK_H
#define CREDIT_RULEBOOK_H

#ifdef FRONTEND					/* the fuzz target */
#include "postgres_fe.h"
typedef int32 DateADT;
#define DATEVAL_NOEND	((DateADT) PG_INT32_MAX)
#else
#include "postgres.h"
#include "fmgr.h"
#include "utils/date.h"
#endif

#define RULEBOOK_FORMAT	1		/* of the compiled part; another is compiled anew */
#define RULEBOOK_DIGEST	32

typedef struct BookText			/* not zero-terminated */
{
	uint32		at;				/* 0: absent */
	uint32		length;
} BookText;

typedef struct BookArray
{
	uint32		at;
	uint32		count;
} BookArray;

typedef struct BookBasis
{
	uint16		document;		/* index; BOOK_NONE: no basis */
	uint16		unverified;
	BookText	article;
} BookBasis;

#define BOOK_NONE		0xFFFF

/* A day is a PostgreSQL date; an open end is DATEVAL_NOEND. */
typedef struct BookRange
{
	DateADT		from;
	DateADT		to;				/* included */
} BookRange;

typedef enum BookStance { BOOK_GOOD, BOOK_NEUTRAL, BOOK_BAD } BookStance;
/* Classes of severity: 0 is "none given". */
typedef enum BookSeverity { BOOK_ANY, BOOK_MINOR, BOOK_GENERAL, BOOK_SERIOUS } BookSeverity;
#define BOOK_SEVERITIES	4
typedef enum BookAnchor { BOOK_DOCUMENT_DATE, BOOK_CONDUCT_END, BOOK_DISPLAYED_FROM } BookAnchor;

typedef struct BookDocument
{
	BookText	id,
				zh,
				number;
	BookRange	in_force;
} BookDocument;

/* Slices of uint16 arrays: which rules concern an item of a severity. */
typedef struct BookItem
{
	BookText	id;
	uint8		stance;
	uint8		persons;
	uint8		organisations;
	uint8		public_persons;
	BookRange	in_force;
	BookBasis	basis;
	BookArray	display[BOOK_SEVERITIES];	/* uint16 indexes of display rules */
	BookArray	repair[BOOK_SEVERITIES];
	BookArray	score[BOOK_SEVERITIES];
} BookItem;

typedef struct BookDisplay
{
	BookText	id;
	BookBasis	basis;
	BookRange	in_force;
	uint16		months;
	uint8		anchor;
	uint8		cap;
	uint8		milder_reaches_back;
	uint8		not_in_principle;
	uint16		unused;
} BookDisplay;

/* What a repair rule needs, as bits. */
#define BOOK_NEEDS_FULFILLED		0x01
#define BOOK_NEEDS_COMMITMENT		0x02
#define BOOK_NEEDS_HARM_REMOVED		0x04
#define BOOK_NEEDS_NO_NEW_PENALTY	0x08
#define BOOK_NEEDS_NOT_LISTED		0x10

typedef struct BookRepair
{
	BookText	id;
	BookBasis	basis;
	BookRange	in_force;
	uint16		min_months;
	uint16		false_papers_months;
	uint8		anchor;
	uint8		needs;
	uint8		never;
	uint8		without_application;
} BookRepair;

typedef struct BookDeadline		/* section objection */
{
	BookText	id,
				step,
				procedure;
	BookBasis	basis;
	BookRange	in_force;
	uint16		days;
	uint8		workdays;		/* else calendar days */
	uint8		unused[5];
} BookDeadline;

/*
 * Working days: bit (day - from) of words; before[w] working days lie before
 * word w.  words has count elements, before one more (the total).
 */
typedef struct BookCalendar
{
	DateADT		from;			/* to < from: no calendar */
	DateADT		to;
	uint32		words;			/* at: uint64[count] */
	uint32		before;			/* at: uint32[count + 1] */
	uint32		count;
	uint32		unused;
} BookCalendar;

/* Points are exact: int64 with four decimals. */
#define POINTS_SCALE	INT64CONST(10000)

typedef enum BookScoreKind { SCORE_POINTS, SCORE_TIERS, SCORE_STEPS, SCORE_DIRECT } BookScoreKind;
typedef enum BookScoreSum { SCORE_SUM_ALL, SCORE_SUM_YEAR, SCORE_SUM_RECORD } BookScoreSum;

typedef struct BookTier
{
	int64		from;			/* amount, scaled by POINTS_SCALE; steps: at */
	int64		per;			/* steps: 0 */
	int64		points;
} BookTier;

typedef struct BookScoreRule
{
	BookText	id;
	BookBasis	basis;
	int64		points;			/* of SCORE_DIRECT: the most that the score can be */
	int64		cap;			/* a year; 0: none */
	BookArray	tiers;			/* BookTier */
	BookText	grade;			/* of SCORE_DIRECT */
	uint16		months;			/* validity, settled at compile time */
	uint16		dimension;		/* index or BOOK_NONE */
	uint16		overlap;		/* number of its overlap id, or BOOK_NONE */
	uint8		kind;
	uint8		sum;
	uint8		relapse;		/* 0 or 1: none */
	uint8		simple;			/* points without relapse, overlap, cap, bound */
	uint8		unused[6];
} BookScoreRule;

typedef struct BookDimension
{
	BookText	id;
	int64		most_plus;		/* 0: no bound */
	int64		most_minus;		/* as a positive number; 0: no bound */
	uint8		per_year;
	uint8		unused[7];
} BookDimension;

typedef struct BookGrade
{
	BookText	grade;
	int64		from;			/* PG_INT64_MIN for the last */
} BookGrade;

typedef struct BookScore
{
	BookText	id;				/* at 0: the rulebook has no score scheme */
	BookBasis	basis;
	int64		base;
	int64		least;			/* PG_INT64_MIN: none */
	int64		most;			/* PG_INT64_MAX: none */
	BookArray	rules;			/* BookScoreRule */
	BookArray	dimensions;		/* BookDimension */
	BookArray	grades;			/* BookGrade, best first */
	uint8		simple;			/* every rule is simple and no least or most */
	uint8		consent;
	uint16		least_age;
	uint32		unused;
} BookScore;

typedef struct Rulebook
{
	int32		vl_len_;
	uint32		format;
	uint8		digest[RULEBOOK_DIGEST];	/* SHA-256 of the canonical JSON */
	BookText	json;
	BookText	id;
	BookArray	documents;		/* BookDocument */
	BookArray	items;			/* BookItem, in the order of the text */
	BookArray	item_slots;		/* uint16[power of two], open addressing by rulebook_hash */
	BookArray	display;		/* BookDisplay */
	BookArray	repair;			/* BookRepair */
	BookArray	deadlines;		/* BookDeadline */
	BookCalendar calendar;
	BookScore	score;
	/*
	 * Bounds for any item: nothing is displayed on a day that is both later
	 * than longest_days after the later of document_date and displayed_from,
	 * and not before latest_from, when the last display rule came into force.
	 */
	int32		longest_days;
	DateADT		latest_from;
} Rulebook;

#define BOOK_AT(book, type, array)	((const type *) ((const char *) (book) + (array).at))
#define BOOK_CHARS(book, text)		((const char *) (book) + (text).at)

/* --- from text to the compiled part (pure: rulebook_json.c, _check.c, _compile.c) --- */

#define RULEBOOK_MOST_BYTES		(4 * 1024 * 1024)
#define RULEBOOK_MOST_DEPTH		16

typedef struct BookError
{
	char		path[160];		/* JSON path of what is wrong */
	char		message[240];
	char		hint[400];		/* or empty */
	bool		too_large;
} BookError;

/*
 * The value made from a JSON text in UTF-8, palloc'd, digest still empty; NULL:
 * error says what is wrong and where.
 */
extern Rulebook *rulebook_compile(const char *json, size_t length, BookError *error);

#ifndef FRONTEND

/* --- for functions that take a rulebook as argument number n --- */

/*
 * What a function keeps between its calls, in fn_extra.  A function that wants
 * more embeds it as the first member.
 */
typedef struct BookUse
{
	const Rulebook *book;
	uint32		stamp[4];		/* toast pointer, when that is what it was */
	MemoryContext context;		/* owns a detoasted copy */
	void	   *copy;
	const Rulebook *pinned;		/* or the backend's, till the context goes */
	bool		unpins;			/* the context knows that it has to */
	int			item_length;
	const BookItem *item;
	char		item_copy[64];
	Oid			severity[BOOK_SEVERITIES];	/* labels' OIDs; [0] the type */
} BookUse;

/*
 * The rulebook of argument n, detoasted once per query and function, compiled
 * anew if its compiled part is of another format.  size: of the struct that
 * begins with BookUse; zeroed on first use.
 */
extern BookUse *rulebook_arg(FunctionCallInfo fcinfo, int n, Size size);

/* The item named by a text argument that is not NULL; 22023 if there is none. */
extern const BookItem *rulebook_item_arg(FunctionCallInfo fcinfo, BookUse *use, int n);

/* The class of an argument of type credit.severity (NULL: BOOK_ANY). */
extern BookSeverity rulebook_severity_arg(FunctionCallInfo fcinfo, BookUse *use, int n);

/* A rule's basis as one text: title or number of the document, article. */
extern text *rulebook_basis_text(const Rulebook *book, const BookBasis *basis);
extern text *rulebook_text(const Rulebook *book, BookText t);


/* Takes any datum of the type: detoasted and, where needed, compiled anew. */
extern const Rulebook *rulebook_of_datum(Datum datum);

/* Values of tables, kept by the backend. (rulebook_cache.c) */
extern const Rulebook *rulebook_pin(struct varlena *stored);
extern void rulebook_unpin(const Rulebook *book);

/* Civil Code arts 200-203: the corresponding day, or the month's last. (display.c) */
extern DateADT date_add_months(DateADT day, int months);

#endif							/* FRONTEND */

extern uint32 rulebook_hash(const char *s, size_t length);
extern const BookItem *rulebook_find_item(const Rulebook *book, const char *s, size_t length);

#endif							/* CREDIT_RULEBOOK_H */
