/*
 * calendar.c
 *		Working days: weekends and holidays, with the days worked in return, by
 *		the calendar of a rulebook.
 *
 * The compiled calendar has a bit for each day and, before each word of 64, the
 * number of working days until there.  So "how many until this day" is one
 * count of bits, and "which day is the n-th" a search from the day's own word.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "credit_compat.h"
#include "rulebook.h"

PG_FUNCTION_INFO_V1(is_workday);
PG_FUNCTION_INFO_V1(add_workdays);
PG_FUNCTION_INFO_V1(workdays_between);
PG_FUNCTION_INFO_V1(deadline);

#define CALENDAR_WORDS(book)	((const uint64 *) ((const char *) (book) + (book)->calendar.words))
#define CALENDAR_BEFORE(book)	((const uint32 *) ((const char *) (book) + (book)->calendar.before))

#define DAY_TEXT_SIZE	(MAXDATELEN + 1)

/* A day for messages: in one form, whatever DateStyle says. */
static const char *
day_text(DateADT day, char out[DAY_TEXT_SIZE])
{
	struct pg_tm tm = {0};

	if (DATE_NOT_FINITE(day))
		EncodeSpecialDate(day, out);
	else
	{
		j2date(day + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		EncodeDateOnly(&tm, USE_ISO_DATES, out);
	}
	return out;
}

static int
calendar_detail(const Rulebook *book)
{
	char		from[DAY_TEXT_SIZE],
				to[DAY_TEXT_SIZE];

	errdetail("The calendar of rulebook \"%.*s\" goes from %s to %s.",
			  (int) book->id.length, BOOK_CHARS(book, book->id),
			  day_text(book->calendar.from, from), day_text(book->calendar.to, to));
	errhint("credit.with_calendar_year() makes a rulebook that covers it, once the State Council "
			"has announced the year's days off, usually in October to December of the year before.");
	return 0;
}

static void
day_outside(const Rulebook *book, DateADT day)
{
	char		text[DAY_TEXT_SIZE];

	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("day %s is outside the calendar", day_text(day, text)),
			 calendar_detail(book)));
}

static void
result_outside(const Rulebook *book, DateADT day, int64 n)
{
	char		text[DAY_TEXT_SIZE];

	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("working day number %lld from %s is outside the calendar",
					(long long) n, day_text(day, text)),
			 calendar_detail(book)));
}

/* The rulebook of argument 0, which must have a calendar. */
static inline const Rulebook *
calendar_arg(FunctionCallInfo fcinfo)
{
	const Rulebook *book = rulebook_arg(fcinfo, 0, sizeof(BookUse))->book;

	if (unlikely(book->calendar.to < book->calendar.from))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("rulebook \"%.*s\" has no calendar",
						(int) book->id.length, BOOK_CHARS(book, book->id)),
				 errhint("Use a rulebook with a section \"calendar\".")));
	return book;
}

/* The place of a day in the calendar; infinite days lie outside any. */
static inline uint32
place_of(const Rulebook *book, DateADT day)
{
	if (unlikely(day < book->calendar.from || day > book->calendar.to))
		day_outside(book, day);
	return (uint32) (day - book->calendar.from);
}

static inline bool
works(const Rulebook *book, uint32 at)
{
	return (CALENDAR_WORDS(book)[at / 64] >> at % 64) & 1;
}

/* Working days in places 0 to at - 1; at may be one past the last. */
static inline int64
count_before(const Rulebook *book, uint32 at)
{
	int64		count = CALENDAR_BEFORE(book)[at / 64];

	if (at % 64 != 0)
		count += pg_popcount64(CALENDAR_WORDS(book)[at / 64] &
							   ((UINT64CONST(1) << at % 64) - 1));
	return count;
}

/* The place of the n-th bit that is set, n from 1; there are so many. */
static inline uint32
nth_bit(uint64 word, uint32 n)
{
	uint32		place = 0;

	for (uint32 width = 32; width > 0; width /= 2)
	{
		uint32		low = pg_popcount64(word & ((UINT64CONST(1) << width) - 1));

		if (n > low)
		{
			n -= low;
			place += width;
			word >>= width;
		}
	}
	return place;
}

/*
 * The word w with before[w] < n <= before[w + 1], n from 1 to the total.  Steps
 * that double from the word of the day asked about, then halves between: a few
 * weeks cost one step or two, 200 years ten.
 */
static uint32
word_of_nth(const uint32 *before, uint32 count, uint32 near, uint32 n)
{
	uint32		low = Min(near, count - 1),
				high = low + 1;

	for (uint32 step = 1; before[low] >= n; step *= 2)
	{
		high = low;
		low = low > step ? low - step : 0;
	}
	for (uint32 step = 1; before[high] < n; step *= 2)
	{
		low = high;
		high = Min(high + step, count);
	}
	while (high - low > 1)
	{
		uint32		middle = low + (high - low) / 2;

		if (before[middle] < n)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The n-th working day after day, or the -n-th before it; n = 0: day itself. */
static DateADT
move_workdays(const Rulebook *book, DateADT day, int64 n)
{
	uint32		at = place_of(book, day);
	const uint32 *before = CALENDAR_BEFORE(book);
	uint32		count = book->calendar.count;
	int64		nth;
	uint32		w;

	if (n == 0)
		return day;
	nth = n > 0 ? count_before(book, at + 1) + n : count_before(book, at) + n + 1;
	if (unlikely(nth < 1 || nth > before[count]))
		result_outside(book, day, n);
	w = word_of_nth(before, count, at / 64, (uint32) nth);
	at = w * 64 + nth_bit(CALENDAR_WORDS(book)[w], (uint32) nth - before[w]);
	return book->calendar.from + (DateADT) at;
}

/* is_workday(book, day) → bool */
Datum
is_workday(PG_FUNCTION_ARGS)
{
	const Rulebook *book = calendar_arg(fcinfo);

	PG_RETURN_BOOL(works(book, place_of(book, PG_GETARG_DATEADT(1))));
}

/* add_workdays(book, day, n) → date */
Datum
add_workdays(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(move_workdays(calendar_arg(fcinfo), PG_GETARG_DATEADT(1),
									PG_GETARG_INT32(2)));
}

/*
 * workdays_between(book, from_day, to_day) → int: those in (from, to], or minus
 * those in [to, from).  Neither end of the way counts when it is the start, so
 * it undoes add_workdays from any day.
 */
Datum
workdays_between(PG_FUNCTION_ARGS)
{
	const Rulebook *book = calendar_arg(fcinfo);
	uint32		from = place_of(book, PG_GETARG_DATEADT(1));
	uint32		to = place_of(book, PG_GETARG_DATEADT(2));

	if (to >= from)
		PG_RETURN_INT32(count_before(book, to + 1) - count_before(book, from + 1));
	PG_RETURN_INT32(count_before(book, to) - count_before(book, from));
}

static const BookDeadline *
find_deadline(const Rulebook *book, const text *id)
{
	const BookDeadline *deadlines = BOOK_AT(book, BookDeadline, book->deadlines);

	for (uint32 i = 0; i < book->deadlines.count; i++)
		if (deadlines[i].id.length == VARSIZE_ANY_EXHDR(id) &&
			memcmp(BOOK_CHARS(book, deadlines[i].id), VARDATA_ANY(id), VARSIZE_ANY_EXHDR(id)) == 0)
			return &deadlines[i];
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no such deadline in rulebook \"%.*s\"",
					(int) book->id.length, BOOK_CHARS(book, book->id)),
			 errhint("The deadlines are in its section \"objection\".")));
	return NULL;
}

/*
 * deadline(book, deadline_id, day) → date: the last day of a step that runs from
 * day.  Civil Code arts 201 and 203: the day itself does not count, and a last
 * day that is no working day gives way to the next one.
 */
Datum
deadline(PG_FUNCTION_ARGS)
{
	const Rulebook *book = calendar_arg(fcinfo);
	const BookDeadline *d = find_deadline(book, PG_GETARG_TEXT_PP(1));
	DateADT		day = PG_GETARG_DATEADT(2);
	char		text[DAY_TEXT_SIZE];

	place_of(book, day);
	if (day < d->in_force.from || day > d->in_force.to)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("deadline \"%.*s\" is not in force on %s",
						(int) d->id.length, BOOK_CHARS(book, d->id), day_text(day, text)),
				 errhint("The deadlines and their days in force are in section "
						 "\"objection\" of the rulebook.")));
	if (d->workdays)
		day = move_workdays(book, day, d->days);
	else
		day += d->days;
	if (!works(book, place_of(book, day)))
		day = move_workdays(book, day, 1);
	PG_RETURN_DATEADT(day);
}
