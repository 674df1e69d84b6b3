/*
 * name_mask.c
 *		credit.mask_name: the first character of a name, and stars.
 *
 * No law fixes a mask; practice keeps the surname.  Which characters are a
 * surname cannot be told without a list that would be wrong for somebody, so
 * exactly one character is shown, and none if the name has only one.
 */
#include "postgres.h"

#include <unicode/uchar.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "credit_compat.h"
#include "name.h"

PG_FUNCTION_INFO_V1(name_mask);

/*
 * Called for each character as people see it, a base with its marks, with its
 * bytes and the unit that says what it is; false ends the walk.
 */
typedef bool (*EachCharacter) (void *state, const char *s, int length,
							   uint32 unit);

typedef struct Masker
{
	NameTools  *tools;
	NameJoin   *join;
	int			letters;		/* seen in the first walk, up to 2 */
	bool		reveal;			/* the next letter is to be shown */
} Masker;

/* The first code point of a grapheme that is seen, or 0. */
static uint32
visible_unit(const char *s, int length)
{
	int			at = 0;

	while (at < length)
	{
		UChar32		c;

		U8_NEXT(s, at, length, c);
		if (c < 0)
			return NAME_OPAQUE | (unsigned char) *s;
		if (!name_is_ignored(c))
			return c;
	}
	return 0;
}

static void
walk_utf8(NameTools *tools, const char *s, int length,
		  EachCharacter each, void *state)
{
	UErrorCode	status = U_ZERO_ERROR;
	UText		bytes = UTEXT_INITIALIZER;
	int			start = 0;
	int			end;
	int			count = 0;

	if (tools->graphemes == NULL)
		tools->graphemes = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &status);
	utext_openUTF8(&bytes, s, length, &status);
	ubrk_setUText(tools->graphemes, &bytes, &status);
	name_check_icu(status, "character boundaries");
	ubrk_first(tools->graphemes);
	while ((end = ubrk_next(tools->graphemes)) != UBRK_DONE)
	{
		uint32		unit = visible_unit(s + start, end - start);

		if (unit != 0 && !each(state, s + start, end - start, unit))
			break;
		start = end;
		if (++count % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
	utext_close(&bytes);
}

static void
walk_server(NameTools *tools, const char *s, int length,
			EachCharacter each, void *state)
{
	int			encoding = GetDatabaseEncoding();
	int			at = 0;
	int			count = 0;

	while (at < length)
	{
		int			bytes = 1;
		uint32		unit;

		if (tools->text == TEXT_CONVERTED)
			bytes = Min(pg_encoding_mblen(encoding, s + at), length - at);
		unit = name_unit_from_server(tools, s + at, bytes);
		if (!name_is_ignored(unit) && !each(state, s + at, bytes, unit))
			break;
		at += bytes;
		if (++count % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

static void
walk_characters(NameTools *tools, text *name, EachCharacter each, void *state)
{
	const char *s = VARDATA_ANY(name);
	int			length = VARSIZE_ANY_EXHDR(name);

	if (tools->text == TEXT_UTF8)
		walk_utf8(tools, s, length, each, state);
	else
		walk_server(tools, s, length, each, state);
}

/* Letters and digits of all scripts are what a name is made of. */
static bool
is_letter(Masker *masker, uint32 unit)
{
	uint32		plain;
	NameKind	kind = name_kind(masker->tools->form, unit, &plain);

	return kind == NAME_HAN || kind == NAME_CASELESS || kind == NAME_CASED ||
		(!(unit & NAME_OPAQUE) && u_isalnum(unit));
}

/* First walk: is there more than one letter, and can the first be shown? */
static bool
count_letter(void *state, const char *s, int length, uint32 unit)
{
	Masker	   *masker = state;

	if (!is_letter(masker, unit))
		return true;
	/* half a character of an unknown encoding must not be shown */
	if (masker->letters == 0)
		masker->reveal = !((unit & NAME_OPAQUE) &&
						   masker->tools->text == TEXT_BYTES);
	return ++masker->letters < 2;
}

/* Shows a letter as it was written: its marks and variation selectors too. */
static void
show_letter(Masker *masker, const char *s, int length, uint32 unit)
{
	int			at = 0;
	int			shown = 0;

	if (masker->tools->text != TEXT_UTF8 || (unit & NAME_OPAQUE))
	{
		name_join(masker->join, unit);
		return;
	}
	while (at < length && shown++ <= NAME_MARKS)
	{
		UChar32		c;

		U8_NEXT(s, at, length, c);
		if (c < 0)
			break;
		if (!name_is_ignored(c) ||
			u_hasBinaryProperty(c, UCHAR_VARIATION_SELECTOR) ||
			u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL))
			name_join(masker->join, c);
	}
}

/* Second walk: one letter, stars, and the separators between them. */
static bool
write_masked(void *state, const char *s, int length, uint32 unit)
{
	Masker	   *masker = state;
	uint32		plain;

	if (is_letter(masker, unit))
	{
		if (masker->reveal)
			show_letter(masker, s, length, unit);
		else
			name_join(masker->join, NAME_STAR |
					  (unit & NAME_OPAQUE ? 0x4E00 : unit));
		masker->reveal = false;
		return true;
	}
	switch (name_kind(masker->tools->form, unit, &plain))
	{
		case NAME_APOSTROPHE:
			/* among bytes a grave accent may be half of a GBK character */
			if (unit == '`' && masker->tools->text == TEXT_BYTES)
				break;
			/* FALLTHROUGH */
		case NAME_SPACE:
		case NAME_DOT:
		case NAME_STOP:
		case NAME_HYPHEN:
			name_join(masker->join, plain);
			return true;
		default:
			break;
	}
	name_join(masker->join, NAME_STAR | unit);
	return true;
}

/*
 * mask_name(text): what may stand on a screen or a public list.
 */
Datum
name_mask(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);
	NameTools  *tools = name_tools();
	NameOutput	output;
	Masker		masker = {.tools = tools, .join = &tools->fold.join};

	name_output_begin(&output, tools, VARSIZE_ANY_EXHDR(name));
	name_join_begin(masker.join, tools->form, name_put, &output);
	walk_characters(tools, name, count_letter, &masker);
	masker.reveal = masker.reveal && masker.letters > 1;
	walk_characters(tools, name, write_masked, &masker);
	name_join_end(masker.join);
	PG_RETURN_TEXT_P(name_output_end(&output));
}
