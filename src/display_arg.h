/*
 * display_arg.h
 *		Arguments of the display functions, read where they lie.
 */
#ifndef CREDIT_DISPLAY_ARG_H
#define CREDIT_DISPLAY_ARG_H

#include "display.h"

extern credit_noreturn void display_bad_date(const char *name, bool continues);

/* The rulebook of argument 0 with what was made of it. */
static inline DisplayUse *
display_use_arg(FunctionCallInfo fcinfo)
{
	DisplayUse *use = (DisplayUse *) rulebook_arg(fcinfo, 0, sizeof(DisplayUse));

	if (unlikely(memcmp(use->digest, use->base.book->digest, RULEBOOK_DIGEST) != 0))
		display_use_book(use);
	return use;
}

static inline bool
display_is_date(DateADT date)
{
	return date >= DISPLAY_FIRST_DATE && date <= DISPLAY_LAST_DATE;
}

/*
 * A record's dates: document_date, and behind it conduct_end, from argument n
 * on; displayed_from is argument from, or none if that is negative.
 */
static inline void
display_record_args(FunctionCallInfo fcinfo, int n, int from, DisplayRecord *record)
{
	record->start = record->document_date = PG_GETARG_DATEADT(n);
	if (unlikely(!display_is_date(record->document_date)))
		display_bad_date("document_date", false);
	record->conduct_end = DATEVAL_NOEND;
	if (!PG_ARGISNULL(n + 1))
	{
		record->conduct_end = PG_GETARG_DATEADT(n + 1);
		if (unlikely(!display_is_date(record->conduct_end)))
			display_bad_date("conduct_end", true);
	}
	if (from >= 0 && !PG_ARGISNULL(from))
	{
		record->start = PG_GETARG_DATEADT(from);
		if (unlikely(!display_is_date(record->start)))
			display_bad_date("displayed_from", false);
	}
}

/* The item of a text argument: as rulebook_item_arg, but items take turns from row to row. */
static inline const BookItem *
display_item_arg(FunctionCallInfo fcinfo, DisplayUse *use, int n)
{
	return rulebook_item_arg(fcinfo, &use->base, n);
}

#endif							/* CREDIT_DISPLAY_ARG_H */
