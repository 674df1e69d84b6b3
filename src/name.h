/*
 * name.h
 *		What the files of the room `name` share; private to them.
 */
#ifndef NAME_H
#define NAME_H

#include "postgres.h"

#include <unicode/ubrk.h>
#include <unicode/utrans.h>

#include "lib/stringinfo.h"

#include "name_core.h"

/* Characters between two looks at interrupts. */
#define INTERRUPT_EVERY	4096

/* How the server's bytes become characters; fixed for a database. */
typedef enum NameText
{
	TEXT_UTF8,
	TEXT_CONVERTED,				/* through the server's conversions */
	TEXT_BYTES					/* SQL_ASCII and encodings without conversion */
} NameText;

/* The ICU objects of this backend, each opened at its first use. */
typedef struct NameTools
{
	NameText	text;
	Oid			to_utf8;		/* conversions, for TEXT_CONVERTED */
	Oid			from_utf8;
	const UNormalizer2 *form;
	UTransliterator *han;
	UTransliterator *latin;
	UBreakIterator *graphemes;
	NameFold	fold;			/* one call's work space: nothing re-enters */
} NameTools;

/* Where a result grows: a varlena under construction. */
typedef struct NameOutput
{
	NameTools  *tools;
	StringInfoData text;
} NameOutput;

extern NameTools *name_tools(void);
extern void name_check_icu(UErrorCode status, const char *what);

/* One server character as a unit: a code point, or its bytes. */
extern uint32 name_unit_from_server(NameTools *tools, const char *s,
									int length);

/* The sink at the end of every chain (to is a NameOutput). */
extern void name_put(void *to, uint32 unit);
extern void name_output_begin(NameOutput *output, NameTools *tools,
							  Size expected);
extern text *name_output_end(NameOutput *output);

/* Is it text of an unknown encoding, beyond ASCII? */
extern bool name_is_bytes(NameTools *tools, text *name);

/* Sends the folded text, whatever the encoding, to a sink. */
extern void name_fold_text(NameTools *tools, text *name, NameSink sink,
						   void *to);

#endif							/* NAME_H */
