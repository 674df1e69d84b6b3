/*
 * display_arg.h
 *		Arguments of the display functions, read where they lie.
 */
#ifndef CREDIT_DISPLAY_ARG_H
#define CREDIT_DISPLAY_ARG_H

#include "fmgr.h"

#include "display.h"

extern credit_noreturn void display_bad_date(const char *name, bool continues);

/* The rulebook of argument 0 with what was made of it. */
static inline DisplayUse *
display_use_arg(FunctionCallInfo fcinfo)
{
	DisplayUse *use = (DisplayUse *) rulebook_arg(fcinfo, 0, sizeof(DisplayUse));

	if (unlikely(memcmp(use->digest, use->base.book->digest, DISPLAY_DIGEST) != 0))
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

extern const BookItem *display_find_item(FunctionCallInfo fcinfo, DisplayUse *use, int n);

static inline DisplaySlot *
display_slot_of(DisplayUse *use, const char *s, int length, uint64 *head, uint64 *tail)
{
	memcpy(head, s, sizeof(*head));
	memcpy(tail, s + length - sizeof(*tail), sizeof(*tail));
	return &use->slot[((*head ^ *tail * 3) * UINT64CONST(0x9E3779B97F4A7C15)) >> use->slot_shift];
}

/* The item of a text argument: as rulebook_item_arg, which knows only the last one. */
static inline const BookItem *
display_item_arg(FunctionCallInfo fcinfo, DisplayUse *use, int n)
{
	const struct varlena *v = (const struct varlena *) PG_GETARG_POINTER(n);

	if (!VARATT_IS_EXTENDED(v) || VARATT_IS_SHORT(v))
	{
		const char *s = VARDATA_ANY(v);
		int			length = VARSIZE_ANY_EXHDR(v);

		if (length >= 8)
		{
			uint64		head,
						tail;
			const DisplaySlot *slot = display_slot_of(use, s, length, &head, &tail);

			if (slot->length == length && slot->head == head && slot->tail == tail &&
				(length <= 16 ||
				 memcmp(s + 8, BOOK_CHARS(use->base.book, slot->item->id) + 8, length - 16) == 0))
				return slot->item;
		}
	}
	return display_find_item(fcinfo, use, n);
}

#endif							/* CREDIT_DISPLAY_ARG_H */
