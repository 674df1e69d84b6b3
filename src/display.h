/*
 * display.h
 *		How long a record may be shown: the arithmetic of months, and the display
 *		rules of an item arranged for questions by the million.
 */
#ifndef CREDIT_DISPLAY_H
#define CREDIT_DISPLAY_H

#include "postgres.h"

#include "utils/date.h"
#include "utils/datetime.h"

#include "credit_compat.h"
#include "rulebook.h"

/* The last day that a record's dates may have; the last that can be shown, 1200 months later. */
#define DISPLAY_LAST_DATE	365242	/* 2999-12-31 */
#define DISPLAY_LAST_SHOWN	401766	/* 3099-12-31 */
#define DISPLAY_FIRST_DATE	(-POSTGRES_EPOCH_JDATE)	/* of the type date */

/* What a decision knows of a record. */
typedef struct DisplayRecord
{
	DateADT		document_date;
	DateADT		start;			/* displayed_from, or document_date */
	DateADT		conduct_end;	/* DATEVAL_NOEND: it continues */
} DisplayRecord;

/*
 * A rule as it counts for the records of a span of document dates.  A rule of
 * the law of the day has no floor; a later one never ends a display before the
 * day it entered into force.
 */
typedef struct DisplayTerm
{
	int32		months;
	DateADT		floor;			/* the least last day, or DATEVAL_NOBEGIN */
	DateADT		least;			/* anchors before it are not shown on the plan's day */
	int32		days;			/* the last day is never fewer days behind the anchor */
	int32		anchor;			/* BookAnchor */
} DisplayTerm;

/* Document dates, from this span's first day to the next one's, under the same terms. */
typedef struct DisplaySpan
{
	DateADT		from;
	uint16		first;			/* of its terms */
	uint16		count;
} DisplaySpan;

/* The display rules of one item and severity; spans and terms lie behind it. */
typedef struct DisplayPlan
{
	DateADT		day;			/* that the terms' least is for; DATEVAL_NOBEGIN: none yet */
	DateADT		first;			/* no document before it is shown on that day */
	int			spans;
	const DisplaySpan *near;	/* the span of that day */
	DisplaySpan *span;			/* ascending; the first begins with DATEVAL_NOBEGIN */
	DisplayTerm *term;
} DisplayPlan;

/* An item with more rules than this is decided rule by rule. */
#define DISPLAY_PLAN_RULES	64

/*
 * Items take turns from row to row: those seen are found again by their length
 * and their characters as words, with the plans made for them.
 */
#define DISPLAY_WORDS		4		/* of an id: the first 24 bytes and the last 8 */

typedef struct DisplaySlot
{
	uint64		word[DISPLAY_WORDS];
	int			length;			/* 0: free */
	const BookItem *item;
	DisplayPlan *plan[BOOK_SEVERITIES]; /* made when first asked for */
} DisplaySlot;

#define DISPLAY_RANGE_SIZE	20

/* Half a digest is enough to tell two books apart, and compared inline. */
#define DISPLAY_DIGEST		16

typedef struct DisplayUse
{
	BookUse		base;
	uint8		digest[DISPLAY_DIGEST]; /* of the book that the rest is made of */
	MemoryContext context;		/* owns slot and all plans */
	DisplaySlot *slot;			/* a power of two, and as many behind as there are items */
	int			slot_shift;		/* from 64 bits to a place */
	DateADT		day;			/* asked about last */
	int32		range[DISPLAY_RANGE_SIZE / 4];	/* the last result of display_period */
	int			calls;			/* until month is worth its making */
	DateADT    *month;			/* first days of months; see display_add_by_table */
} DisplayUse;

extern void display_use_book(DisplayUse *use);
extern void display_make_table(DisplayUse *use);
extern DisplayPlan *display_make_plan(DisplayUse *use, const BookItem *item, BookSeverity severity);
extern void display_set_day(DisplayPlan *plan, DateADT day);
extern credit_noreturn void display_no_rule(const Rulebook *book, const BookItem *item);

/* ------------------------------------------------------------------------
 * Months
 *
 * Counted from March of the year -8000, so that a leap day is the last day of
 * its year; conversions by multiplication (Neri and Schneider, "Euclidean
 * affine functions and their application to calendar algorithms", 2022).
 * ------------------------------------------------------------------------
 */

typedef struct DisplayMonth
{
	uint32		month;			/* since March -8000 */
	uint32		day;			/* from 1 */
} DisplayMonth;

/* Days from 1 March -8000 to 1 January 2000; for days before the year 7400. */
#define DISPLAY_SHIFT		(146097 * 20 + 730425)
#define DISPLAY_FAST_LAST	1970000

static inline DisplayMonth
display_month_of(DateADT date)
{
	uint32		n1 = 4 * (uint32) (date + DISPLAY_SHIFT) + 3;
	uint32		century = n1 / 146097;
	uint32		n2 = (n1 % 146097) | 3;
	uint64		p2 = UINT64CONST(2939745) * n2;
	uint32		day_of_year = (uint32) p2 / 2939745 / 4;
	uint32		n3 = 2141 * day_of_year + 197913;
	DisplayMonth m;

	m.month = (century * 100 + (uint32) (p2 >> 32)) * 12 + (n3 >> 16) - 3;
	m.day = (n3 & 0xFFFF) / 2141 + 1;
	return m;
}

/* The day of that number in its month, or the month's last (Civil Code art. 202). */
static inline DateADT
display_date_of(DisplayMonth m)
{
	uint32		year = m.month / 12;
	uint32		month = m.month % 12 + 3;	/* 3 to 14: March to February */
	uint32		century = year / 100;
	uint32		day = m.day;

	if (day > 28)
	{
		/* February belongs to the year that begins with its January. */
		bool		leap = (year + 1) % 4 == 0 && ((year + 1) % 100 != 0 || (year + 1) % 400 == 0);
		uint32		last = month == 14 ? 28u + leap : 30 + (0x35A8u >> month & 1);

		if (day > last)
			day = last;
	}
	day += 1461 * year / 4 - century + century / 4 + (979 * month - 2919) / 32 - 1;
	return (DateADT) day - DISPLAY_SHIFT;
}

static inline DateADT
display_add_months(DateADT date, int months)
{
	DisplayMonth m = display_month_of(date);

	m.month += months;
	return display_date_of(m);
}

/* Last day shown by so many months; none of them: not even the first day. */
static inline DateADT
display_last_day(DateADT anchor, int months)
{
	return months == 0 ? anchor - 1 : display_add_months(anchor, months);
}

/*
 * For many rows: the first days of the months of 1900 to 2199, which is two
 * looks into a table instead of a dozen multiplications.
 */
#define DISPLAY_TABLE_FIRST		(-36524)	/* 1900-01-01 */
#define DISPLAY_TABLE_DAYS		73049		/* to 2099-12-31 */
#define DISPLAY_TABLE_MONTHS	3600
#define DISPLAY_TABLE_CALLS		64

static inline bool
display_in_table(DateADT date)
{
	return date > DISPLAY_TABLE_FIRST && date < DISPLAY_TABLE_FIRST + DISPLAY_TABLE_DAYS;
}

static inline DateADT
display_add_by_table(const DateADT *month, DateADT date, int months)
{
	/* 12 / 365.2425 in 32 binary places: the month, or the one before it. */
	uint32		at = (uint64) (date - DISPLAY_TABLE_FIRST - 1) * 141110652 >> 32;

	at += month[at + 1] <= date;
	return Min(month[at + months] + (date - month[at]), month[at + months + 1] - 1);
}

/* ------------------------------------------------------------------------
 * Rules
 * ------------------------------------------------------------------------
 */

/*
 * Does a rule count for a document of that date?  The law of the day does, and
 * of later law what reaches back; never law that had ended before.
 */
static inline bool
display_rule_counts(const BookDisplay *rule, DateADT document_date, DateADT *floor)
{
	if (document_date > rule->in_force.to)
		return false;
	*floor = DATEVAL_NOBEGIN;
	if (document_date >= rule->in_force.from)
		return true;
	*floor = rule->in_force.from - 1;
	return rule->milder_reaches_back;
}

static inline DateADT
display_anchor(const DisplayRecord *record, int anchor)
{
	return anchor == BOOK_DOCUMENT_DATE ? record->document_date :
		anchor == BOOK_CONDUCT_END ? record->conduct_end : record->start;
}

/* Last day shown by one rule; DATEVAL_NOEND while it says nothing. */
static inline DateADT
display_rule_end(DateADT anchor, int months, DateADT floor)
{
	if (anchor == DATEVAL_NOEND)
		return DATEVAL_NOEND;
	return Max(display_last_day(anchor, months), floor);
}

/* The span of a document date, from a later one backwards: there are few. */
static inline const DisplaySpan *
display_span_of(const DisplaySpan *span, DateADT document_date)
{
	while (document_date < span->from)
		span--;
	return span;
}

static inline const DisplaySpan *
display_last_span(const DisplayPlan *plan)
{
	return &plan->span[plan->spans - 1];
}

extern DateADT display_end(DisplayUse *use, DisplaySlot *slot, BookSeverity severity,
						   const DisplayRecord *record);

#endif							/* CREDIT_DISPLAY_H */
