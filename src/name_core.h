/*
 * name_core.h
 *		Folding of personal and business names for matching.
 *
 * Pure C over ICU's normaliser: no PostgreSQL, no memory allocation, no
 * settings.  Text goes through as a stream of units, so that its length is
 * bounded by nothing here:
 *
 *	name_fold	(drop controls, NFKC_Casefold in chunks)  ->
 *	name_join	(dots, spaces, hyphens, apostrophes)      ->  the caller's sink
 *
 * A unit is a code point, or with NAME_OPAQUE the bytes of a character that
 * has no code point (Unicode lacks it, or the bytes are in no known encoding),
 * or with NAME_STAR a code point that is to be printed as an asterisk.
 */
#ifndef NAME_CORE_H
#define NAME_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <unicode/unorm2.h>

#define NAME_OPAQUE		UINT32_C(0x80000000)
#define NAME_STAR		UINT32_C(0x40000000)

/* Marks on one letter that count; UAX #15, Stream-Safe Text Format. */
#define NAME_MARKS		30

/* Units of UTF-16 normalised at a time, and how far NFKC can stretch one. */
#define NAME_CHUNK		512
#define NAME_STRETCH	18

typedef enum NameKind
{
	NAME_NONE,					/* nothing yet: before the text */
	NAME_SPACE,
	NAME_DOT,					/* a middle dot, wherever it stands */
	NAME_STOP,					/* a middle dot between letters without case */
	NAME_HYPHEN,
	NAME_APOSTROPHE,
	NAME_HAN,					/* Han, kana, hangul: written without spaces */
	NAME_CASELESS,				/* a letter of another script without case */
	NAME_CASED,					/* Latin, Cyrillic, Greek ... */
	NAME_MARK,					/* belongs to the character before it */
	NAME_OTHER
} NameKind;

typedef void (*NameSink) (void *to, uint32_t unit);

typedef struct NameJoin
{
	NameSink	sink;
	void	   *to;
	const UNormalizer2 *form;
	NameKind	last;			/* of what was written last, marks aside */
	int			marks;			/* written since the last base */
	int			spaces;			/* held back: 0, 1, or 2 for more */
	uint32_t	stop;			/* a stop held back, or 0 */
	int			stop_spaces;	/* spaces behind that stop */
} NameJoin;

typedef struct NameFold
{
	NameJoin	join;
	int			marks;
	int			length;			/* of chunk */
	bool		failed;			/* ICU refused; cannot happen with sane data */
	UChar		chunk[NAME_CHUNK + 2 * NAME_MARKS + 2];
	UChar		folded[(NAME_CHUNK + 2 * NAME_MARKS + 2) * NAME_STRETCH];
} NameFold;

/* What a unit is; *plain becomes the unit that stands for all its variants. */
extern NameKind name_kind(const UNormalizer2 *form, uint32_t unit,
						  uint32_t *plain);

/* Is it a character that is not seen and never counts in a name? */
extern bool name_is_ignored(uint32_t unit);

/* form is unorm2_getNFKCCasefoldInstance(). */
extern void name_join_begin(NameJoin *join, const UNormalizer2 *form,
							NameSink sink, void *to);
extern void name_join(NameJoin *join, uint32_t unit);
extern void name_join_end(NameJoin *join);

extern void name_fold_begin(NameFold *fold, const UNormalizer2 *form,
							NameSink sink, void *to);
extern void name_fold(NameFold *fold, uint32_t unit);
extern void name_fold_end(NameFold *fold);

/*
 * One character by itself, for encodings other than UTF-8: fills fold->folded
 * and returns its length in UTF-16.
 */
extern int	name_fold_one(NameFold *fold, uint32_t unit);

/* Would folding surely leave this as it is?  utf8 false: only ASCII can. */
extern bool name_is_key(const char *text, size_t length, bool utf8);

#endif							/* NAME_CORE_H */
