/*
 * collection_document.c
 *		The number of a document, so that its spellings are one.
 *
 * Departments write 〔2026〕, ［2026］ or [2026], wide digits or narrow, with
 * blanks or without, 第118号, 118号 or 0118.  A penalty that was repaired or withdrawn must not come
 * back because somebody typed its number another way.
 */
#include "postgres.h"

#include <ctype.h>

#include <unicode/uchar.h>

#include "fmgr.h"
#include "mb/pg_wchar.h"

#include "collection_document.h"
#include "credit_compat.h"
#include "name.h"

PG_FUNCTION_INFO_V1(collection_document_key);
PG_FUNCTION_INFO_V1(collection_is_document);

/* What of a number was met: what stands between digits matters, nothing else does. */
typedef struct DocumentFold
{
	NameOutput	output;
	bool		after_digit;	/* the last thing put was a digit */
	bool		parted;			/* signs came after it */
	bool		zero;			/* zeros that may lead a number, not put yet */
} DocumentFold;

/* Words that one office writes and the next leaves out. */
static bool
is_filler(uint32 unit)
{
	switch (unit)
	{
		case 0x5B57:			/* 字 */
		case 0x5E74:			/* 年 */
		case 0x7B2C:			/* 第 */
		case 0x53F7:			/* 号 */
		case 0x865F:			/* 號 */
			return true;
		default:
			return false;
	}
}

static void
end_zero(DocumentFold *fold)
{
	if (fold->zero)
		name_put(&fold->output, '0');
	fold->after_digit |= fold->zero;
	fold->zero = false;
}

/*
 * Between the folding of names and the text: letters and numbers without blanks,
 * marks, signs, fillers and leading zeros.  Signs between two digits are one
 * hyphen: 2026-118 is not 2026118.
 */
static void
put_plain(void *to, uint32 unit)
{
	DocumentFold *fold = to;
	int8_t		type = u_charType(unit);

	if (unit == ' ' || type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK)
		return;
	if (is_filler(unit) || !u_isalnum(unit))
	{
		end_zero(fold);
		fold->parted = true;
		return;
	}
	if (!u_isdigit(unit))
	{
		end_zero(fold);
		name_put(&fold->output, unit);
		fold->after_digit = fold->parted = false;
		return;
	}
	if (fold->after_digit && fold->parted)
		name_put(&fold->output, '-');
	if (fold->parted)
		fold->after_digit = false;
	fold->parted = false;
	if (unit == '0' && !fold->after_digit)
	{
		fold->zero = true;
		return;
	}
	fold->zero = false;
	name_put(&fold->output, unit);
	fold->after_digit = true;
}

text *
collection_document(text *document_no)
{
	NameTools  *tools = name_tools();
	DocumentFold fold = {0};

	name_output_begin(&fold.output, tools, VARSIZE_ANY_EXHDR(document_no));
	name_fold_text(tools, document_no, put_plain, &fold);
	end_zero(&fold);
	return name_output_end(&fold.output);
}

Datum
collection_document_key(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(collection_document(PG_GETARG_TEXT_PP(0)));
}

/*
 * Does it surely have a key?  Nearly all begin with a letter or digit of ASCII, or
 * with a character that folding leaves alone (of Unicode 1.1, so any ICU knows it).
 */
static bool
begins_plainly(const unsigned char *s, int length)
{
	uint32		unit;

	if (length > 0 && s[0] < 0x80)
		return isalnum(s[0]);
	if (length < 3 || (s[0] & 0xF0) != 0xE0 || GetDatabaseEncoding() != PG_UTF8)
		return false;
	unit = utf8_to_unicode(s);
	return unit >= 0x4E00 && unit <= 0x9FA5 && !is_filler(unit);
}

/* is_document(text) → bool: is document_key() not empty?  Without making it, most times. */
Datum
collection_is_document(PG_FUNCTION_ARGS)
{
	text	   *no = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(begins_plainly((const unsigned char *) VARDATA_ANY(no), VARSIZE_ANY_EXHDR(no)) ||
				   VARSIZE_ANY_EXHDR(collection_document(no)) > 0);
}
