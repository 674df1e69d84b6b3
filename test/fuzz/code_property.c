/*
 * code_property.c
 *		Walks the packing of credit codes along every edge that it has.
 *
 * The rules are those of code_rules.c: what a text is, and which text comes next
 * in text order.  No rank is computed: from a text whose value is known the
 * walk goes to the next text, and its value must be the next number, or, when
 * the next text belongs to another reading, that number must be no value.  So
 * order, density and the inverse are proved along each walk.
 *
 * Prints what was counted; ends with 1 and the first fault otherwise.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/code_core.h"
#include "code_rules.h"

static struct
{
	uint64_t	texts,
				steps,
				values,
				no_values,
				slots;
} counted;

static void
fault(const char *what, const char *text, uint64_t value)
{
	printf("property: FAULT: %s: text \"%s\" value %" PRIu64 "\n", what, text,
		   value);
	exit(1);
}

/* A small generator with a fixed seed: runs must be repeatable. */
static uint64_t
next_random(void)
{
	static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* ------------------------------------------------------------------------
 * One text, one value
 */

/* Parses a text both ways and back; UINT64_MAX when it is no code. */
static uint64_t
check_text(const char *text)
{
	Reading		wanted = classify(text);
	bool		regular = wanted == PERSON || wanted == ORGANISATION;
	char		marked[CODE_TEXT_SIZE],
				back[CODE_TEXT_SIZE];
	uint64_t	value = UINT64_MAX,
				again = UINT64_MAX;
	CodeReport	report;

	counted.texts++;
	memcpy(marked, text, CODE_LENGTH);
	strcpy(marked + CODE_LENGTH, "?");
	if (code_parse(text, CODE_LENGTH, &value, &report) != regular)
		fault(regular ? "regular, but refused" : "accepted without the mark",
			  text, value);
	if (code_parse(marked, CODE_LENGTH + 1, &again, &report) != (wanted != REFUSED))
		fault(wanted ? "refused with the mark" : "accepted with the mark", text,
			  again);
	if (wanted == REFUSED)
		return UINT64_MAX;
	if (regular && value != again)
		fault("the mark changes the value of a regular code", text, again);
	code_format(again, back);
	if (strcmp(back, regular ? text : marked) != 0)
		fault("is written otherwise than it was read", back, again);
	if (!code_is_value(again) || code_is_regular(again) != regular)
		fault("code_is_value or code_is_regular is wrong", text, again);
	if ((again < CODE_ORG_BASE) != (wanted <= PERSON_IRREGULAR) ||
		again >= CODE_ORG_END)
		fault("stands in the wrong region", text, again);
	return again;
}

/*
 * The number behind which a text must stand in its region: the value itself,
 * or no value at all when the text belongs to another reading.
 */
static void
check_number(uint64_t value, const char *text, bool as_person)
{
	Reading		wanted = classify(text);
	bool		here = as_person ? wanted == PERSON || wanted == PERSON_IRREGULAR :
		wanted == ORGANISATION || wanted == ORGANISATION_IRREGULAR;
	char		back[CODE_TEXT_SIZE];

	counted.steps++;
	if (code_is_value(value) != here)
		fault(here ? "is no value" : "is a value, but its text is another's",
			  text, value);
	if (!here)
	{
		counted.no_values++;
		return;
	}
	counted.values++;
	code_format(value, back);
	if (memcmp(back, text, CODE_LENGTH) != 0)
		fault("the next number is not the next text", text, value);
	if (check_text(text) != value)
		fault("does not come back", text, value);
}

/* ------------------------------------------------------------------------
 * Walks
 */

/* From a text, n steps on; the first text that is its region's own begins. */
static void
walk(const char *start, int n, bool as_person)
{
	bool		(*next) (char *) = as_person ? next_person : next_organisation;
	char		text[CODE_TEXT_SIZE] = {0};
	uint64_t	value;

	memcpy(text, start, CODE_LENGTH);
	for (;;)
	{
		Reading		reading = classify(text);

		if (as_person ? reading == PERSON || reading == PERSON_IRREGULAR :
			reading >= ORGANISATION)
			break;
		check_text(text);
		if (!next(text) || n-- == 0)
			return;
	}
	value = check_text(text);
	while (n-- > 0 && next(text))
		check_number(++value, text, as_person);
}

/* A text of an organisation from its parts; both check characters right. */
static void
compose(char *text, const char *key, const char *division, const char *body)
{
	memcpy(text, key, 4);
	memcpy(text + 4, division, 4);
	memcpy(text + 8, body, 8);
	text[16] = check_of_body(body);
	text[17] = check_of_code(text);
	text[18] = '\0';
}

/* Each edge of the ranks in one slot: the walk crosses it. */
static void
walk_edges(const char *key, const char *division)
{
	/* a body and the check characters to begin with, if it keeps them */
	static const char *const edges[] = {
		"0000000000", "00000000XW", "00000009XW", "0000000X", "0000999AXX",
		"99999998XW", "99999999XU", "9YYYYYYX", "LYYYYYYX", "M0000000XW",
		"M000000YXW", "M000YYYYXU", "M000999900", "M00YYYYX", "M0YYYYYX",
		"880101990A", "19880101XW"
	};
	char		text[CODE_TEXT_SIZE],
				body[9] = "AYYYYYYX";

	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
	{
		compose(text, key, division, edges[i]);
		if (is_stored(text + 8))
			memcpy(text + 16, edges[i] + 8, 2);
		walk(text, 12, false);
	}
	for (const char *c = LETTERS; *c; c++)
	{
		body[0] = *c;
		compose(text, key, division, body);
		walk(text, 4, false);
	}
}

/* Every pair of check characters of one body, and over into the next; then
 * the letters that cannot stand in place 17. */
static void
walk_combinations(const char *key, const char *division, const char *body)
{
	char		text[CODE_TEXT_SIZE];

	compose(text, key, division, body);
	text[16] = text[17] = '0';
	walk(text, 2 * 341 + 2, false);
	for (const char *c = LETTERS; *c; c++)
	{
		compose(text, key, division, body);
		text[16] = *c;
		check_text(text);
		text[17] = check_of_code(text);
		check_text(text);
	}
}

static void
check_slot(const char *key, uint64_t slot)
{
	static const char *const divisions[] = {"0000", "9998", "0119", "0319"};
	char		text[CODE_TEXT_SIZE];
	uint64_t	first = CODE_ORG_BASE + slot * 10000 * CODE_ORG_WIDTH;
	uint64_t	last = first + 10000 * CODE_ORG_WIDTH - 1;

	counted.slots++;
	compose(text, key, "0000", "00000000");
	text[16] = text[17] = '0';
	if (check_text(text) != first)
		fault("does not begin its slot", text, first);
	compose(text, key, "9999", "YYYYYYYY");
	if (check_text(text) != last)
		fault("does not end its slot", text, last);
	for (size_t i = 0; i < sizeof(divisions) / sizeof(divisions[0]); i++)
		walk_edges(key, divisions[i]);
	walk_combinations(key, "0000", "99999999");
	walk_combinations(key, "0319", "19880101");
	walk_combinations(key, "0119", "880229" "00");
	walk_combinations(key, "9999", "M000YYYX");
}

/* A slot that no text may use holds no value. */
static void
check_empty(uint64_t slot, uint64_t slots)
{
	uint64_t	first = CODE_ORG_BASE + slot * 10000 * CODE_ORG_WIDTH;
	uint64_t	size = slots * 10000 * CODE_ORG_WIDTH;

	for (int i = 0; i < 2000; i++)
	{
		uint64_t	value = first + (i == 0 ? 0 : i == 1 ? size - 1 :
									 next_random() % size);

		if (code_is_value(value))
			fault("is a value in an empty slot", "", value);
		counted.no_values++;
	}
}

/* The frozen table, place by place. */
static uint64_t
check_slots(void)
{
	uint64_t	slot = 0;
	char		key[5];

	for (int i = 0; i < PAIRS; i++)
	{
		bool		used = pairs[i][2] == '\0';
		bool		wide = used && pairs[i][0] == '9';

		if (!used)
		{
			check_empty(slot, 40);
			slot += 40;
			continue;
		}
		for (int prefix = 0; prefix < 100; prefix++)
		{
			snprintf(key, sizeof(key), "%.2s%02d", pairs[i], prefix);
			if (has_slot(key))
				check_slot(key, slot++);
		}
		if (!wide)
			check_empty(slot++, 1);
	}
	check_empty(slot, CODE_ORG_SLOTS - slot);
	return slot;
}

/* Every day of the 400 years, and what only looks like one. */
static void
check_calendar(void)
{
	int			day = 0;

	for (int yyyymmdd = 17981301; yyyymmdd < 22020000; yyyymmdd++)
	{
		char		text[64];
		int			year = yyyymmdd / 10000,
					month = yyyymmdd / 100 % 100,
					mday = yyyymmdd % 100,
					back[3];
		bool		real;

		if (month > 13 || mday > 32)
			continue;
		snprintf(text, sizeof(text), "370323%08d0007", yyyymmdd);
		real = classify(text) != REFUSED;
		if (code_day_from_date(year, month, mday) != (real ? day : -1))
			fault("code_day_from_date is wrong", text, day);
		if ((check_text(text) != UINT64_MAX) != real)
			fault("wrong about a date", text, day);
		if (!real)
			continue;
		code_date_from_day(day, &back[0], &back[1], &back[2]);
		if (back[0] != year || back[1] != month || back[2] != mday)
			fault("code_date_from_day is wrong", text, day);
		memcpy(text + 14, "999X", 4);
		walk(text, 2, true);	/* over midnight */
		day++;
	}
	if (day != (int) CODE_DAYS)
		fault("the years have another number of days", "", day);
}

/* Days, years and regions that end; and any other place. */
static void
check_persons(void)
{
	static const char *const starts[] = {
		"110000180001010000", "110000189912319990", "370323190002289990",
		"370323200002289990", "370323200002299990", "370323219912319990",
		"829999219912319990", "839999219912319990", "809999219912319990",
		"109999219912319990", "169999219912319990", "899999219912319990",
		"900000180001010000", "911370198801010000", "939999219912319990",
		"999999219912319990", "000000180001010000", "810000199408230020",
		"113703198801010000", "513703198801010000", "913703198801010000"
	};
	char		text[64];

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		walk(starts[i], 1000, true);
	for (int i = 0; i < 4000; i++)
	{
		snprintf(text, sizeof(text), "%06d%04d%02d%02d%03d0",
				 (int) (next_random() % 1000000),
				 1800 + (int) (next_random() % 400),
				 1 + (int) (next_random() % 12), 1 + (int) (next_random() % 28),
				 (int) (next_random() % 1000));
		walk(text, 100, true);
	}
}

/* Serials of a register: ISO 7064 MOD 97-10. */
static void
check_assigned(void)
{
	char		text[64],
				back[CODE_TEXT_SIZE];

	for (int i = 0; i < 100000; i++)
	{
		uint64_t	serial = i < 500 ? (uint64_t) i :
			i < 1000 ? CODE_ASSIGNED_COUNT - 1000 + i :
			next_random() % CODE_ASSIGNED_COUNT;
		int			check = 98 - (int) (serial * 100 % 97);
		uint64_t	value = 0;
		CodeReport	report;

		for (int c = 0; c < 100; c += i % 100 == 0 ? 1 : 100)
		{
			int			tried = i % 100 == 0 ? c : check;
			bool		accepted;

			snprintf(text, sizeof(text), "Z%015" PRIu64 "%02d", serial, tried);
			accepted = code_parse(text, CODE_LENGTH, &value, &report);
			counted.texts++;
			if (accepted != (tried == check))
				fault("assigned: wrong about the check", text, value);
		}
		snprintf(text, sizeof(text), "Z%015" PRIu64 "%02d", serial, check);
		value = CODE_ASSIGNED_BASE + serial;
		if (!code_is_value(value) || !code_is_regular(value) ||
			code_kind(value) != CODE_ASSIGNED || code_format(value, back) != 18 ||
			strcmp(back, text) != 0)
			fault("assigned: does not come back", text, value);
		counted.values++;
	}
}

/* Numbers from anywhere: values come back, others are nobody's. */
static void
check_random(void)
{
	static const uint64_t bases[] = {0, 0, CODE_ORG_BASE, CODE_ORG_END};
	static const uint64_t sizes[] = {
		UINT64_MAX, CODE_PERSON_COUNT, CODE_ORG_END - CODE_ORG_BASE,
		CODE_ASSIGNED_BASE - CODE_ORG_END
	};
	uint64_t	found[4] = {0};

	for (int i = 0; i < 4000000; i++)
	{
		int			which = i % 4;
		uint64_t	value = bases[which] + next_random() % sizes[which];
		char		text[CODE_TEXT_SIZE];

		if (!code_is_value(value))
		{
			counted.no_values++;
			continue;
		}
		found[which]++;
		counted.values++;
		code_format(value, text);
		if (value < CODE_ASSIGNED_BASE && check_text(text) != value)
			fault("does not come back", text, value);
	}
	printf("property: of 1,000,000 random numbers each, values: anywhere %"
		   PRIu64 ", persons %" PRIu64 ", organisations %" PRIu64 ", gap %"
		   PRIu64 "\n", found[0], found[1], found[2], found[3]);
	if (found[3] || !found[1] || !found[2] || code_is_value(CODE_ORG_END) ||
		code_is_value(CODE_ASSIGNED_BASE - 1))
		fault("the regions are not as they should be", "", found[3]);
}

/* Two random codes of one region: numbers compare as texts do. */
static void
check_order(void)
{
	char		text[2][CODE_TEXT_SIZE];
	uint64_t	value[2],
				compared = 0;

	for (int i = 0; i < 2000000; i++)
	{
		bool		person = i % 2;
		uint64_t	base = person ? 0 : CODE_ORG_BASE;
		uint64_t	size = person ? CODE_PERSON_COUNT : CODE_ORG_END - CODE_ORG_BASE;

		/* half of the pairs are near each other */
		value[0] = base + next_random() % size;
		value[1] = i % 4 < 2 ? base + next_random() % size :
			value[0] + next_random() % 1000000007;
		if (!code_is_value(value[0]) || !code_is_value(value[1]) ||
			(value[1] < CODE_ORG_BASE) != person)
			continue;
		code_format(value[0], text[0]);
		code_format(value[1], text[1]);
		compared++;
		if ((memcmp(text[0], text[1], CODE_LENGTH) < 0) != (value[0] < value[1]))
			fault("is out of order", text[0], value[0]);
	}
	printf("property: %" PRIu64 " pairs compared as numbers and as texts\n",
		   compared);
	if (compared < 100000)
		fault("too few pairs compared", "", compared);
}

int
main(void)
{
	uint64_t	slots = check_slots();

	check_calendar();
	check_persons();
	check_assigned();
	check_random();
	check_order();
	printf("property: %" PRIu64 " places of the table, %" PRIu64 " in use; %"
		   PRIu64 " texts, %" PRIu64 " steps to the next text, %" PRIu64
		   " values, %" PRIu64 " numbers that are no value; no fault\n", slots,
		   counted.slots, counted.texts, counted.steps, counted.values,
		   counted.no_values);
	return slots == 1960 && counted.slots == 1765 ? 0 : 1;
}
