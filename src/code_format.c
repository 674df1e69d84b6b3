/*
 * code_format.c
 *		Unpacking: from 8 bytes to the text, and what else a value tells.
 */
#include "code_core.h"

#include "code_table.h"
#include "code_word.h"

static const char digit_pairs[] =
	"00010203040506070809" "10111213141516171819" "20212223242526272829"
	"30313233343536373839" "40414243444546474849" "50515253545556575859"
	"60616263646566676869" "70717273747576777879" "80818283848586878889"
	"90919293949596979899";

/* Two characters as the low bytes of a word, first character lowest. */
static inline uint64_t
load_pair(const char *p)
{
	uint16_t	w;

	memcpy(&w, p, 2);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap16(w);
#endif
	return w;
}

static inline uint64_t
digits2(unsigned n)
{
	return load_pair(digit_pairs + 2 * n);
}

static inline uint64_t
digits4(unsigned n)
{
	return digits2(n / 100) | digits2(n % 100) << 16;
}

/*
 * Everything below is computed in words and written eight characters at once:
 * reading back what was just written byte by byte would stall the processor.
 */
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
	unsigned	v17 = sequence % 10;
	uint64_t	w1,
				w2;

	code_date_from_day(rest % CODE_DAYS, &year, &month, &mday);
	w1 = digits2(region / 10000) | digits4(region % 10000) << 16 |
		digits2(year / 100) << 48;
	w2 = digits2(year % 100) | digits2(month) << 16 | digits2(mday) << 32 |
		digits2(sequence / 10) << 48;
	store_word(out, w1);
	store_word(out + 8, w2);
	out[16] = '0' + v17;
	out[17] = check == 10 ? 'X' : '0' + check;
	if (citizen_holds(citizen_sum(w1 - BYTES('0'), w2 - BYTES('0'), v17), check))
		return CODE_LENGTH;
	out[CODE_LENGTH] = CODE_MARK;
	return CODE_LENGTH + 1;
}

/* Two values of a number below 961. */
static inline uint64_t
base31_pair(uint32_t n)
{
	uint32_t	high = n / 31;

	return high | (n - 31 * high) << 8;
}

/* The eight values of a number in base 31. */
static inline uint64_t
base31_word(uint64_t n)
{
	uint32_t	left = n / POW31_4;
	uint32_t	right = n - POW31_4 * left;
	uint32_t	left_high = left / 961;
	uint32_t	right_high = right / 961;

	return base31_pair(left_high) | base31_pair(left - 961 * left_high) << 16 |
		base31_pair(right_high) << 32 |
		base31_pair(right - 961 * right_high) << 48;
}

/*
 * While the body is digits, a digit at place i (from 0) stands for 31^(7-i)
 * bodies and the 340 * 10^(7-i) places more that all-digit bodies take.
 */
#define SIZE_0	(UINT64_C(27512614111) + 340 * UINT64_C(10000000))
#define SIZE_1	(UINT64_C(887503681) + 340 * UINT64_C(1000000))
#define SIZE_2	(UINT64_C(28629151) + 340 * UINT64_C(100000))
#define SIZE_3	(UINT64_C(923521) + 340 * UINT64_C(10000))
#define SIZE_4	(UINT64_C(29791) + 340 * UINT64_C(1000))
#define SIZE_5	(UINT64_C(961) + 340 * UINT64_C(100))
#define SIZE_6	(UINT64_C(31) + 340 * UINT64_C(10))
#define SIZE_7	UINT64_C(341)

typedef unsigned __int128 uint128;

static inline uint64_t
multiply_high(uint64_t a, uint64_t b)
{
	return (uint64_t) ((uint128) a * b >> 64);
}

/*
 * The digits at the start of the body of a rank below 10 * SIZE_0, up to the
 * first letter; tells how many.  If all eight are, *stored is what is left.
 *
 * Not by eight divisions with a remainder, each waiting for the one before: the
 * rank over SIZE_0 is a fixed-point number whose whole part is the first digit,
 * and every digit behind it is the whole part of the last fraction times the
 * ratio of two sizes.  Half a place is added first, so that what truncation
 * takes away (less than 2^-20 of a place in all) never reaches a boundary.
 */
static inline int
leading_digits(uint64_t rank, uint64_t *word, unsigned *stored)
{
	/* 58 bits behind the point, later 59; fraction: 64 */
	uint64_t	fixed = multiply_high((2 * rank + 1) << 23,
									  (uint64_t) (((uint128) 1 << 98) / SIZE_0));
	uint64_t	fraction = fixed << 6;

	*word = fixed >> 58;
#define NEXT_DIGIT(i, before, size) \
	fixed = multiply_high(fraction, (uint64_t) (((uint128) (before) << 59) / (size))); \
	if (fixed >> 59 > 9) \
		return i; \
	*word |= fixed >> 59 << (8 * (i)); \
	fraction = fixed << 5
	NEXT_DIGIT(1, SIZE_0, SIZE_1);
	NEXT_DIGIT(2, SIZE_1, SIZE_2);
	NEXT_DIGIT(3, SIZE_2, SIZE_3);
	NEXT_DIGIT(4, SIZE_3, SIZE_4);
	NEXT_DIGIT(5, SIZE_4, SIZE_5);
	NEXT_DIGIT(6, SIZE_5, SIZE_6);
	NEXT_DIGIT(7, SIZE_6, SIZE_7);
#undef NEXT_DIGIT
	*stored = multiply_high(fraction, SIZE_7);
	return 8;
}

/*
 * The inverse of rank_body: writes the body, sets its values over the 31 and
 * the 36 letters, and tells whether check characters are stored (then *stored
 * is 31 * place 17 + place 18).
 */
static inline bool
unrank_body(uint64_t rank, char *out, uint64_t *body, uint64_t *body36,
			unsigned *stored)
{
	static const uint32_t power10[8] = {
		100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10
	};
	uint64_t	word;
	uint64_t	smaller = 100000000;	/* all-digit bodies before this one */
	bool		stores = false;

	if (rank < 10 * SIZE_0)
	{
		int			digits = leading_digits(rank, &word, stored);

		if (digits == 8)
		{
			*body = *body36 = word;
			store_word(out, word + BYTES('0'));
			return true;
		}
		smaller = word_number(word, 10) + power10[digits];
	}
	else if (rank >= M000_END)
		smaller += POW31_4;
	else if (rank >= M000_BASE)
	{
		*stored = (rank - M000_BASE) % 341;
		rank = M000_BODY + (rank - M000_BASE) / 341 + 340 * smaller;
		stores = true;
	}
	*body = base31_word(rank - 340 * smaller);
	*body36 = values36_of_word(*body);
	store_word(out, characters_of_values36(*body36));
	return stores;
}

static int
format_organisation(uint64_t value, char *out)
{
	uint64_t	place = (value - CODE_ORG_BASE) / CODE_ORG_WIDTH;
	uint64_t	rank = value - CODE_ORG_BASE - place * CODE_ORG_WIDTH;
	unsigned	slot = place / 10000;
	const CodePair *pair;
	uint64_t	w1,
				w2,
				w36;
	unsigned	sum18,
				stored,
				v17,
				v18;
	bool		keeps_checks;
	bool		regular = true;

	if (slot >= CODE_SLOTS_USED)
		return 0;
	pair = &code_table.pair[code_table.pair_of_slot20[slot / 20]];
	slot -= pair->base;
	if (!pair->open || (!pair->wide && slot == CODE_PREFIX_COUNT - 1))
		return 0;
	w1 = load_pair(pair->text) |
		digits2(pair->wide ? slot : code_table.prefix_of_rank[slot]) << 16 |
		digits4(place % 10000) << 32;
	store_word(out, w1);
	w1 -= BYTES('0');
	if (pair->text[0] > '9')	/* place 1 is a letter: A, N, Y */
		w1 = (w1 & ~UINT64_C(0xFF)) |
			(code_value1[(unsigned char) pair->text[0]] - 1);
	keeps_checks = unrank_body(rank, out + 8, &w2, &w36, &stored);

	v17 = keeps_checks ? stored / 31 : body_check(body_sum(w36));
	sum18 = organisation_sum(w1, w2, v17 == 10 ? 29 : v17);
	if (keeps_checks)
	{
		v18 = stored - 31 * v17;
		regular = body_holds(body_sum(w36), v17) &&
			organisation_holds(sum18, v18);
	}
	else
		v18 = organisation_check(sum18);
	out[16] = v17 == 10 ? 'X' : '0' + v17;
	out[17] = code_letters[v18];
	if (regular)
		return CODE_LENGTH;
	out[CODE_LENGTH] = CODE_MARK;
	return CODE_LENGTH + 1;
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
	out[16] = '0' + check / 10;
	out[17] = '0' + check % 10;
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
