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
	if (citizen_holds(citizen_sum(load_word(out) - BYTES('0'),
								  load_word(out + 8) - BYTES('0'),
								  sequence % 10), check))
		return CODE_LENGTH;
	out[CODE_LENGTH] = CODE_MARK;
	return CODE_LENGTH + 1;
}

/* Two characters of a number below 961. */
static inline uint64_t
put_base31_pair(char *out, uint32_t n)
{
	uint32_t	high = n / 31;
	uint32_t	low = n - 31 * high;

	out[0] = code_letters[high];
	out[1] = code_letters[low];
	return low << 8 | high;
}

/* Eight characters of a number in base 31; returns them as values, too. */
static inline uint64_t
put_base31(char *out, uint64_t n)
{
	uint32_t	left = n / POW31_4;
	uint32_t	right = n - POW31_4 * left;
	uint32_t	left_high = left / 961;
	uint32_t	right_high = right / 961;

	return put_base31_pair(out, left_high) |
		put_base31_pair(out + 2, left - 961 * left_high) << 16 |
		put_base31_pair(out + 4, right_high) << 32 |
		put_base31_pair(out + 6, right - 961 * right_high) << 48;
}

/*
 * The inverse of rank_body: writes the body, sets its values and tells whether
 * check characters are stored (then *stored is 31 * place 17 + place 18).
 */
static inline bool
unrank_body(uint64_t rank, char *out, uint64_t *body, unsigned *stored)
{
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
			*body = put_base31(out, rank - 340 * \
							   (word_number(word, 10) + UINT64_C(pow10) * 10)); \
			return false; \
		} \
		r -= v * size; \
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
	word += BYTES('0');
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
	unsigned	sum17,
				sum18,
				check17,
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
	w1 = load_word(out) - BYTES('0');
	if (out[0] > '9')			/* place 1 is a letter: A, N, Y */
		w1 = (w1 & ~UINT64_C(0xFF)) |
			(code_value1[(unsigned char) out[0]] - 1);

	if (unrank_body(rank, out + 8, &w2, &stored))
	{
		unsigned	v17 = stored / 31;
		unsigned	v18 = stored - 31 * v17;

		out[16] = "0123456789X"[v17];
		out[17] = code_letters[v18];
		if (out[8] == 'M')
			sum17 = body_sum(word_of_values36(load_word(out + 8)));
		else
			sum17 = body_sum(w2);
		sum18 = organisation_sum(w1, w2, v17 == 10 ? 29 : v17);
		if (body_holds(sum17, v17) && organisation_holds(sum18, v18))
			return CODE_LENGTH;
		out[CODE_LENGTH] = CODE_MARK;
		return CODE_LENGTH + 1;
	}
	check17 = body_check(body_sum(word_of_values36(load_word(out + 8))));
	sum18 = organisation_sum(w1, w2, check17 == 10 ? 29 : check17);
	out[16] = "0123456789X"[check17];
	out[17] = code_letters[organisation_check(sum18)];
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
