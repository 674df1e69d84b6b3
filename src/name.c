/*
 * name.c
 *		Names of people and firms: the matching key, and the ways in and out of
 *		the server's encoding that masks (name_mask.c) and readings
 *		(name_pinyin.c) share.
 *
 * Every function here answers for any text that the server can hold: no name
 * is refused for its characters or its length.  Names never appear in an
 * error message.
 */
#include "postgres.h"

#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "catalog/namespace.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "credit.h"
#include "credit_compat.h"
#include "name.h"

PG_FUNCTION_INFO_V1(name_key);

/* A server character converted, and a NUL. */
#define CONVERTED_SIZE	(MAX_CONVERSION_GROWTH * MAX_MULTIBYTE_CHAR_LEN + 1)

void
name_check_icu(UErrorCode status, const char *what)
{
	if (U_FAILURE(status))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the ICU library offers no %s: %s",
						what, u_errorName(status)),
				 errhint("Install the full data of ICU %s.", U_ICU_VERSION)));
}

NameTools *
name_tools(void)
{
	NameTools  *tools = credit_state.name;
	UErrorCode	status = U_ZERO_ERROR;
	int			encoding = GetDatabaseEncoding();

	if (tools != NULL)
		return tools;
	tools = MemoryContextAllocZero(TopMemoryContext, sizeof(NameTools));
	tools->form = unorm2_getNFKCCasefoldInstance(&status);
	if (U_FAILURE(status))
		pfree(tools);
	name_check_icu(status, "normalisation data");
	tools->text = TEXT_BYTES;
	if (encoding == PG_UTF8)
		tools->text = TEXT_UTF8;
	else if (encoding != PG_SQL_ASCII)
	{
		tools->to_utf8 = FindDefaultConversionProc(encoding, PG_UTF8);
		tools->from_utf8 = FindDefaultConversionProc(PG_UTF8, encoding);
		if (OidIsValid(tools->to_utf8) && OidIsValid(tools->from_utf8))
			tools->text = TEXT_CONVERTED;
	}
	credit_state.name = tools;
	return tools;
}

/* One server character to a code point, or to its bytes as an opaque unit. */
uint32
name_unit_from_server(NameTools *tools, const char *s, int length)
{
	unsigned char utf8[CONVERTED_SIZE];
	uint32		unit = 0;
	int			i;

	if (length == 1 && !IS_HIGHBIT_SET(*s))
		return (unsigned char) *s;
	if (tools->text == TEXT_CONVERTED &&
		pg_do_encoding_conversion_buf(tools->to_utf8, GetDatabaseEncoding(),
									  PG_UTF8, (unsigned char *) s, length,
									  utf8, sizeof(utf8), true) == length &&
		utf8[0] != 0 && utf8[pg_utf_mblen(utf8)] == 0)
		return utf8_to_unicode(utf8);
	for (i = 0; i < length; i++)
		unit = unit << 8 | (unsigned char) s[i];
	return unit | NAME_OPAQUE;
}

/* A code point in the server's encoding; its length, 0 if it has none. */
static int
unit_to_server(NameTools *tools, uint32 c, unsigned char out[CONVERTED_SIZE])
{
	unsigned char utf8[MAX_MULTIBYTE_CHAR_LEN + 1] = {0};
	int			length;

	unicode_to_utf8(c, utf8);
	length = pg_utf_mblen(utf8);
	if (pg_do_encoding_conversion_buf(tools->from_utf8, PG_UTF8,
									  GetDatabaseEncoding(), utf8, length,
									  out, CONVERTED_SIZE, true) != length)
		return 0;
	return (int) strlen((char *) out);
}

/* The sink at the end of every chain: a unit in the server's encoding. */
void
name_put(void *to, uint32 unit)
{
	NameOutput *output = to;
	StringInfo	text = &output->text;
	int			shift;

	if (unit & NAME_OPAQUE)
	{
		/* only EUC_TW has 4 bytes, and its first byte has the high bit */
		bool		four = (unit >> 24) != (NAME_OPAQUE >> 24);

		for (shift = four ? 24 : 16; shift >= 0; shift -= 8)
			if (four || (unit & ~NAME_OPAQUE) >> shift)
				appendStringInfoChar(text, (char) (unit >> shift));
	}
	else if (unit & NAME_STAR)
		appendStringInfoChar(text, '*');
	else if (unit < 0x80)
		appendStringInfoChar(text, (char) unit);
	else if (output->tools->text == TEXT_UTF8)
	{
		unsigned char utf8[MAX_MULTIBYTE_CHAR_LEN + 1];

		unicode_to_utf8(unit, utf8);
		appendBinaryStringInfo(text, (char *) utf8, pg_utf_mblen(utf8));
	}
	else
	{
		unsigned char out[CONVERTED_SIZE];
		int			length = unit_to_server(output->tools, unit, out);

		/* the middle dot of encodings without U+00B7: EUC_CN's is A1A4 */
		if (length == 0)
			length = unit_to_server(output->tools, 0x30FB, out);
		if (length > 0)
			appendBinaryStringInfo(text, (char *) out, length);
		else
			appendStringInfoChar(text, '.');
	}
}

void
name_output_begin(NameOutput *output, NameTools *tools, Size expected)
{
	output->tools = tools;
	initStringInfo(&output->text);
	if (expected < MaxAllocSize / 2)
		enlargeStringInfo(&output->text, (int) expected + VARHDRSZ);
	output->text.len = VARHDRSZ;
}

text *
name_output_end(NameOutput *output)
{
	text	   *result = (text *) output->text.data;

	SET_VARSIZE(result, output->text.len);
	return result;
}

/* Does the server's encoding have all of a folded character? */
static bool
is_writable(NameTools *tools, int length)
{
	int			at = 0;

	while (at < length)
	{
		unsigned char out[CONVERTED_SIZE];
		UChar32		c;
		uint32		plain;

		U16_NEXT(tools->fold.folded, at, length, c);
		if (name_kind(tools->form, c, &plain) != NAME_DOT &&
			unit_to_server(tools, plain, out) == 0)
			return false;
	}
	return true;
}

/*
 * Encodings other than UTF-8 are folded character by character: these have no
 * combining marks to compose, and a character whose folded form the encoding
 * lacks can stay as it is.
 */
static void
fold_converted(NameTools *tools, const char *s, int length)
{
	NameFold   *fold = &tools->fold;
	int			encoding = GetDatabaseEncoding();
	int			at = 0;
	int			count = 0;

	while (at < length)
	{
		int			bytes = Min(pg_encoding_mblen(encoding, s + at),
								length - at);
		uint32		unit = name_unit_from_server(tools, s + at, bytes);
		int			n = unit & NAME_OPAQUE ? -1 : name_fold_one(fold, unit);
		int			i = 0;

		if (n < 0 || !is_writable(tools, n))
			name_join(&fold->join, unit);
		else
			while (i < n)
			{
				UChar32		c;

				U16_NEXT(fold->folded, i, n, c);
				name_join(&fold->join, c);
			}
		at += bytes;
		if (++count % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
	name_join_end(&fold->join);
}

static void
fold_utf8(NameTools *tools, const char *s, int length)
{
	NameFold   *fold = &tools->fold;
	int			at = 0;
	int			count = 0;

	while (at < length)
	{
		int			start = at;
		UChar32		c;

		U8_NEXT(s, at, length, c);
		if (c >= 0)
			name_fold(fold, c);
		else					/* bytes that no UTF8 server should hold */
			for (; start < at; start++)
				name_fold(fold, NAME_OPAQUE | (unsigned char) s[start]);
		if (++count % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
	name_fold_end(fold);
}

/* Text of an unknown encoding, of which only ASCII would be understood. */
bool
name_is_bytes(NameTools *tools, text *name)
{
	const char *s = VARDATA_ANY(name);
	int			length = VARSIZE_ANY_EXHDR(name);
	int			i;

	if (tools->text == TEXT_BYTES)
		for (i = 0; i < length; i++)
			if (IS_HIGHBIT_SET(s[i]))
				return true;
	return false;
}

/*
 * Bytes of an unknown encoding: only spaces may be touched, for in GBK the
 * second byte of a character can be an ASCII letter or a grave accent, and
 * folding it would make one person's name another's.
 */
static void
squeeze_bytes(NameSink sink, void *to, const char *s, int length)
{
	bool		space = false;
	bool		any = false;
	int			i;

	for (i = 0; i < length; i++)
	{
		unsigned char b = s[i];

		if (b == ' ' || (b >= '\t' && b <= '\r'))
			space = any;
		else
		{
			if (space)
				sink(to, ' ');
			sink(to, IS_HIGHBIT_SET(b) ? NAME_OPAQUE | b : b);
			space = false;
			any = true;
		}
		if (i % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

/* Sends the folded text, whatever the encoding, to a sink. */
void
name_fold_text(NameTools *tools, text *name, NameSink sink, void *to)
{
	const char *s = VARDATA_ANY(name);
	int			length = VARSIZE_ANY_EXHDR(name);

	if (name_is_bytes(tools, name))
	{
		squeeze_bytes(sink, to, s, length);
		return;
	}
	name_fold_begin(&tools->fold, tools->form, sink, to);
	if (tools->text == TEXT_CONVERTED)
		fold_converted(tools, s, length);
	else
		fold_utf8(tools, s, length);
	if (tools->fold.failed)
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("the ICU library failed to normalise a name")));
}

/*
 * name_key(text): the form under which spellings of one name are equal.
 */
Datum
name_key(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);
	NameTools  *tools = name_tools();
	NameOutput	output;

	if (name_is_key(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name),
					tools->text == TEXT_UTF8))
		PG_RETURN_TEXT_P(name);
	name_output_begin(&output, tools, VARSIZE_ANY_EXHDR(name));
	name_fold_text(tools, name, name_put, &output);
	PG_RETURN_TEXT_P(name_output_end(&output));
}
