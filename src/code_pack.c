/*
 * code_pack.c
 *		Packing: from 18 characters to 8 bytes; see code_core.h for the layout.
 */
#include "code_pack.h"

#include "code_core.h"
#include "code_table.h"
#include "code_word.h"

static_assert(CODE_PERSON_COUNT == UINT64_C(1607067000000000),
			  "the persons' region is part of the on-disk format");
static_assert(CODE_ORG_WIDTH ==
			  UINT64_C(852891037441) + 340 * UINT64_C(100000000) +
			  340 * UINT64_C(923521),
			  "31^8, and 340 more for all-digit and M000 bodies");
static_assert(CODE_ORG_END <= CODE_ASSIGNED_BASE,
			  "organisations must end below the assigned serials");

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

/*
 * Persons: 17 digits, a real date at places 7-14, a first place that fits.
 * The check character is stored as it stands.
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
	w1 -= BYTES('0');
	w2 -= BYTES('0');
	n1 = word_number(w1, 10);
	n2 = word_number(w2, 10);
	fit->day = code_day_from_date(n1 % 100 * 100 + n2 / 1000000,
								  n2 / 10000 % 100, n2 / 100 % 100);
	fit->sum18 = citizen_sum(w1, w2, v17);
	if (fit->day < 0 || check < 0)
		return;
	fit->regular = citizen_holds(fit->sum18, check);
	fit->structure = true;
	fit->value = (((uint64_t) (n1 / 100) * CODE_DAYS + fit->day) * 1000 +
				  n2 % 100 * 10 + v17) * 11 + check;
}

/*
 * Rank of a body with its check characters among all of them in text order:
 * its number in base 31, and 340 places more for every smaller body whose
 * check characters are stored.  Tells whether this body's are.
 */
static inline bool
rank_body(uint64_t body, bool digits, unsigned stored, uint64_t *rank)
{
	static const uint32_t power10[9] = {
		1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000
	};
	uint64_t	r = word_number(body, 31);
	uint64_t	smaller;
	int			prefix;			/* digits before the first letter */

	if (digits)
	{
		*rank = r + 340 * word_number(body, 10) + stored;
		return true;
	}
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

	/* all-digit bodies with the same prefix of digits are smaller, too */
	prefix = __builtin_ctzll((body + UINT64_C(0x7676767676767676)) &
							 UINT64_C(0x8080808080808080)) / 8;
	smaller = prefix == 0 ? 0 : word_number(body << (64 - 8 * prefix), 10);
	*rank = r + 340 * (smaller + 1) * power10[8 - prefix];
	return false;
}

/*
 * Organisations.  Sets which check characters hold and whether the code can
 * be packed as it stands; a fault before that is fit->fault.
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
	fit->sum17 = body_sum(digits ? w2 : word_of_values36(load_word(s + 8)));
	fit->sum18 = organisation_sum(w1, w2,
								  code_value1[(unsigned char) s[16]] - 1);
	fit->check17_holds = v17 >= 0 && body_holds(fit->sum17, v17);
	fit->check18_holds = organisation_holds(fit->sum18, v18);
	fit->regular = fit->check17_holds && fit->check18_holds;
	fit->structure = rank_body(w2, digits, v17 * 31 + v18, &rank) ? v17 >= 0 :
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
