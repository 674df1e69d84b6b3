/*
 * code_word.h
 *		Eight characters at a time, and the check characters of the standards.
 *
 * The bytes of a 64-bit word, first character lowest, hold the characters'
 * values ("word of values": 0-9 for digits, 10-30 for the letters of
 * GB 32100).  Weighted check sums and numbers in base 10 or 31 are then a few
 * multiplications.
 */
#ifndef CODE_WORD_H
#define CODE_WORD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The letters of GB 32100 by value, and value + 1 by letter (0: none). */
extern const char code_letters[32];
extern const uint8_t code_value1[256];

#define EVEN_BYTES	UINT64_C(0x00FF00FF00FF00FF)

static inline uint64_t
load_word(const char *p)
{
	uint64_t	w;

	memcpy(&w, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	return w;
}

static inline void
store_word(char *p, uint64_t w)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	memcpy(p, &w, 8);
}

static inline bool
word_is_digits(uint64_t w)
{
	return ((w & UINT64_C(0xF0F0F0F0F0F0F0F0)) |
			(((w + UINT64_C(0x0606060606060606)) &
			  UINT64_C(0xF0F0F0F0F0F0F0F0)) >> 4)) ==
		UINT64_C(0x3333333333333333);
}

/* High bit of each byte that is greater than n; bytes and n below 128. */
#define BYTES(n)		((n) * UINT64_C(0x0101010101010101))
#define GREATER(w, n)	(((w) + BYTES(127 - (n))) & BYTES(0x80))
#define EQUAL(w, n)		(GREATER(w, (n) - 1) ^ GREATER(w, n))

/*
 * Values over the 36 letters (A = 10 .. Z = 35) of eight digits and capitals,
 * from the characters themselves: a letter's low five bits count from A = 1.
 */
static inline uint64_t
word_of_values36(uint64_t characters)
{
	uint64_t	letter = (characters >> 6) & BYTES(1);

	return (characters & BYTES(0x0F)) + (characters & (letter << 4)) +
		letter * 9;
}

/*
 * The values of eight characters; false if one is not of the 31 letters.  From
 * the values over the 36 letters those of I, O, S, V (18, 24, 28, 31) and Z are
 * taken out, and what is above each moves down.
 */
static inline bool
word_of_values(const char *p, uint64_t *word)
{
	uint64_t	c = load_word(p);
	uint64_t	v;

	if (word_is_digits(c))
	{
		*word = c - BYTES('0');
		return true;
	}
	if ((c & BYTES(0x80)) != 0 ||
		((GREATER(c, '0' - 1) & ~GREATER(c, '9')) |
		 (GREATER(c, 'A' - 1) & ~GREATER(c, 'Y'))) != BYTES(0x80))
		return false;
	v = word_of_values36(c);
	if ((EQUAL(v, 18) | EQUAL(v, 24) | EQUAL(v, 28) | EQUAL(v, 31)) != 0)
		return false;
	*word = v - (GREATER(v, 18) >> 7) - (GREATER(v, 24) >> 7) -
		(GREATER(v, 28) >> 7) - (GREATER(v, 31) >> 7);
	return true;
}

/* The way back, for values below 31: over the 36 letters, and as characters. */
static inline uint64_t
values36_of_word(uint64_t v)
{
	return v + (GREATER(v, 17) >> 7) + (GREATER(v, 22) >> 7) +
		(GREATER(v, 25) >> 7) + (GREATER(v, 27) >> 7);
}

static inline uint64_t
characters_of_values36(uint64_t v36)
{
	return v36 + BYTES('0') + (GREATER(v36, 9) >> 7) * ('A' - '9' - 1);
}

/*
 * Sum of the eight values times their weights.  The even and the odd
 * characters are four 16-bit lanes each; the weights stand in reverse, so the
 * sum of products arrives in the top lane (and no lane overflows).
 */
#define LANES(a, b, c, d) \
	((uint64_t) (a) << 48 | (uint64_t) (b) << 32 | (uint64_t) (c) << 16 | (d))
#define WEIGH(w, w1, w2, w3, w4, w5, w6, w7, w8) \
	((unsigned) ((((w) & EVEN_BYTES) * LANES(w1, w3, w5, w7)) >> 48) + \
	 (unsigned) (((((w) >> 8) & EVEN_BYTES) * LANES(w2, w4, w6, w8)) >> 48))

/* The number that eight values form in a base. */
static inline uint64_t
word_number(uint64_t w, uint64_t base)
{
	w = (w & EVEN_BYTES) * base + ((w >> 8) & EVEN_BYTES);
	w = (w & UINT64_C(0x0000FFFF0000FFFF)) * (base * base) +
		((w >> 16) & UINT64_C(0x0000FFFF0000FFFF));
	return (w & 0xFFFFFFFF) * (base * base * base * base) + (w >> 32);
}

/*
 * The three check characters.  Each sum with the check's own value is a
 * constant modulo 11 or 31, which is one multiplication to test; what the
 * check should be is asked for only when it fails.
 *
 * GB 11643-1999: ISO 7064 MOD 11-2 over 17 digits; 10 stands for X.
 */
static inline unsigned
citizen_sum(uint64_t w1, uint64_t w2, unsigned v17)
{
	return WEIGH(w1, 7, 9, 10, 5, 8, 4, 2, 1) +
		WEIGH(w2, 6, 3, 7, 9, 10, 5, 8, 4) + 2 * v17;
}

static inline bool
citizen_holds(unsigned sum, unsigned check)
{
	return (sum + check + 10) % 11 == 0;
}

static inline unsigned
citizen_check(unsigned sum)
{
	return (12 - sum % 11) % 11;
}

/* GB 32100-2015: MOD 31 over 17 values, weights 3^(i-1) mod 31. */
static inline unsigned
organisation_sum(uint64_t w1, uint64_t w2, unsigned v17)
{
	return WEIGH(w1, 1, 3, 9, 27, 19, 26, 16, 17) +
		WEIGH(w2, 20, 29, 25, 13, 8, 24, 10, 30) + 28 * v17;
}

static inline bool
organisation_holds(unsigned sum, unsigned check)
{
	return (sum + check) % 31 == 0;
}

static inline unsigned
organisation_check(unsigned sum)
{
	return (31 - sum % 31) % 31;
}

/*
 * GB 11714-1997: MOD 11 over the eight body characters as values of the 36
 * letters of that standard (A = 10 .. Z = 35); 10 stands for X.
 */
static inline unsigned
body_sum(uint64_t w36)
{
	return WEIGH(w36, 3, 7, 9, 10, 5, 8, 4, 2);
}

static inline bool
body_holds(unsigned sum, unsigned check)
{
	return (sum + check) % 11 == 0;
}

static inline unsigned
body_check(unsigned sum)
{
	return (11 - sum % 11) % 11;
}

/* Place 17 of an organisation: 0-9 or X, or -1. */
static inline int
check17_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c == 'X' ? 10 : -1;
}

/* ------------------------------------------------------------------------
 * Ranks of the organisations' region
 * ------------------------------------------------------------------------
 */

#define POW31_4		UINT64_C(923521)

/* Rank of M0000000, and the first rank behind M000YYYY. */
#define M000_BODY	(UINT64_C(21) * 27512614111)	/* M = 21, 31^7 */
#define M000_BASE	(M000_BODY + 340 * UINT64_C(100000000))
#define M000_END	(M000_BASE + 341 * POW31_4)

#endif							/* CODE_WORD_H */
