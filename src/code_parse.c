/*
 * code_parse.c
 *		From what forms hold to a credit code, or to what is wrong and where.
 *
 * Pure C and ICU, as code_pack.c.  The path of clean text is code_pack_regular;
 * everything below it is for other spellings, irregular codes and errors.
 */
#include "code_core.h"

#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "code_pack.h"
#include "code_table.h"
#include "code_word.h"

/* Longer text cannot be a code, whatever blanks it has. */
#define MAX_BYTES	256
#define MAX_UNITS	(6 * MAX_BYTES)	/* NFKC expands a few characters */

/* The folded text: at most one character more than the longest form. */
typedef struct Folded
{
	char		text[CODE_LENGTH + 2];
	int			length;			/* characters, also those not kept */
	bool		marked;			/* the last character is the mark */
	int			bad;			/* place of the first character outside 0-9 A-Z */
} Folded;

static bool
is_ascii_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * Characters that people do not see or do not mean: white space, every hyphen
 * and dash, and the invisible format characters that copying brings along.
 */
static bool
is_dropped(UChar32 c)
{
	if (c < 0x80)
		return c == '-' || c == ' ' || (c >= '\t' && c <= '\r');
	return (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x00AD ||
		(c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
		c == 0x2060 || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF ||
		u_isUWhiteSpace(c);
}

static void
fold_character(Folded *folded, UChar32 c)
{
	if (is_dropped(c))
		return;
	folded->length++;
	folded->marked = c == CODE_MARK;
	if (c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z'))
	{
		if (folded->bad == 0)
			folded->bad = folded->length;
		c = '*';
	}
	if (folded->length <= (int) sizeof(folded->text))
		folded->text[folded->length - 1] = (char) c;
}

/* The irregular mark is no character of the code. */
static void
take_mark(Folded *folded)
{
	if (!folded->marked)
		return;
	if (folded->bad == folded->length)
		folded->bad = 0;
	folded->length--;
}

/*
 * False when the text is no valid UTF-8 or too long to be looked at.
 * unorm2_getNFKCInstance() gives a constant of ICU's, nothing to close.
 */
static bool
fold_unicode(const char *text, size_t length, Folded *folded)
{
	UErrorCode	status = U_ZERO_ERROR;
	const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&status);
	UChar		units[MAX_BYTES];
	UChar		normal[MAX_UNITS];
	int32_t		n;

	u_strFromUTF8(units, MAX_BYTES, &n, text, (int32_t) length, &status);
	n = unorm2_normalize(nfkc, units, n, normal, MAX_UNITS, &status);
	if (U_FAILURE(status))
		return false;
	for (int32_t i = 0; i < n;)
	{
		UChar32		c;

		U16_NEXT(normal, i, n, c);
		fold_character(folded, c);
	}
	return true;
}

/*
 * Folds: NFKC (full width, Roman ten, circled digits), upper case, without
 * blanks, dashes and invisible characters.  False: hopeless, see *bad_length.
 */
static bool
fold(const char *text, size_t length, Folded *folded, bool *too_long)
{
	bool		ascii = true;

	memset(folded, 0, sizeof(*folded));
	while (length > 0 && is_ascii_blank(text[0]))
		text++, length--;
	while (length > 0 && is_ascii_blank(text[length - 1]))
		length--;
	*too_long = length > MAX_BYTES;
	if (*too_long)
		return false;
	for (size_t i = 0; i < length; i++)
		ascii = ascii && (unsigned char) text[i] < 0x80;
	if (!ascii && !fold_unicode(text, length, folded))
		return false;
	for (size_t i = 0; ascii && i < length; i++)
		fold_character(folded, (unsigned char) text[i]);
	take_mark(folded);
	return true;
}

/* ------------------------------------------------------------------------
 * Verdicts
 * ------------------------------------------------------------------------
 */

static bool
refuse(CodeReport *report, CodeVerdict verdict, int position, char expected,
	   const char *detail)
{
	report->verdict = verdict;
	report->position = position;
	report->expected = expected;
	report->detail = detail;
	return false;
}

/*
 * The first six places may be shown in an error, but only of something that
 * has the look of a code: else they could be anything, a name included.
 */
static void
set_prefix(CodeReport *report, const Folded *folded)
{
	if (folded->length < 15)
		return;
	for (int i = 0; i < 6; i++)
	{
		char		c = folded->text[i];

		if (!(c >= '0' && c <= '9') && (i > 0 || c == '*'))
			return;
	}
	memcpy(report->prefix, folded->text, 6);
	report->prefix[6] = '\0';
}

static int
count_digits(const char *s, int n)
{
	int			i = 0;

	while (i < n && s[i] >= '0' && s[i] <= '9')
		i++;
	return i;
}

static bool
person_province(const char *s)
{
	return s[0] >= '1' && s[0] <= '8' && s[1] >= '0' && s[1] <= '9' &&
		(code_table.province[(s[0] - '0') * 10 + s[1] - '0'] &
		 CODE_PROVINCE_PERSON);
}

/*
 * One letter among 17 digits that begin as a person's number do.  (An X at
 * place 17 would be the check character of an organisation.)
 */
static bool
slipped_letter(const char *s)
{
	int			place = count_digits(s, CODE_LENGTH - 1);

	return person_province(s) && place < CODE_LENGTH - 1 &&
		count_digits(s + place + 1, CODE_LENGTH - 2 - place) ==
		CODE_LENGTH - 2 - place &&
		!(place == CODE_LENGTH - 2 && s[place] == 'X');
}

static char
check_letter11(unsigned value)
{
	return value == 10 ? 'X' : '0' + value;
}

/* A text that can only be meant as a person's number. */
static bool
refuse_person(const CodePacked *person, CodeReport *report)
{
	if (person->day < 0)
		return refuse(report, CODE_BAD_DATE, 7, '\0',
					  "Places 7-14 are not a date of 1800 to 2199.");
	if (!person->structure)
		return refuse(report, CODE_BAD_CHARACTER, CODE_LENGTH,
					  check_letter11(citizen_check(person->sum18)),
					  "The last place of a person's number is a digit or X.");
	return refuse(report, CODE_BAD_CHECK, CODE_LENGTH,
				  check_letter11(citizen_check(person->sum18)),
				  "The check character does not fit the 17 digits before it (GB 11643, ISO 7064 MOD 11-2).");
}

static bool
refuse_organisation(const char *s, const CodePacked *fit, CodeReport *report)
{
	switch (fit->fault)
	{
		case CODE_FAULT_CHARACTER:
			for (int i = 0; i < CODE_LENGTH; i++)
			{
				if (code_value1[(unsigned char) s[i]] == 0)
					return refuse(report, CODE_BAD_CHARACTER, i + 1, '\0',
								  "The letters I, O, S, V and Z do not occur in credit codes (GB 32100).");
				if (i >= 2 && i < 8 && s[i] > '9')
					return refuse(report, CODE_BAD_CHARACTER, i + 1, '\0',
								  "Places 3-8 are the division, six digits.");
			}
			break;
		case CODE_FAULT_REGISTRAR:
			return refuse(report, CODE_BAD_REGISTRAR, 1, '\0',
						  "Places 1-2 are no registrar and category of GB 32100.");
		case CODE_FAULT_PROVINCE:
			return refuse(report, CODE_BAD_PROVINCE, 3, '\0',
						  "Places 3-4 are the prefix of no province.");
		case CODE_FAULT_NONE:
			break;
	}
	if (fit->check18_holds && !fit->check17_holds)
		return refuse(report, CODE_BAD_ORGANISATION_CHECK, 17,
					  check_letter11(body_check(fit->sum17)),
					  "The check character of the organisation code does not fit places 9-16 (GB 11714).");
	return refuse(report, CODE_BAD_CHECK, CODE_LENGTH,
				  code_letters[organisation_check(fit->sum18)],
				  fit->check17_holds ?
				  "The check character does not fit the 17 characters before it (GB 32100)." :
				  "Neither check character, at places 17 and 18, fits (GB 11714, GB 32100).");
}

/*
 * Eighteen characters that are no regular code: irregular, if marked and
 * storable, or refused by the rule of the kind that the text is meant as.
 */
static bool
judge18(const char *s, bool marked, uint64_t *value, CodeReport *report)
{
	CodePacked	person,
				organisation;
	const CodePacked *fit;
	int			digits = count_digits(s, CODE_LENGTH - 1);
	bool		citizen = digits == CODE_LENGTH - 1 && person_province(s);
	bool		card = digits == CODE_LENGTH - 1 && s[0] == '9';
	bool		checks;

	if (s[0] == 'Z')
	{
		if (count_digits(s + 1, CODE_LENGTH - 1) == CODE_LENGTH - 1)
			return refuse(report, CODE_BAD_CHECK, CODE_LENGTH - 1, '\0',
						  "The check digits at places 17-18 of an assigned code do not fit (ISO/IEC 7064 MOD 97-10).");
		return refuse(report, CODE_BAD_CHARACTER,
					  count_digits(s + 1, CODE_LENGTH - 1) + 2, '\0',
					  "An assigned code is Z and 17 digits.");
	}

	memset(&person, 0, sizeof(person));
	if (citizen || card)
		code_pack_person(s, &person);
	code_pack_organisation(s, &organisation);
	checks = organisation.fault == CODE_FAULT_NONE &&
		(organisation.check17_holds || organisation.check18_holds);

	fit = citizen && person.structure ? &person :
		organisation.structure ? &organisation :
		card && person.structure ? &person : NULL;
	report->storable = fit != NULL;
	if (marked && fit != NULL)
	{
		*value = fit->value;
		report->verdict = CODE_IRREGULAR;
		report->detail = "A check character does not fit; the code is kept as issued.";
		return true;
	}

	if (citizen && !(checks && !person.structure))
		return refuse_person(&person, report);
	if (card && person.day >= 0 && organisation.fault == CODE_FAULT_REGISTRAR)
		return refuse_person(&person, report);
	if (digits == CODE_LENGTH - 1 && s[0] != '9' && !citizen &&
		organisation.fault == CODE_FAULT_REGISTRAR)
		return refuse(report, CODE_BAD_PROVINCE, 1, '\0',
					  "Places 1-2 are neither the prefix of a province nor a registrar and category.");
	if (organisation.fault == CODE_FAULT_REGISTRAR && slipped_letter(s))
		return refuse(report, CODE_BAD_CHARACTER,
					  count_digits(s, CODE_LENGTH) + 1, '\0',
					  "A person's number has digits only, but for an X at the last place.");
	return refuse_organisation(s, &organisation, report);
}

/*
 * Fifteen digits: a citizen number of before 1999-10-01.  The century is 19,
 * but 18 for the sequences 996-999, which were kept for centenarians.
 */
static bool
judge15(const char *s, uint64_t *value, CodeReport *report)
{
	char		long_form[CODE_LENGTH];
	CodePacked	person;

	if (!person_province(s))
		return refuse(report, CODE_BAD_PROVINCE, 1, '\0',
					  "Places 1-2 are the prefix of no province.");
	memcpy(long_form, s, 6);
	memcpy(long_form + 6, memcmp(s + 12, "996", 3) >= 0 ? "18" : "19", 2);
	memcpy(long_form + 8, s + 6, 9);
	long_form[17] = '0';
	code_pack_person(long_form, &person);
	if (person.day < 0)
		return refuse(report, CODE_BAD_DATE, 7, '\0',
					  "Places 7-12 of the 15 digits are not a date.");
	*value = person.value + citizen_check(person.sum18);
	report->verdict = CODE_UPGRADED;
	report->detail = "A 15-digit number, upgraded to 18.";
	return true;
}

static bool
judge_length(const Folded *folded, CodeReport *report)
{
	const char *s = folded->text;

	report->length = folded->length;
	if (folded->length == 15 && folded->bad == 0 &&
		count_digits(s, 1) == 0 && count_digits(s + 1, 1) == 0 &&
		count_digits(s + 2, 1) == 0 && count_digits(s + 3, 12) == 12)
		return refuse(report, CODE_BAD_LENGTH, 0, '\0',
					  "A residence card of the 2017 form has no 18-character code; the register assigns one.");
	if (folded->length == 15)
		return refuse(report, CODE_BAD_CHARACTER,
					  folded->bad ? folded->bad : count_digits(s, 15) + 1, '\0',
					  "A 15-character number has digits only.");
	return refuse(report, CODE_BAD_LENGTH, 0, '\0',
				  "A credit code has 18 characters; an old citizen number has 15 digits.");
}

bool
code_parse(const char *text, size_t length, uint64_t *value, CodeReport *report)
{
	Folded		folded;
	bool		too_long;

	memset(report, 0, sizeof(*report));
	if (length == CODE_LENGTH && code_pack_regular(text, value))
		return true;

	if (!fold(text, length, &folded, &too_long))
		return too_long ?
			refuse(report, CODE_BAD_LENGTH, 0, '\0',
				   "A credit code has 18 characters; an old citizen number has 15 digits.") :
			refuse(report, CODE_BAD_CHARACTER, 0, '\0',
				   "The text is not valid in its encoding.");
	set_prefix(report, &folded);

	if (folded.length == CODE_LENGTH)
	{
		if (folded.bad != 0)
			return refuse(report, CODE_BAD_CHARACTER, folded.bad, '\0',
						  "A credit code has the digits 0-9 and capital letters only.");
		if (code_pack_regular(folded.text, value))
			return true;
		return judge18(folded.text, folded.marked, value, report);
	}
	if (folded.length == 15 && folded.bad == 0 &&
		count_digits(folded.text, 15) == 15)
		return judge15(folded.text, value, report);
	return judge_length(&folded, report);
}

/*
 * The folded characters, at most CODE_LENGTH + 1 of them; returns how many
 * there are, or -1 if the text cannot be folded.
 */
int
code_fold(const char *text, size_t length, char out[CODE_LENGTH + 2])
{
	Folded		folded;
	bool		too_long;

	if (!fold(text, length, &folded, &too_long))
		return -1;
	memcpy(out, folded.text, CODE_LENGTH + 1);
	out[CODE_LENGTH + 1] = '\0';
	return folded.length;
}
