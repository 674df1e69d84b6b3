/*
 * name_core.c
 *		Folding of names, character by character.
 *
 * The order of work makes a key its own key: what could bring a letter and a
 * mark together (dropping controls) happens before normalisation, and joining
 * neither does so nor makes a character that NFKC_Casefold would change.
 */
#include "name_core.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

#define MIDDLE_DOT	0x00B7

/*
 * Dots, hyphens and apostrophes.  Each group is what keyboards, fonts and old
 * conversions have put in the place of one sign; doc/name.md says why each is
 * there.  What NFKC unites is listed too, for masks are not normalised.
 */
static NameKind
punctuation_kind(uint32_t c, uint32_t *plain)
{
	switch (c)
	{
		case MIDDLE_DOT:
		case 0x02D9:			/* dot above (GBK A842) */
		case 0x0387:			/* Greek ano teleia */
		case 0x1427:			/* Canadian syllabics final middle dot */
		case 0x16EB:			/* runic single punctuation */
		case 0x2022:			/* bullet */
		case 0x2027:			/* hyphenation point */
		case 0x2219:			/* bullet operator */
		case 0x22C5:			/* dot operator */
		case 0x2981:			/* Z notation spot */
		case 0x2E31:			/* word separator middle dot */
		case 0x2E33:			/* raised dot */
		case 0x30FB:			/* katakana middle dot */
		case 0xA78F:			/* Latin letter sinological dot */
		case 0xFF65:			/* halfwidth katakana middle dot */
		case 0x10101:			/* Aegean word separator dot */
			*plain = MIDDLE_DOT;
			return NAME_DOT;
		case '.':
		case 0x2024:			/* one dot leader */
		case 0xFE52:			/* small full stop */
		case 0xFF0E:			/* fullwidth full stop */
			*plain = '.';
			return NAME_STOP;
		case 0x3002:			/* ideographic full stop */
		case 0xFF61:
			*plain = 0x3002;
			return NAME_STOP;
		case 0x25CF:			/* black circle */
			return NAME_STOP;
		case '-':
		case 0x058A:			/* Armenian hyphen */
		case 0x05BE:			/* Hebrew maqaf */
		case 0x2010:			/* hyphen .. horizontal bar */
		case 0x2011:
		case 0x2012:
		case 0x2013:
		case 0x2014:
		case 0x2015:
		case 0x2043:			/* hyphen bullet */
		case 0x2212:			/* minus */
		case 0xFE31:			/* vertical dashes */
		case 0xFE32:
		case 0xFE58:			/* small dashes */
		case 0xFE63:
		case 0xFF0D:			/* fullwidth hyphen-minus */
			*plain = '-';
			return NAME_HYPHEN;
		case '\'':
		case '`':
		case 0x00B4:			/* acute accent */
		case 0x02B9:			/* modifier letters used as apostrophes */
		case 0x02BB:
		case 0x02BC:
		case 0x02BD:
		case 0x02BE:
		case 0x02BF:
		case 0x0374:			/* Greek numeral sign = 02B9 */
		case 0x2018:			/* quotation marks */
		case 0x2019:
		case 0x201B:
		case 0x2032:			/* prime */
		case 0xA78B:			/* saltillo */
		case 0xA78C:
		case 0xFF07:			/* fullwidth apostrophe, grave */
		case 0xFF40:
			*plain = '\'';
			return NAME_APOSTROPHE;
		default:
			return NAME_OTHER;
	}
}

/*
 * Which letters are written without spaces between them?  A private-use
 * character is taken for the rare Han character that old systems put there;
 * planes 2 and 3 are Han whether or not this ICU knows the character yet.
 */
static NameKind
letter_kind(uint32_t c)
{
	UErrorCode	status = U_ZERO_ERROR;

	if ((c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000)
		return NAME_HAN;
	if (c >= 0x20000 && c <= 0x3FFFF)
		return NAME_HAN;
	switch (uscript_getScript(c, &status))
	{
		case USCRIPT_HAN:
		case USCRIPT_HIRAGANA:
		case USCRIPT_KATAKANA:
		case USCRIPT_BOPOMOFO:
		case USCRIPT_HANGUL:
			return NAME_HAN;
		default:
			break;
	}
	if (u_hasBinaryProperty(c, UCHAR_CASED))
		return NAME_CASED;
	if (u_hasBinaryProperty(c, UCHAR_ALPHABETIC))
		return NAME_CASELESS;
	return NAME_OTHER;
}

NameKind
name_kind(const UNormalizer2 *form, uint32_t unit, uint32_t *plain)
{
	NameKind	kind;

	*plain = unit;
	if (unit & NAME_OPAQUE)
		return NAME_HAN;
	if ((unit >= 0x4E00 && unit <= 0x9FFF) ||
		(unit >= 0x3400 && unit <= 0x4DBF))
		return NAME_HAN;
	if ((unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z'))
		return NAME_CASED;
	if (u_isUWhiteSpace(unit))
	{
		*plain = ' ';
		return NAME_SPACE;
	}
	kind = punctuation_kind(unit, plain);
	if (kind != NAME_OTHER)
		return kind;
	if (unit >= 0x300 && (!unorm2_hasBoundaryBefore(form, unit) ||
						  name_is_ignored(unit)))
		return NAME_MARK;
	return letter_kind(unit);
}

/*
 * Controls that are no white space are dirt from a terminal or a file;
 * the default ignorables (joiners, direction marks, variation selectors) are
 * removed by NFKC_Casefold as well, here so that they never come between marks.
 */
bool
name_is_ignored(uint32_t unit)
{
	if (unit & NAME_OPAQUE)
		return false;
	if (unit < 0x20 || (unit >= 0x7F && unit < 0xA0))
		return !u_isUWhiteSpace(unit);
	if (unit < 0xAD || (unit >= 0x3400 && unit <= 0x9FFF))
		return false;
	return u_hasBinaryProperty(unit, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

/* Joining: what stands between the letters. */

void
name_join_begin(NameJoin *join, const UNormalizer2 *form,
				NameSink sink, void *to)
{
	*join = (NameJoin)
	{
		.sink = sink, .to = to, .form = form, .last = NAME_NONE
	};
}

static void
join_write(NameJoin *join, NameKind kind, uint32_t unit)
{
	join->sink(join->to, unit);
	join->last = kind;
	join->marks = 0;
}

/*
 * Spaces held back come out as one, or not at all beside Han (two-character
 * names are padded on forms), dots and hyphens, and at both ends.
 */
static void
join_spaces(NameJoin *join, int spaces, NameKind next)
{
	if (spaces == 0 || join->last == NAME_NONE)
		return;
	if (join->last == NAME_HAN || join->last == NAME_DOT ||
		join->last == NAME_HYPHEN)
		return;
	if (next == NAME_HAN || next == NAME_DOT || next == NAME_HYPHEN)
		return;
	join_write(join, NAME_SPACE, ' ');
}

static bool
is_letter(NameKind kind)
{
	return kind == NAME_HAN || kind == NAME_CASELESS || kind == NAME_CASED;
}

/*
 * A stop between letters, at least one of them without case, is a middle dot
 * typed on the wrong key; after a Latin initial, or repeated, it is a stop.
 */
static void
join_stop(NameJoin *join, NameKind next)
{
	uint32_t	stop = join->stop;
	int			behind = join->stop_spaces;

	if (stop == 0)
		return;
	join->stop = 0;
	join->stop_spaces = 0;
	if (is_letter(join->last) && is_letter(next) &&
		(join->last != NAME_CASED || next != NAME_CASED))
	{
		join->spaces = 0;
		join_write(join, NAME_DOT, MIDDLE_DOT);
		return;
	}
	join_spaces(join, join->spaces, NAME_STOP);
	join_write(join, NAME_STOP, stop);
	join->spaces = behind;
}

/* A mark on a space (NFKC of a spacing accent) is a character, no separator. */
static void
join_mark(NameJoin *join, uint32_t unit)
{
	if (join->spaces > 0)
	{
		join_spaces(join, join->spaces - 1, NAME_OTHER);
		join->spaces = 0;
		join_write(join, NAME_OTHER, ' ');
	}
	if (++join->marks > NAME_MARKS)
		return;
	if (!is_letter(join->last))
		join->last = NAME_OTHER;
	join->sink(join->to, unit);
}

void
name_join(NameJoin *join, uint32_t unit)
{
	uint32_t	star = unit & NAME_OPAQUE ? 0 : unit & NAME_STAR;
	uint32_t	plain;
	NameKind	kind = name_kind(join->form, unit & ~star, &plain);

	if (star && kind == NAME_MARK)
		kind = NAME_OTHER;
	if (kind == NAME_SPACE)
	{
		int		   *spaces = join->stop ? &join->stop_spaces : &join->spaces;

		if (*spaces < 2)
			(*spaces)++;
		return;
	}
	join_stop(join, kind);
	switch (kind)
	{
		case NAME_MARK:
			join_mark(join, unit);
			return;
		case NAME_STOP:
			join->stop = plain;
			return;
		case NAME_DOT:
			if (join->last == NAME_DOT)
			{
				join->spaces = 0;
				return;
			}
			break;
		default:
			break;
	}
	join_spaces(join, join->spaces, kind);
	join->spaces = 0;
	join_write(join, kind, plain | star);
}

void
name_join_end(NameJoin *join)
{
	join_stop(join, NAME_NONE);
	join->spaces = 0;
}

/* Folding: NFKC_Casefold, a chunk at a time. */

void
name_fold_begin(NameFold *fold, const UNormalizer2 *form,
				NameSink sink, void *to)
{
	name_join_begin(&fold->join, form, sink, to);
	fold->marks = 0;
	fold->length = 0;
	fold->failed = false;
}

/* Normalises the chunk; returns the length of fold->folded. */
static int
normalise_chunk(NameFold *fold)
{
	UErrorCode	status = U_ZERO_ERROR;
	int			length;

	length = unorm2_normalize(fold->join.form, fold->chunk, fold->length,
							  fold->folded,
							  sizeof(fold->folded) / sizeof(UChar), &status);
	fold->length = 0;
	if (U_FAILURE(status))
	{
		fold->failed = true;
		return 0;
	}
	return length;
}

static void
flush_chunk(NameFold *fold)
{
	int			length;
	int			at = 0;

	if (fold->length == 0)
		return;
	length = normalise_chunk(fold);
	while (at < length)
	{
		UChar32		c;

		U16_NEXT(fold->folded, at, length, c);
		name_join(&fold->join, c);
	}
}

/*
 * The dot above and the acute accent would become a space and a mark under
 * NFKC: they are read as what they look like before that.
 */
static uint32_t
read_accent(uint32_t unit)
{
	if (unit == 0x02D9)
		return MIDDLE_DOT;
	if (unit == 0x00B4)
		return '\'';
	return unit;
}

void
name_fold(NameFold *fold, uint32_t unit)
{
	if (name_is_ignored(unit))
		return;
	if (unit & NAME_OPAQUE)
	{
		flush_chunk(fold);
		fold->marks = 0;
		name_join(&fold->join, unit);
		return;
	}
	unit = read_accent(unit);
	if (unit >= 0x300 && !unorm2_hasBoundaryBefore(fold->join.form, unit))
	{
		if (++fold->marks > NAME_MARKS)
			return;
	}
	else
	{
		fold->marks = 0;
		if (fold->length >= NAME_CHUNK)
			flush_chunk(fold);
	}
	U16_APPEND_UNSAFE(fold->chunk, fold->length, unit);
}

void
name_fold_end(NameFold *fold)
{
	flush_chunk(fold);
	name_join_end(&fold->join);
}

int
name_fold_one(NameFold *fold, uint32_t unit)
{
	if (name_is_ignored(unit))
		return 0;
	fold->length = 0;
	U16_APPEND_UNSAFE(fold->chunk, fold->length, read_accent(unit));
	return normalise_chunk(fold);
}

/* The fast way out: names that are keys already, by their bytes. */

typedef enum ByteState
{
	AT_START,
	AFTER_WORD,					/* ASCII letter, digit, apostrophe or stop */
	AFTER_HAN,
	AFTER_SPACE,				/* a word must follow */
	AFTER_JOINT					/* a dot or hyphen: a word or Han must follow */
} ByteState;

/* Bytes of a Han character that no folding touches, or 0. */
static int
plain_han(const unsigned char *s, size_t left)
{
	if (left >= 3 && s[0] >= 0xE3 && s[0] <= 0xE9)
	{
		uint32_t	c = (uint32_t) (s[0] & 0x0F) << 12 |
			(uint32_t) (s[1] & 0x3F) << 6 | (s[2] & 0x3F);

		if ((s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80)
			return 0;
		return (c >= 0x4E00 && c <= 0x9FFF) ||
			(c >= 0x3400 && c <= 0x4DBF) ? 3 : 0;
	}
	/* planes 2 and 3 but for the compatibility ideographs, 2F800 and on */
	if (left >= 4 && s[0] == 0xF0 &&
		((s[1] >= 0xA0 && s[1] <= 0xAE) || (s[1] >= 0xB0 && s[1] <= 0xB2)) &&
		(s[2] & 0xC0) == 0x80 && (s[3] & 0xC0) == 0x80)
		return 4;
	return 0;
}

bool
name_is_key(const char *text, size_t length, bool utf8)
{
	const unsigned char *s = (const unsigned char *) text;
	ByteState	state = AT_START;
	bool		stop = false;
	bool		wide = false;
	size_t		at = 0;

	while (at < length)
	{
		unsigned char b = s[at];
		int			han;

		if ((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '\'' ||
			b == '.')
		{
			stop = stop || b == '.';
			state = AFTER_WORD;
			at++;
		}
		else if (b == ' ' && state == AFTER_WORD)
		{
			state = AFTER_SPACE;
			at++;
		}
		else if (b == '-' && (state == AFTER_WORD || state == AFTER_HAN))
		{
			state = AFTER_JOINT;
			at++;
		}
		else if (!utf8)
			return false;
		else if ((han = plain_han(s + at, length - at)) > 0 &&
				 state != AFTER_SPACE)
		{
			wide = true;
			state = AFTER_HAN;
			at += han;
		}
		else if (b == 0xC2 && length - at >= 2 && s[at + 1] == 0xB7 &&
				 (state == AFTER_WORD || state == AFTER_HAN))
		{
			state = AFTER_JOINT;
			at += 2;
		}
		else
			return false;
	}
	return state != AFTER_SPACE && state != AFTER_JOINT && !(stop && wide);
}
