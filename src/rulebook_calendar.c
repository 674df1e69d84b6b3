/*
 * rulebook_calendar.c
 *		The calendar section compiled: a bit a day, and counts before each word.
 */
#include "credit_compat.h"

#include "rulebook_build.h"

#define MOST_DAYS	(200 * 366)

/* ISO weekday, 1 is Monday; day 0 is Saturday 2000-01-01. */
static int
weekday(DateADT day)
{
	int			w = (day + 5) % 7;

	return (w < 0 ? w + 7 : w) + 1;
}

static void
set_day(uint64 *words, int at, bool work)
{
	if (work)
		words[at / 64] |= UINT64CONST(1) << at % 64;
	else
		words[at / 64] &= ~(UINT64CONST(1) << at % 64);
}

/* One entry of a year's "off" or "work"; named: bits of the days named already. */
static bool
build_span(Build *b, const BookCalendar *c, const char *span, bool work, uint64 *named,
		   const char *path)
{
	uint64	   *words = (uint64 *) (b->out.data + c->words);
	char		first[11];
	DateADT		from,
				to;

	strlcpy(first, span, sizeof(first));
	from = rulebook_day(first);
	to = span[10] == '/' ? rulebook_day(span + 11) : from;
	if (from < c->from || to > c->to)
		return rulebook_json_fail(b->error, path, "%s is outside the calendar.", span);
	for (int at = from - c->from; at <= to - c->from; at++)
	{
		if (named[at / 64] & UINT64CONST(1) << at % 64)
			return rulebook_json_fail(b->error, path, "A day of %s is named twice.", span);
		set_day(named, at, true);
		set_day(words, at, work);
	}
	return true;
}

static bool
build_years(Build *b, const BookCalendar *c, const JsonNode *years)
{
	static const char *const keys[] = {"off", "work"};
	uint64	   *named = palloc0(c->count * sizeof(uint64));

	for (int y = 0; y < years->count; y++)
		for (int k = 0; k < 2; k++)
			for (int i = 0; i < node_count(years->nodes[y], keys[k]); i++)
			{
				char		path[160];

				snprintf(path, sizeof(path), "$.calendar.years[%d].%s[%d]", y, keys[k], i);
				if (!build_span(b, c, node_element(years->nodes[y], keys[k], i)->text, k == 1,
								named, path))
					return false;
			}
	return true;
}

/* The year of a text that passed as a day. */
static int
year_of(const JsonNode *section, const char *key)
{
	return atoi(node_text(section, key));
}

/*
 * Weekends alone are a guess where nobody announced the days off: each year has
 * an entry, if only an empty one, or the book says from when on it guesses.
 */
static bool
check_years(Build *b, const JsonNode *section)
{
	int			last = Min(year_of(section, "to"), node_int(section, "plain_from", 2200) - 1);
	bool		listed[2200] = {false};	/* a year ends with 2199: rulebook_shape.c */

	for (int y = 0; y < node_count(section, "years"); y++)
		listed[node_int(node_element(section, "years", y), "year", 0)] = true;
	for (int year = year_of(section, "from"); year <= last; year++)
	{
		if (listed[year])
			continue;
		strlcpy(b->error->hint, "credit.with_calendar_year() adds the days of its notice; "
				"\"plain_from\" names the first year of which weekends are all that is known.",
				sizeof(b->error->hint));
		return rulebook_json_fail(b->error, "$.calendar.years",
								  "The calendar reaches the year %d and has no entry of it.", year);
	}
	return true;
}

bool
build_calendar(Build *b)
{
	const JsonNode *section = rulebook_json_get(b->root, "calendar");
	BookCalendar c = {.from = 0,.to = -1};
	int			weekend = 0;
	uint64	   *words;
	uint32	   *before;

	BUILD_BOOK(b)->calendar = c;
	if (section == NULL)
		return true;
	c.from = rulebook_day(node_text(section, "from"));
	c.to = rulebook_day(node_text(section, "to"));
	if (c.to < c.from || c.to - c.from >= MOST_DAYS)
		return rulebook_json_fail(b->error, "$.calendar.to",
								  "The calendar must cover 1 day to 200 years.");
	if (!check_years(b, section))
		return false;
	for (int i = 0; i < node_count(section, "weekend"); i++)
		weekend |= 1 << atoi(node_element(section, "weekend", i)->text);
	c.count = (c.to - c.from) / 64 + 1;
	c.words = build_array(b, c.count, sizeof(uint64)).at;
	c.before = build_array(b, c.count + 1, sizeof(uint32)).at;
	words = (uint64 *) (b->out.data + c.words);
	for (DateADT day = c.from; day <= c.to; day++)
		set_day(words, day - c.from, !(weekend & 1 << weekday(day)));
	if (!build_years(b, &c, rulebook_json_get(section, "years")))
		return false;
	before = (uint32 *) (b->out.data + c.before);
	for (uint32 w = 0; w < c.count; w++)
		before[w + 1] = before[w] + __builtin_popcountll(words[w]);
	BUILD_BOOK(b)->calendar = c;
	return true;
}
