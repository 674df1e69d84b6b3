/*
 * collection_document.c
 *		The number of a document, so that its spellings are one.
 *
 * Departments write 〔2026〕, ［2026］ or [2026], wide digits or narrow, with
 * blanks or without.  A penalty that was repaired or withdrawn must not come
 * back because somebody typed its number another way.
 */
#include "postgres.h"

#include "fmgr.h"

#include "collection_document.h"
#include "credit_compat.h"
#include "name.h"

PG_FUNCTION_INFO_V1(collection_document_key);

/* Between the folding of names and the text: no blanks, one kind of bracket. */
static void
put_plain(void *to, uint32 unit)
{
	switch (unit)
	{
		case ' ':
			return;
		case '[':
		case 0x3010:			/* lenticular brackets */
		case 0x3014:			/* tortoise shell brackets */
			unit = '(';
			break;
		case ']':
		case 0x3011:
		case 0x3015:
			unit = ')';
			break;
		default:
			break;
	}
	name_put(to, unit);
}

text *
collection_document(text *document_no)
{
	NameTools  *tools = name_tools();
	NameOutput	output;

	name_output_begin(&output, tools, VARSIZE_ANY_EXHDR(document_no));
	name_fold_text(tools, document_no, put_plain, &output);
	return name_output_end(&output);
}

Datum
collection_document_key(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(collection_document(PG_GETARG_TEXT_PP(0)));
}
