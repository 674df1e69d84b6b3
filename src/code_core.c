/*
 * code_core.c
 *		Packing: 18 characters to 8 bytes and back; see code_core.h for the layout.
 *
 * Eight characters are handled at a time as the bytes of one 64-bit word, first
 * character lowest ("words of values": each byte is the character's value, 0-9
 * for digits, 10-30 for the letters of GB 32100).  Weighted check sums and
 * numbers in base 10 or 31 are then a few multiplications.
 */
#include "code_core.h"

#include <string.h>

#include "code_pack.h"
#include "code_table.h"

static_assert(CODE_PERSON_COUNT == UINT64_C(1607067000000000),
			  "the persons' region is part of the on-disk format");
static_assert(CODE_ORG_WIDTH ==
			  UINT64_C(852891037441) + 340 * UINT64_C(100000000) +
			  340 * UINT64_C(923521),
			  "31^8, and 340 more for all-digit and M000 bodies");
static_assert(CODE_ORG_END <= CODE_ASSIGNED_BASE,
			  "organisations must end below the assigned serials");

#define POW31_4		UINT64_C(923521)

/* Rank of M0000000, and the first rank behind M000YYYY. */
#define M000_BODY	(UINT64_C(21) * 27512614111)	/* M = 21, 31^7 */
#define M000_BASE	(M000_BODY + 340 * UINT64_C(100000000))
#define M000_END	(M000_BASE + 341 * POW31_4)

const char code_letters[32] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/* Value + 1 of the 31 letters of GB 32100; 0 for every other byte. */
const uint8_t code_value1[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5,
	['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
	['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20, ['L'] = 21, ['M'] = 22,
	['N'] = 23, ['P'] = 24, ['Q'] = 25, ['R'] = 26, ['T'] = 27, ['U'] = 28,
	['W'] = 29, ['X'] = 30, ['Y'] = 31
};

static const char digit_pairs[] =
	"00010203040506070809" "10111213141516171819" "20212223242526272829"
	"30313233343536373839" "40414243444546474849" "50515253545556575859"
	"60616263646566676869" "70717273747576777879" "80818283848586878889"
	"90919293949596979899";

#define ZEROS		UINT64_C(0x3030303030303030)
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

static inline bool
word_is_digits(uint64_t w)
{
	return ((w & UINT64_C(0xF0F0F0F0F0F0F0F0)) |
			(((w + UINT64_C(0x0606060606060606)) &
			  UINT64_C(0xF0F0F0F0F0F0F0F0)) >> 4)) ==
		UINT64_C(0x3333333333333333);
}

/* The values of eight characters; false if one is not of the 31 letters. */
static inline bool
word_of_values(const char *p, uint64_t *word)
{
	uint64_t	w = load_word(p);

	if (word_is_digits(w))
	{
		*word = w - ZEROS;
		return true;
	}
	w = 0;
	for (int i = 0; i < 8; i++)
	{
		uint8_t		v = code_value1[(unsigned char) p[i]];

		if (v == 0)
			return false;
		w |= (uint64_t) (v - 1) << (8 * i);
	}
	*word = w;
	return true;
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

/* GB 11643-1999: ISO 7064 MOD 11-2 over 17 digits; what the check must be. */
static inline unsigned
citizen_check(uint64_t w1, uint64_t w2, unsigned v17)
{
	unsigned	sum = WEIGH(w1, 7, 9, 10, 5, 8, 4, 2, 1) +
		WEIGH(w2, 6, 3, 7, 9, 10, 5, 8, 4) + 2 * v17;

	return (12 - sum % 11) % 11;
}

/* GB 32100-2015: MOD 31 over 17 values, weights 3^(i-1) mod 31. */
static inline unsigned
organisation_check(uint64_t w1, uint64_t w2, unsigned v17)
{
	unsigned	sum = WEIGH(w1, 1, 3, 9, 27, 19, 26, 16, 17) +
		WEIGH(w2, 20, 29, 25, 13, 8, 24, 10, 30) + 28 * v17;

	return (31 - sum % 31) % 31;
}

/*
 * GB 11714-1997: MOD 11 over the eight body characters; 10 stands for X.  The
 * values here are the 36 of that standard (A = 10 .. Z = 35).
 */
static inline unsigned
body_check(uint64_t w36)
{
	return (11 - WEIGH(w36, 3, 7, 9, 10, 5, 8, 4, 2) % 11) % 11;
}

/* From values over the 31 letters to values over the 36. */
static uint64_t
word_to_36(uint64_t w)
{
	uint64_t	result = 0;

	for (int i = 0; i < 64; i += 8)
	{
		unsigned	v = (w >> i) & 0xFF;

		if (v > 9)
			v = code_letters[v] - 'A' + 10;
		result |= (uint64_t) v << i;
	}
	return result;
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
 * The calendar of the persons' region
 * ------------------------------------------------------------------------
 */

static inline bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days of the years 1800 .. 1800 + y - 1. */
static inline int
days_before_year(int y)
{
	return 365 * y + (y + 3) / 4 - (y + 99) / 100 + (y + 199) / 400;
}

static const uint16_t days_before_month[2][13] = {
	{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
	{0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366}
};

int
code_day_from_date(int year, int month, int day)
{
	const uint16_t *before;

	if (year < 1800 || year > 2199 || month < 1 || month > 12 || day < 1)
		return -1;
	before = days_before_month[is_leap(year)];
	if (day > before[month] - before[month - 1])
		return -1;
	return days_before_year(year - 1800) + before[month - 1] + day - 1;
}

void
code_date_from_day(int day, int *year, int *month, int *mday)
{
	int			y = day * 400 / (int) CODE_DAYS;
	const uint16_t *before;
	int			m;

	if (day >= days_before_year(y + 1))
		y++;
	else if (day < days_before_year(y))
		y--;
	day -= days_before_year(y);
	before = days_before_month[is_leap(1800 + y)];
	m = day / 32;				/* never too large, at most one too small */
	if (day >= before[m + 1])
		m++;
	*year = 1800 + y;
	*month = m + 1;
	*mday = day - before[m] + 1;
}

/* ------------------------------------------------------------------------
 * From text
 * ------------------------------------------------------------------------
 */

/*
 * Persons: 17 digits, a real date at places 7-14, a first place that fits.
 * The check character is stored as it stands; fit->check18 tells what it
 * should be.
 */
void
code_pack_person(const char *s, CodePacked *fit)
{
	uint64_t	w1 = load_word(s);
	uint64_t	w2 = load_word(s + 8);
	unsigned	v17 = (unsigned char) s[16] - '0';
	unsigned	n1,
				n2;
	int			check = check17_value(s[17]);

	fit->structure = false;
	fit->day = -1;
	if (!word_is_digits(w1) || !word_is_digits(w2) || v17 > 9)
		return;
	w1 -= ZEROS;
	w2 -= ZEROS;
	n1 = word_number(w1, 10);
	n2 = word_number(w2, 10);
	fit->day = code_day_from_date(n1 % 100 * 100 + n2 / 1000000,
								  n2 / 10000 % 100, n2 / 100 % 100);
	fit->check18 = citizen_check(w1, w2, v17);
	fit->regular = check == (int) fit->check18;
	if (fit->day < 0 || check < 0)
		return;
	fit->structure = true;
	fit->value = (((uint64_t) (n1 / 100) * CODE_DAYS + fit->day) * 1000 +
				  n2 % 100 * 10 + v17) * 11 + check;
}

/*
 * Rank of a body with its check characters among all of them in text order:
 * its number in base 31, and 340 places more for every smaller body whose
 * check characters are stored.
 */
static bool
rank_body(uint64_t body, unsigned stored, uint64_t *rank)
{
	uint64_t	r = word_number(body, 31);
	uint64_t	digits = 0;
	uint64_t	power = 100000000;

	if (r >= M000_BODY)
	{
		if (r < M000_BODY + POW31_4)
		{
			*rank = M000_BASE + 341 * (r - M000_BODY) + stored;
			return true;
		}
		*rank = r + 340 * UINT64_C(100000000) + 340 * POW31_4;
		return false;
	}
	for (int i = 0; i < 64; i += 8)
	{
		unsigned	v = (body >> i) & 0xFF;

		if (v > 9)
		{
			/* every all-digit body with this prefix of digits is smaller */
			*rank = r + 340 * (digits + power);
			return false;
		}
		power /= 10;
		digits += v * power;
	}
	*rank = r + 340 * digits + stored;
	return true;
}

/*
 * Organisations.  Sets what the check characters should be and whether the
 * code can be packed as it stands; a fault before that is fit->fault.
 */
void
code_pack_organisation(const char *s, CodePacked *fit)
{
	uint64_t	w1,
				w2,
				rank;
	unsigned	n1,
				prefix;
	int			pair,
				place,
				v17 = check17_value(s[16]);
	unsigned	v18 = code_value1[(unsigned char) s[17]];
	bool		digits = word_is_digits(load_word(s + 8));

	fit->structure = fit->regular = false;
	fit->fault = CODE_FAULT_CHARACTER;
	if (!word_of_values(s, &w1) || !word_of_values(s + 8, &w2) || v18-- == 0 ||
		code_value1[(unsigned char) s[16]] == 0)
		return;
	if (!word_is_digits(load_word(s)))
	{
		for (int i = 2; i < 8; i++)
			if (s[i] > '9')
				return;
		if (s[1] > '9')
		{
			fit->fault = CODE_FAULT_REGISTRAR;
			return;
		}
	}

	n1 = word_number(w1, 10);
	pair = code_table.pair_of_index[n1 / 1000000];
	fit->fault = CODE_FAULT_REGISTRAR;
	if (pair < 0 || !code_table.pair[pair].open)
		return;
	prefix = n1 / 10000 % 100;
	place = code_table.pair[pair].wide ? (int) prefix :
		code_table.rank_of_prefix[prefix];
	fit->fault = CODE_FAULT_PROVINCE;
	if (place < 0)
		return;

	fit->fault = CODE_FAULT_NONE;
	fit->check17 = body_check(digits ? w2 : word_to_36(w2));
	fit->check18 = organisation_check(w1, w2, code_value1[(unsigned char) s[16]] - 1);
	fit->check17_holds = v17 == (int) fit->check17;
	fit->check18_holds = v18 == fit->check18;
	fit->regular = fit->check17_holds && fit->check18_holds;
	fit->structure = rank_body(w2, v17 * 31 + v18, &rank) ? v17 >= 0 :
		fit->regular;
	fit->value = CODE_ORG_BASE +
		((uint64_t) (code_table.pair[pair].base + place) * 10000 +
		 n1 % 10000) * CODE_ORG_WIDTH + rank;
}

/* Z, 15 digits, two check digits (ISO/IEC 7064 MOD 97-10). */
void
code_pack_assigned(const char *s, CodePacked *fit)
{
	uint64_t	serial = 0;

	fit->structure = fit->regular = false;
	for (int i = 1; i < CODE_LENGTH; i++)
	{
		if (s[i] < '0' || s[i] > '9')
			return;
		serial = serial * 10 + (s[i] - '0');
	}
	if (serial % 97 != 1 || serial % 100 < 2 || serial % 100 > 98)
		return;
	fit->structure = fit->regular = true;
	fit->value = CODE_ASSIGNED_BASE + serial / 100;
}

/*
 * The value of a regular code of 18 canonical characters: the path of nearly
 * every call.  A text that two kinds could read has one value: a citizen
 * before an organisation before a foreigner's card (packing.md, section 3:
 * of 2,993,868 published organisation codes 14 could be read as a card).
 */
bool
code_pack_regular(const char *s, uint64_t *value)
{
	CodePacked	fit;
	unsigned	first = (unsigned char) s[0] - '0';
	unsigned	second = (unsigned char) s[1] - '0';

	if (first <= 8 && second <= 9 &&
		(code_table.province[first * 10 + second] & CODE_PROVINCE_PERSON))
	{
		code_pack_person(s, &fit);
		if (fit.structure && fit.regular)
		{
			*value = fit.value;
			return true;
		}
	}
	if (s[0] == 'Z')
		code_pack_assigned(s, &fit);
	else
	{
		code_pack_organisation(s, &fit);
		if (!fit.regular && first == 9)
			code_pack_person(s, &fit);
	}
	*value = fit.value;
	return fit.structure && fit.regular;
}

/* ------------------------------------------------------------------------
 * To text
 * ------------------------------------------------------------------------
 */

static inline void
put_digits2(char *p, unsigned n)
{
	memcpy(p, digit_pairs + 2 * n, 2);
}

static inline void
put_digits4(char *p, unsigned n)
{
	put_digits2(p, n / 100);
	put_digits2(p + 2, n % 100);
}

static int
format_person(uint64_t value, char *out)
{
	unsigned	check = value % 11;
	unsigned	sequence = value / 11 % 1000;
	uint64_t	rest = value / 11000;
	unsigned	region = rest / CODE_DAYS;
	int			year,
				month,
				mday;

	code_date_from_day(rest % CODE_DAYS, &year, &month, &mday);
	put_digits2(out, region / 10000);
	put_digits4(out + 2, region % 10000);
	put_digits4(out + 6, year);
	put_digits2(out + 10, month);
	put_digits2(out + 12, mday);
	put_digits2(out + 14, sequence / 10);
	out[16] = '0' + sequence % 10;
	out[17] = check == 10 ? 'X' : '0' + check;
	if (citizen_check(load_word(out) - ZEROS, load_word(out + 8) - ZEROS,
					  sequence % 10) == check)
		return CODE_LENGTH;
	out[CODE_LENGTH] = CODE_MARK;
	return CODE_LENGTH + 1;
}

/* Eight characters of a number in base 31; returns them as values, too. */
static uint64_t
put_base31(char *out, uint64_t n)
{
	uint64_t	word = 0;

	for (int i = 7; i >= 0; i--)
	{
		unsigned	v = n % 31;

		n /= 31;
		out[i] = code_letters[v];
		word |= (uint64_t) v << (8 * i);
	}
	return word;
}

/*
 * The inverse of rank_body: writes the body, sets its values and tells whether
 * check characters are stored (then *stored is 31 * place 17 + place 18).
 */
static bool
unrank_body(uint64_t rank, char *out, uint64_t *body, unsigned *stored)
{
	uint64_t	digits = 0;
	uint64_t	word = 0;
	uint64_t	r = rank;

	if (rank >= M000_BASE)
	{
		if (rank < M000_END)
		{
			*body = put_base31(out, M000_BODY + (rank - M000_BASE) / 341);
			*stored = (rank - M000_BASE) % 341;
			return true;
		}
		*body = put_base31(out, rank - 340 * UINT64_C(100000000) -
						   340 * POW31_4);
		return false;
	}

	/*
	 * While the body is digits, a digit stands for 31^k bodies and the 340 *
	 * 10^k places more that all-digit bodies take.  Unrolled, so that the
	 * divisors are constants.
	 */
#define TAKE_DIGIT(i, pow31, pow10) \
	do { \
		uint64_t	size = UINT64_C(pow31) + 340 * UINT64_C(pow10); \
		uint64_t	v = r / size; \
		if (v > 9) \
		{ \
			*body = put_base31(out, rank - 340 * (digits + UINT64_C(pow10) * 10)); \
			return false; \
		} \
		r -= v * size; \
		digits += v * UINT64_C(pow10); \
		word |= v << (8 * (i)); \
	} while (0)
	TAKE_DIGIT(0, 27512614111, 10000000);
	TAKE_DIGIT(1, 887503681, 1000000);
	TAKE_DIGIT(2, 28629151, 100000);
	TAKE_DIGIT(3, 923521, 10000);
	TAKE_DIGIT(4, 29791, 1000);
	TAKE_DIGIT(5, 961, 100);
	TAKE_DIGIT(6, 31, 10);
	TAKE_DIGIT(7, 1, 1);
#undef TAKE_DIGIT

	*body = word;
	word += ZEROS;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	memcpy(out, &word, 8);
	*stored = r;
	return true;
}

static int
format_organisation(uint64_t value, char *out)
{
	uint64_t	place = (value - CODE_ORG_BASE) / CODE_ORG_WIDTH;
	uint64_t	rank = value - CODE_ORG_BASE - place * CODE_ORG_WIDTH;
	unsigned	slot = place / 10000;
	const CodePair *pair;
	uint64_t	w1,
				w2;
	unsigned	check17,
				check18,
				stored;

	if (slot >= CODE_SLOTS_USED)
		return 0;
	pair = &code_table.pair[code_table.pair_of_slot20[slot / 20]];
	slot -= pair->base;
	if (!pair->open || (!pair->wide && slot == CODE_PREFIX_COUNT - 1))
		return 0;
	memcpy(out, pair->text, 2);
	put_digits2(out + 2, pair->wide ? slot : code_table.prefix_of_rank[slot]);
	put_digits4(out + 4, place % 10000);
	w1 = load_word(out) - ZEROS;
	if (out[0] > '9')			/* place 1 is a letter: A, N, Y */
		w1 = (w1 & ~UINT64_C(0xFF)) |
			(code_value1[(unsigned char) out[0]] - 1);

	if (unrank_body(rank, out + 8, &w2, &stored))
	{
		unsigned	v17 = stored / 31;

		check17 = body_check(word_is_digits(load_word(out + 8)) ? w2 :
							 word_to_36(w2));
		check18 = organisation_check(w1, w2, v17 == 10 ? 29 : v17);
		out[16] = v17 == 10 ? 'X' : '0' + v17;
		out[17] = code_letters[stored % 31];
		if (v17 != check17 || stored % 31 != check18)
		{
			out[CODE_LENGTH] = CODE_MARK;
			return CODE_LENGTH + 1;
		}
		return CODE_LENGTH;
	}
	check17 = body_check(word_to_36(w2));
	out[16] = check17 == 10 ? 'X' : '0' + check17;
	out[17] = code_letters[organisation_check(w1, w2,
											  check17 == 10 ? 29 : check17)];
	return CODE_LENGTH;
}

static int
format_assigned(uint64_t value, char *out)
{
	uint64_t	serial = value - CODE_ASSIGNED_BASE;
	unsigned	check = 98 - serial * 100 % 97;

	out[0] = 'Z';
	for (int i = 15; i >= 1; i--)
	{
		out[i] = '0' + serial % 10;
		serial /= 10;
	}
	put_digits2(out + 16, check);
	return CODE_LENGTH;
}

int
code_format(uint64_t value, char out[CODE_TEXT_SIZE])
{
	int			length;

	if (value < CODE_ORG_BASE)
		length = format_person(value, out);
	else if (value < CODE_ORG_END)
		length = format_organisation(value, out);
	else if (value >= CODE_ASSIGNED_BASE)
		length = format_assigned(value, out);
	else
		length = 0;
	out[length] = '\0';
	return length;
}

/*
 * A number is a value if its text reads back as that number; the text decides
 * kind and precedence, so nothing else need be checked.
 */
bool
code_is_value(uint64_t value)
{
	char		text[CODE_TEXT_SIZE];
	int			length = code_format(value, text);
	uint64_t	back;
	CodeReport	report;

	return length > 0 && code_parse(text, length, &back, &report) &&
		back == value;
}

bool
code_is_regular(uint64_t value)
{
	char		text[CODE_TEXT_SIZE];

	return code_format(value, text) == CODE_LENGTH;
}

CodeKind
code_kind(uint64_t value)
{
	unsigned	region;

	if (value >= CODE_ASSIGNED_BASE)
		return CODE_ASSIGNED;
	if (value >= CODE_ORG_BASE)
		return CODE_ORGANISATION;
	region = value / (CODE_DAYS * 11000);
	if (region >= 900000)
		return CODE_PERMANENT_RESIDENT;
	if (region == 810000 || region == 820000 || region == 830000)
		return CODE_HMT_RESIDENT;
	return CODE_CITIZEN;
}

int
code_birth_day(uint64_t value)
{
	return value / 11000 % CODE_DAYS;
}
