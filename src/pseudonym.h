/*
 * pseudonym.h
 *		The type credit.pseudonym: an unsigned 64-bit number, by value.
 *
 * Any number is a pseudonym: FF1 permutes all of them.  Text form: P, the
 * number as 13 digits of base 32 (Crockford: no I, L, O, U), and two more of
 * the number modulo 1021.  1021 is prime and no neighbour of a power of 32, so
 * one wrong character, or two neighbours of the 13 swapped, are always found.
 * 16 characters are no length of a code or of any number on a form.
 */
#ifndef PSEUDONYM_H
#define PSEUDONYM_H

#include "postgres.h"
#include "fmgr.h"

typedef uint64 CreditPseudonym;

StaticAssertDecl(SIZEOF_DATUM == 8, "credit.pseudonym needs 64-bit Datums");

#define PSEUDONYM_DIGITS	13
#define PSEUDONYM_LENGTH	16
#define PSEUDONYM_MODULUS	1021

#define DatumGetPseudonym(d)		DatumGetUInt64(d)
#define PseudonymGetDatum(p)		UInt64GetDatum(p)
#define PG_GETARG_PSEUDONYM(n)		DatumGetPseudonym(PG_GETARG_DATUM(n))
#define PG_RETURN_PSEUDONYM(p)		return PseudonymGetDatum(p)

#endif							/* PSEUDONYM_H */
