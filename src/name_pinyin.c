/*
 * name_pinyin.c
 *		Readings of names for search: credit.pinyin and its initials.
 *
 * The folded name is cut into runs of Han and of other letters; ICU reads
 * each run.  What has no reading (a rare character, another script) stays as
 * it is, so that no name has an empty reading.
 */
#include "postgres.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/uversion.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "credit_compat.h"
#include "name.h"

PG_FUNCTION_INFO_V1(name_pinyin);
PG_FUNCTION_INFO_V1(name_pinyin_initials);
PG_FUNCTION_INFO_V1(name_pinyin_version);

#define RUN_LENGTH		64		/* UTF-16 units read at a time */
#define RULES_LENGTH	128
#define READING_LENGTH	(RUN_LENGTH * 16)

/*
 * "Names" has the readings of surnames at the start of a run.  Tones go, and
 * u with diaeresis becomes the v of Chinese keyboards.
 */
static const char han_rules[] =
"::Han-Latin/Names; ::NFD; u\\u0308 > v; ::[:Mn:] Remove; ::Lower;";
static const char latin_rules[] = "::Latin-ASCII; ::Lower;";

StaticAssertDecl(sizeof(han_rules) <= RULES_LENGTH, "rules fit their buffer");

typedef enum RunKind
{
	RUN_NONE,
	RUN_HAN,
	RUN_WORD					/* letters, digits and marks that are not Han */
} RunKind;

/* Takes the folded name unit by unit, and writes its reading. */
typedef struct Reader
{
	NameOutput	output;
	bool		initials;		/* only the first of a syllable or word */
	bool		in_word;		/* has the present word written anything? */
	RunKind		kind;			/* of the run held back */
	int			length;
	int			units;			/* seen, for interrupts */
	UChar		run[READING_LENGTH];
} Reader;

/* Opened once per backend: for Han this takes about 90 ms. */
static UTransliterator *
open_rules(const char *id, const char *rules)
{
	UChar		id16[32];
	UChar		rules16[RULES_LENGTH];
	UParseError where;
	UErrorCode	status = U_ZERO_ERROR;
	UTransliterator *made;

	u_uastrcpy(id16, id);
	u_uastrcpy(rules16, rules);
	made = utrans_openU(id16, -1, UTRANS_FORWARD, rules16, -1, &where,
						&status);
	name_check_icu(status, "Han-Latin/Names transliteration");
	return made;
}

static void
transliterate(Reader *reader, UTransliterator *rules)
{
	UErrorCode	status = U_ZERO_ERROR;
	int32_t		limit = reader->length;

	utrans_transUChars(rules, reader->run, &reader->length, READING_LENGTH,
					   0, &limit, &status);
	name_check_icu(status, "reading of a run of characters");
}

/* Writes one character of a reading; first of its syllable or word? */
static void
write_reading(Reader *reader, uint32 unit, bool first)
{
	if (first || !reader->initials)
		name_put(&reader->output, unit);
}

static bool
is_han(uint32 unit)
{
	UErrorCode	status = U_ZERO_ERROR;

	return (unit >= 0x4E00 && unit <= 0x9FFF) ||
		uscript_getScript(unit, &status) == USCRIPT_HAN;
}

/*
 * The reading of a Han run: syllables in ASCII between spaces, and characters
 * without a reading, each a syllable by itself.
 */
static void
read_han(Reader *reader)
{
	NameTools  *tools = reader->output.tools;
	bool		first = true;
	int			at = 0;

	if (tools->han == NULL)
		tools->han = open_rules("credit-han", han_rules);
	transliterate(reader, tools->han);
	while (at < reader->length)
	{
		UChar32		c;

		U16_NEXT(reader->run, at, reader->length, c);
		if (c == ' ')
			first = true;
		else if (c >= 0x80)
		{
			write_reading(reader, c, true);
			first = true;
		}
		else
		{
			write_reading(reader, c, first);
			first = false;
		}
	}
	reader->in_word = false;
}

static void
read_word(Reader *reader)
{
	NameTools  *tools = reader->output.tools;
	int			at = 0;

	for (at = 0; at < reader->length; at++)
		if (reader->run[at] >= 0x80)
			break;
	if (at < reader->length)
	{
		if (tools->latin == NULL)
			tools->latin = open_rules("credit-latin", latin_rules);
		transliterate(reader, tools->latin);
	}
	for (at = 0; at < reader->length;)
	{
		UChar32		c;

		U16_NEXT(reader->run, at, reader->length, c);
		if (c < 0x80 && !u_isalnum(c))
			continue;
		write_reading(reader, c, !reader->in_word);
		reader->in_word = true;
	}
}

static void
read_run(Reader *reader)
{
	if (reader->kind == RUN_HAN)
		read_han(reader);
	else if (reader->kind == RUN_WORD)
		read_word(reader);
	reader->kind = RUN_NONE;
	reader->length = 0;
}

/* The sink behind name_fold. */
static void
take_unit(void *to, uint32 unit)
{
	Reader	   *reader = to;
	RunKind		kind;
	bool		joins;

	if (++reader->units % INTERRUPT_EVERY == 0)
		CHECK_FOR_INTERRUPTS();
	if (unit & NAME_OPAQUE)
	{
		read_run(reader);
		write_reading(reader, unit, true);
		reader->in_word = false;
		return;
	}
	if (unit == '\'')
		return;
	joins = U_GET_GC_MASK(unit) & U_GC_M_MASK;
	if (is_han(unit))
		kind = RUN_HAN;
	else if (joins || u_isalnum(unit) || unit >= 0xE000)
		kind = RUN_WORD;
	else
		kind = RUN_NONE;
	if (kind != reader->kind || (reader->length >= RUN_LENGTH && !joins) ||
		reader->length >= RUN_LENGTH + 2 * NAME_MARKS)
		read_run(reader);
	if (kind == RUN_NONE)
		reader->in_word = false;
	else
		U16_APPEND_UNSAFE(reader->run, reader->length, unit);
	reader->kind = kind;
}

static Datum
read_name(text *name, bool initials)
{
	Reader	   *reader = palloc(sizeof(Reader));
	NameTools  *tools = name_tools();

	name_output_begin(&reader->output, tools, VARSIZE_ANY_EXHDR(name));
	if (name_is_bytes(tools, name))
	{
		/* characters cannot be told apart: the key has to do */
		name_fold_text(tools, name, name_put, &reader->output);
		PG_RETURN_TEXT_P(name_output_end(&reader->output));
	}
	reader->initials = initials;
	reader->in_word = false;
	reader->kind = RUN_NONE;
	reader->length = 0;
	reader->units = 0;
	name_fold_text(tools, name, take_unit, reader);
	read_run(reader);
	PG_RETURN_TEXT_P(name_output_end(&reader->output));
}

/*
 * pinyin(text): letters and digits only, in lower case, without tones.
 */
Datum
name_pinyin(PG_FUNCTION_ARGS)
{
	return read_name(PG_GETARG_TEXT_PP(0), false);
}

/*
 * pinyin_initials(text): the first letter of each syllable and each word.
 */
Datum
name_pinyin_initials(PG_FUNCTION_ARGS)
{
	return read_name(PG_GETARG_TEXT_PP(0), true);
}

/*
 * pinyin_version(): the library whose data decide keys and readings; the one
 * in use, not the one of the build.
 */
Datum
name_pinyin_version(PG_FUNCTION_ARGS)
{
	UVersionInfo icu;
	UVersionInfo unicode;
	char		icu_text[U_MAX_VERSION_STRING_LENGTH];
	char		unicode_text[U_MAX_VERSION_STRING_LENGTH];

	u_getVersion(icu);
	u_getUnicodeVersion(unicode);
	u_versionToString(icu, icu_text);
	u_versionToString(unicode, unicode_text);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("ICU %s, Unicode %s",
											  icu_text, unicode_text)));
}
