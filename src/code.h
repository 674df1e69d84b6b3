/*
 * code.h
 *		The type credit.code for the other rooms: Datum, arguments, results.
 */
#ifndef CODE_H
#define CODE_H

#include "postgres.h"
#include "fmgr.h"

#include "code_core.h"

typedef uint64 CreditCode;

/* By value, as bigint; a 32-bit build would have to store it by reference. */
StaticAssertDecl(SIZEOF_DATUM == 8, "credit.code needs 64-bit Datums");

#define DatumGetCode(d)		DatumGetUInt64(d)
#define CodeGetDatum(c)		UInt64GetDatum(c)
#define PG_GETARG_CODE(n)	DatumGetCode(PG_GETARG_DATUM(n))
#define PG_RETURN_CODE(c)	return CodeGetDatum(c)

/* code_parse() of text in the server's encoding. */
extern bool code_parse_server(const char *text, size_t length,
							  CreditCode *value, CodeReport *report);

/* code_fold() of text in the server's encoding. */
extern int	code_fold_server(const char *text, size_t length,
							 char out[CODE_LENGTH + 2]);

#endif							/* CODE_H */
