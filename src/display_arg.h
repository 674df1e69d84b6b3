/*
 * display_arg.h
 *		Arguments of the display functions, read where they lie.
 */
#ifndef CREDIT_DISPLAY_ARG_H
#define CREDIT_DISPLAY_ARG_H

#include "fmgr.h"

#include "display.h"

extern credit_noreturn void display_bad_date(const char *name, bool continues);

/* Is argument 0 the rulebook that all this was made of?  As rulebook_arg() looks at it. */
static inline bool
display_same_book(const DisplayUse *use, const struct varlena *v)
{
	StaticAssertStmt(sizeof(use->base.stamp) == DISPLAY_DIGEST, "compared inline");
	if (VARATT_IS_EXTERNAL_ONDISK(v))
		return memcmp(use->base.stamp, VARDATA_EXTERNAL(v), DISPLAY_DIGEST) == 0 &&
			memcmp(use->base.book->digest, use->digest, DISPLAY_DIGEST) == 0;
	return VARATT_IS_4B_U(v) && VARSIZE_4B(v) >= sizeof(Rulebook) &&
		memcmp(((const Rulebook *) v)->digest, use->digest, DISPLAY_DIGEST) == 0;
}

/* The rulebook of argument 0 with what was made of it. */
static inline DisplayUse *
display_use_arg(FunctionCallInfo fcinfo)
{
	DisplayUse *use = (DisplayUse *) fcinfo->flinfo->fn_extra;

	if (likely(use && use->base.book &&
			   display_same_book(use, (const struct varlena *) PG_GETARG_POINTER(0))))
		return use;
	use = (DisplayUse *) rulebook_arg(fcinfo, 0, sizeof(DisplayUse));
	if (memcmp(use->digest, use->base.book->digest, DISPLAY_DIGEST) != 0)
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

/* The characters of an id as words; behind a short one, zeroes. */
static inline void
display_words_of(const char *s, int length, uint64 word[DISPLAY_WORDS])
{
	word[1] = word[2] = word[3] = 0;
	if (likely(length >= 8))
	{
		memcpy(&word[0], s, 8);
		if (length >= 16)
			memcpy(&word[1], s + 8, 8);
		if (length >= 24)
			memcpy(&word[2], s + 16, 8);
		memcpy(&word[3], s + length - 8, 8);
		return;
	}
	word[0] = 0;
	for (int i = 0; i < length; i++)
		word[0] |= (uint64) (unsigned char) s[i] << 8 * i;
}

extern DisplaySlot *display_find_slot(FunctionCallInfo fcinfo, DisplayUse *use, int n,
									  DisplaySlot *slot);

/* The slot of the item that a text argument names. */
static inline DisplaySlot *
display_slot_arg(FunctionCallInfo fcinfo, DisplayUse *use, int n)
{
	const struct varlena *v = PG_GETARG_TEXT_PP(n);
	const char *s = VARDATA_ANY(v);
	int			length = VARSIZE_ANY_EXHDR(v);
	uint64		word[DISPLAY_WORDS],
				hash;
	DisplaySlot *slot;

	display_words_of(s, length, word);
	hash = (word[0] ^ word[3] * 3) * UINT64CONST(0x9E3779B97F4A7C15);
	slot = &use->slot[hash >> use->slot_shift];
	for (; slot->length != 0; slot++)
		if (slot->word[0] == word[0] && slot->word[3] == word[3] && slot->length == length &&
			slot->word[1] == word[1] && slot->word[2] == word[2] &&
			(length <= 32 ||
			 memcmp(BOOK_CHARS(use->base.book, slot->item->id) + 24, s + 24, length - 32) == 0))
			return slot;
	return display_find_slot(fcinfo, use, n, slot);
}

/* As rulebook_severity_arg, which is for the first one. */
static inline BookSeverity
display_severity_arg(FunctionCallInfo fcinfo, DisplayUse *use, int n)
{
	Oid			value;

	if (PG_ARGISNULL(n))
		return BOOK_ANY;
	value = PG_GETARG_OID(n);
	return value == use->base.severity[BOOK_GENERAL] ? BOOK_GENERAL :
		value == use->base.severity[BOOK_SERIOUS] ? BOOK_SERIOUS :
		value == use->base.severity[BOOK_MINOR] ? BOOK_MINOR :
		rulebook_severity_arg(fcinfo, &use->base, n);
}

#endif							/* CREDIT_DISPLAY_ARG_H */
