/*
 * code_fuzz.c
 *		libFuzzer target for the core of the code room: any text, any 8 bytes.
 *
 * A broken invariant traps, so the fuzzer keeps the input; memory and undefined
 * behaviour are the sanitizers' matter.  Run by test/fuzz/run.
 *
 * The input is read twice: as text of any length, and its first 8 bytes as
 * what a client may send in place of a code (the receive function asks
 * code_is_value).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/code_core.h"

#define HOLD(condition) \
	do { \
		if (!(condition)) \
			broken(#condition, __LINE__); \
	} while (0)

/* The text that is being read, for the message. */
static const uint8_t *input;
static size_t input_size;

static void
broken(const char *condition, int line)
{
	fprintf(stderr, "line %d: does not hold: %s\ninput:", line, condition);
	for (size_t i = 0; i < input_size; i++)
		fprintf(stderr, " %02x", input[i]);
	fputc('\n', stderr);
	__builtin_trap();
}

/* A value and its text stand for each other, and every part agrees. */
static void
check_value(uint64_t value)
{
	char		text[CODE_TEXT_SIZE];
	uint64_t	again = ~value;
	CodeReport	report;
	int			length = code_format(value, text);
	bool		marked = length == CODE_LENGTH + 1;
	CodeKind	kind = code_kind(value);

	HOLD(length == CODE_LENGTH || marked);
	HOLD(strlen(text) == (size_t) length);
	HOLD((text[length - 1] == CODE_MARK) == marked);
	HOLD(code_is_regular(value) == !marked);
	HOLD(code_parse(text, length, &again, &report));
	HOLD(again == value);
	HOLD(report.verdict == (marked ? CODE_IRREGULAR : CODE_VALID));
	HOLD(kind <= CODE_ASSIGNED);
	HOLD((text[0] == 'Z') == (kind == CODE_ASSIGNED));
	if (kind < CODE_ORGANISATION)
	{
		int			year,
					month,
					day,
					birth = code_birth_day(value);
		char		date[32];

		HOLD(birth >= 0 && birth < (int) CODE_DAYS);
		code_date_from_day(birth, &year, &month, &day);
		HOLD(code_day_from_date(year, month, day) == birth);
		snprintf(date, sizeof(date), "%04d%02d%02d", year, month, day);
		HOLD(memcmp(text + 6, date, 8) == 0);
	}

	/* Without the mark an irregular code is no code. */
	if (marked)
		HOLD(!code_parse(text, CODE_LENGTH, &again, &report));
}

static void
check_report(const CodeReport *report, bool accepted)
{
	HOLD(report->verdict <= CODE_BAD_PROVINCE);
	HOLD(CODE_ACCEPTED(report->verdict) == accepted);
	HOLD(report->position >= 0 && report->position <= CODE_LENGTH);
	HOLD(report->expected == '\0' ||
		 strchr("0123456789ABCDEFGHJKLMNPQRTUWXY", report->expected));
	HOLD(report->length >= 0);
	HOLD(memchr(report->prefix, '\0', sizeof(report->prefix)) != NULL);
	HOLD(report->detail == NULL || strlen(report->detail) < 200);
	if (accepted)
		HOLD(report->position == 0 && report->expected == '\0');
}

/* Is this already what code_format writes, but for the mark? */
static bool
is_plain(const char *text, size_t size)
{
	if (size != CODE_LENGTH)
		return false;
	for (size_t i = 0; i < size; i++)
		if (!(text[i] >= '0' && text[i] <= '9') &&
			!(text[i] >= 'A' && text[i] <= 'Z'))
			return false;
	return true;
}

static void
check_text(const char *text, size_t size)
{
	uint64_t	value = 0;
	CodeReport	report;
	bool		accepted;

	memset(&report, 0xA5, sizeof(report));	/* it is always filled */
	accepted = code_parse(text, size, &value, &report);
	check_report(&report, accepted);
	if (!accepted)
		return;
	HOLD(code_is_value(value));
	if (is_plain(text, size))
	{
		char		back[CODE_TEXT_SIZE];

		/* One text, one value: nothing is changed in silence. */
		HOLD(code_format(value, back) == CODE_LENGTH);
		HOLD(memcmp(back, text, CODE_LENGTH) == 0);
	}
	HOLD(code_is_regular(value) == (report.verdict != CODE_IRREGULAR));
	check_value(value);
}

/* Any 8 bytes: the value of some text, or no text gives it. */
static void
check_number(uint64_t number)
{
	char		text[CODE_TEXT_SIZE];
	uint64_t	value;
	CodeReport	report;
	int			length;

	if (code_is_value(number))
	{
		check_value(number);
		return;
	}
	length = code_format(number, text);
	HOLD(length >= 0 && length < CODE_TEXT_SIZE);
	if (code_parse(text, length, &value, &report))
		HOLD(value != number);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text = malloc(size ? size : 1);

	input = data;
	input_size = size;
	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	check_text(text, size);
	if (size >= 8)
	{
		uint64_t	number;

		memcpy(&number, data, sizeof(number));
		check_number(number);

		/* The same bytes spread over the regions, of which most is waste. */
		check_number(number % CODE_PERSON_COUNT);
		check_number(CODE_ORG_BASE + number % (CODE_ORG_END - CODE_ORG_BASE));
		check_number(CODE_ASSIGNED_BASE + number % CODE_ASSIGNED_COUNT);
	}
	free(text);
	return 0;
}
