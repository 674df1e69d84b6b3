/*
 * code_core.h
 *		The 8-byte packing of a credit code, and the rules that make a text one.
 *
 * Pure C: no PostgreSQL, no memory allocation, no settings, no clock.  The
 * only library behind it is ICU (NFKC of what forms hold).
 *
 * A code is an unsigned 64-bit number.  Comparing the numbers compares the
 * 18-character texts byte by byte within each region:
 *
 *	PERSONS, from 0
 *		((region * 146097 + day) * 1000 + sequence) * 11 + check
 *		region		places 1-6 as a number (0-999999)
 *		day			days since 1800-01-01 of places 7-14 (146097: to 2199-12-31)
 *		sequence	places 15-17
 *		check		place 18, stored as issued: 0-9, X = 10
 *
 *	ORGANISATIONS, from CODE_ORG_BASE = 10^6 * 146097 * 1000 * 11
 *		(slot * 10^4 + last four digits of the division) * CODE_ORG_WIDTH + rank
 *		slot		place of (registrar, category, province prefix) in the frozen
 *					table of code_table.c; CODE_ORG_SLOTS places in all
 *		rank		place of (body, place 17, place 18) in text order, where the
 *					two check characters are derived, and take no room, unless
 *					the body is all digits or begins M000: those keep all
 *					11 * 31 = 341 combinations, so that codes that were issued
 *					with a wrong check character are stored as issued.
 *		CODE_ORG_WIDTH = 31^8 + 340 * 10^8 + 340 * 31^4
 *
 *	(a gap)
 *
 *	ASSIGNED, the last 10^15 values
 *		CODE_ASSIGNED_BASE + serial, text form Z + 15 digits + 2 check digits
 *		(ISO/IEC 7064 MOD 97-10).  Z is no letter of GB 32100, so the form can
 *		never be a code of the standards.
 *
 * The numbers are an on-disk format, frozen at version 1.0.
 */
#ifndef CODE_CORE_H
#define CODE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODE_LENGTH			18	/* characters of every code */
#define CODE_TEXT_SIZE		20	/* with the irregular mark and a NUL */
#define CODE_MARK			'?'	/* behind a code that is irregular, as issued */

#define CODE_DAYS			UINT64_C(146097)	/* 1800-01-01 .. 2199-12-31 */
#define CODE_PERSON_COUNT	(UINT64_C(1000000) * CODE_DAYS * 1000 * 11)
#define CODE_ORG_BASE		CODE_PERSON_COUNT
#define CODE_ORG_WIDTH		UINT64_C(887205034581)
#define CODE_ORG_SLOTS		2078
#define CODE_ORG_END		(CODE_ORG_BASE + \
							 UINT64_C(10000) * CODE_ORG_WIDTH * CODE_ORG_SLOTS)
#define CODE_ASSIGNED_COUNT	UINT64_C(1000000000000000)
#define CODE_ASSIGNED_BASE	(UINT64_MAX - CODE_ASSIGNED_COUNT + 1)

typedef enum CodeKind
{
	CODE_CITIZEN,				/* GB 11643, first place 1-8 */
	CODE_HMT_RESIDENT,			/* residence permit: 810000, 820000, 830000 */
	CODE_PERMANENT_RESIDENT,	/* foreigners' card from 2023, first place 9 */
	CODE_ORGANISATION,			/* GB 32100 */
	CODE_ASSIGNED				/* serial given by a register */
} CodeKind;

/* What code_parse found; the order is that of credit.verdict_list(). */
typedef enum CodeVerdict
{
	CODE_VALID,
	CODE_UPGRADED,				/* a 15-digit citizen number, now 18 */
	CODE_IRREGULAR,				/* marked, and a check character is wrong */
	CODE_BAD_LENGTH,
	CODE_BAD_CHARACTER,
	CODE_BAD_DATE,
	CODE_BAD_CHECK,				/* place 18 */
	CODE_BAD_ORGANISATION_CHECK,	/* place 17 */
	CODE_BAD_REGISTRAR,			/* (place 1, place 2) is no pair of the table */
	CODE_BAD_PROVINCE			/* reported as unlisted_division */
} CodeVerdict;

#define CODE_ACCEPTED(v)	((v) <= CODE_IRREGULAR)

typedef struct CodeReport
{
	CodeVerdict verdict;
	int			position;		/* 1-based place in the folded code, 0 = whole */
	char		expected;		/* the check character that would fit, or NUL */
	const char *detail;			/* a static English sentence, or NULL */
	int			length;			/* characters after folding (bad_length) */
	bool		storable;		/* refused, but the mark would make it fit */
	char		prefix[7];		/* first 6 places if they look like a code's */
} CodeReport;

/*
 * Reads UTF-8 text of any length (not NUL-terminated).  True when it is a code
 * that the type can hold: *value is set.  *report is always filled.
 */
extern bool code_parse(const char *text, size_t length, uint64_t *value,
					   CodeReport *report);

/*
 * The text as code_parse sees it: folded, without the mark.  Writes at most
 * CODE_LENGTH + 1 characters and a NUL; returns how many characters there are,
 * or -1.
 */
extern int	code_fold(const char *text, size_t length,
					  char out[CODE_LENGTH + 2]);

/* Writes the text, with the mark if irregular; returns its length, 18 or 19. */
extern int	code_format(uint64_t value, char out[CODE_TEXT_SIZE]);

/* Is this number the value of some text?  For hostile binary input. */
extern bool code_is_value(uint64_t value);

extern bool code_is_regular(uint64_t value);
extern CodeKind code_kind(uint64_t value);

/* Birth day as days since 1800-01-01; persons only. */
extern int	code_birth_day(uint64_t value);

/* Civil calendar, 1800-01-01 .. 2199-12-31 = day 0 .. 146096. */
extern int	code_day_from_date(int year, int month, int day);	/* -1: no such day */
extern void code_date_from_day(int day, int *year, int *month, int *mday);

#endif							/* CODE_CORE_H */
