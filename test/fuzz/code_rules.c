/*
 * code_rules.c
 *		See code_rules.h.
 */
#include <stdio.h>
#include <string.h>

#include "../../src/code_core.h"
#include "code_rules.h"

const char *const pairs[PAIRS] = {
	"11", "12", "13", "14*", "15*", "19", "21", "29", "31", "32", "33", "34",
	"35", "39", "41", "49", "51", "52", "53", "54", "55", "59", "61", "62",
	"69", "71", "72", "79", "81", "89", "91", "92", "93", "94*", "95*", "99",
	"A1", "A9", "N1", "N2", "N3", "N9", "Y1"
};

static const char prefixes[] =
"10 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 "
"53 54 61 62 63 64 65 66 71 81 82 83 91 99";

/* ------------------------------------------------------------------------
 * The rules, plainly
 */

static int
place_in(const char *list, char c)
{
	const char *found = c ? strchr(list, c) : NULL;

	return found ? (int) (found - list) : -1;
}

static bool
all_digits(const char *text, int n)
{
	for (int i = 0; i < n; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

static int
number(const char *text, int n)
{
	int			sum = 0;

	while (n-- > 0)
		sum = sum * 10 + (*text++ - '0');
	return sum;
}

static int
month_length(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool
real_date(const char *text)
{
	int			year = number(text, 4),
				month = number(text + 4, 2),
				day = number(text + 6, 2);

	return year >= 1800 && year <= 2199 && month >= 1 && month <= 12 &&
		day >= 1 && day <= month_length(year, month);
}

/* GB 11643 (ISO 7064 MOD 11-2), from left to right. */
static char
check_of_person(const char *text)
{
	int			sum = 0;

	for (int i = 0; i < 17; i++)
		sum = (sum + text[i] - '0') * 2 % 11;
	return CHECKS[(12 - sum) % 11];
}

/* GB 11714, X = 33 and so on: letters count from A = 10. */
char
check_of_body(const char *body)
{
	static const int weights[] = {3, 7, 9, 10, 5, 8, 4, 2};
	int			sum = 0;

	for (int i = 0; i < 8; i++)
		sum += weights[i] * (body[i] <= '9' ? body[i] - '0' : body[i] - 'A' + 10);
	sum = 11 - sum % 11;
	return sum == 10 ? 'X' : sum == 11 ? '0' : '0' + sum;
}

/* GB 32100 */
char
check_of_code(const char *text)
{
	int			sum = 0,
				weight = 1;

	for (int i = 0; i < 17; i++)
	{
		sum += weight * place_in(LETTERS, text[i]);
		weight = weight * 3 % 31;
	}
	return LETTERS[(31 - sum % 31) % 31];
}

bool
is_stored(const char *body)
{
	return all_digits(body, 8) || memcmp(body, "M000", 4) == 0;
}

static bool
has_prefix(char registrar, const char *two)
{
	if (registrar == '9')
		return all_digits(two, 2);
	for (const char *p = prefixes; *p; p += p[2] ? 3 : 2)
		if (memcmp(p, two, 2) == 0)
			return true;
	return false;
}

bool
has_slot(const char *text)
{
	for (int i = 0; i < PAIRS; i++)
		if (memcmp(pairs[i], text, 2) == 0)
			return pairs[i][2] == '\0' && has_prefix(text[0], text + 2);
	return false;
}

static bool
is_organisation(const char *text)
{
	for (int i = 0; i < CODE_LENGTH; i++)
		if (place_in(LETTERS, text[i]) < 0)
			return false;
	return has_slot(text) && all_digits(text + 2, 6) &&
		(!is_stored(text + 8) || place_in(CHECKS, text[16]) >= 0);
}

/* What 18 characters are; the irregular readings need the mark. */
Reading
classify(const char *text)
{
	static const char provinces[] =
	"11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 "
	"53 54 61 62 63 64 65 66 71 81 82 83";
	bool		dated = all_digits(text, 17) && real_date(text + 6) &&
		place_in(CHECKS, text[17]) >= 0;
	bool		person = false;
	bool		card = dated && text[0] == '9';
	bool		organisation = is_organisation(text);
	bool		eleven = dated && check_of_person(text) == text[17];

	if (dated && text[0] < '9')
		for (const char *p = provinces; *p; p += p[2] ? 3 : 2)
			person |= memcmp(p, text, 2) == 0;
	if (person && eleven)
		return PERSON;
	if (organisation && check_of_body(text + 8) == text[16] &&
		check_of_code(text) == text[17])
		return ORGANISATION;
	if (card && eleven)
		return PERSON;
	if (person)
		return PERSON_IRREGULAR;
	if (organisation && is_stored(text + 8))
		return ORGANISATION_IRREGULAR;
	return card ? PERSON_IRREGULAR : REFUSED;
}

/* ------------------------------------------------------------------------
 * The next text
 */

/* The next letter of a list in one place; false when it starts again. */
static bool
advance(char *c, const char *list)
{
	int			place = place_in(list, *c) + 1;

	*c = list[place] ? list[place] : list[0];
	return list[place] != '\0';
}

/* The first pair of check characters that a body has. */
static void
first_checks(char *text)
{
	if (is_stored(text + 8))
		text[16] = text[17] = '0';
	else
	{
		text[16] = check_of_body(text + 8);
		text[17] = check_of_code(text);
	}
}

/* False behind the last text of the slot. */
bool
next_organisation(char *text)
{
	int			i;

	if (is_stored(text + 8) &&
		(advance(&text[17], LETTERS) || advance(&text[16], CHECKS)))
		return true;
	for (i = 15; i >= 4; i--)
		if (advance(&text[i], i >= 8 ? LETTERS : "0123456789"))
			break;
	first_checks(text);
	return i >= 4;
}

/* False behind the last text of all regions. */
bool
next_person(char *text)
{
	char		date[32];
	int			year,
				month,
				day;

	if (advance(&text[17], CHECKS))
		return true;
	for (int i = 16; i >= 14; i--)
		if (advance(&text[i], "0123456789"))
			return true;
	year = number(text + 6, 4);
	month = number(text + 10, 2);
	day = number(text + 12, 2) + 1;
	if (day > month_length(year, month))
	{
		day = 1;
		month++;
	}
	if (month > 12)
	{
		month = 1;
		year++;
	}
	snprintf(date, sizeof(date), "%04d%02d%02d", year == 2200 ? 1800 : year,
			 month, day);
	memcpy(text + 6, date, 8);
	if (year < 2200)
		return true;
	for (int i = 5; i >= 0; i--)
		if (advance(&text[i], "0123456789"))
			return true;
	return false;
}
