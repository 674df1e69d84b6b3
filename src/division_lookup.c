/*
 * division_lookup.c
 *		Years and names of a division, from the cache.
 */
#include "postgres.h"

#include "division_cache.h"

/* First interval of the code, and how many there are. */
static inline const DivisionInterval *
find_code(const DivisionContent *content, int code, int *count)
{
	const DivisionInterval *interval;
	int			prefix = code / 100;
	int			first;
	int			room;

	*count = 0;
	if (code < 0 || code >= PREFIXES * 100)
		return NULL;
	first = content->page[content->page_of[prefix]].first[code % 100];
	if (first == 0)
		return NULL;
	interval = &content->intervals[content->start[prefix] + first - 1];
	room = content->start[prefix + 1] - (content->start[prefix] + first - 1);
	while (*count < room && interval[*count].code == code)
		(*count)++;
	return interval;
}

/* Was the interval in force at some time of the years, give or take a year? */
static inline bool
meets(const DivisionInterval *interval, int from_year, int to_year)
{
	return (interval->first_year == DIVISION_FIRST_LIST ||
			interval->first_year - DIVISION_SLACK <= to_year) &&
		(interval->last_year == OPEN_END ||
		 interval->last_year + DIVISION_SLACK >= from_year);
}

/*
 * The heading of the standard that the code is, if it is one.  The yearly
 * lists leave headings out, registration codes use them: 330201 is "the
 * districts of Ningbo", 110100 those of Beijing, 419000 the county-level
 * cities directly under Henan.
 */
static DivisionHeading
heading_of(int code)
{
	int			province = code / 10000;
	int			prefecture = code / 100 % 100;

	if (code < 0 || code >= PREFIXES * 100)
		return NO_HEADING;
	if (code % 100 == 1 && prefecture != 0)
		return HEADING_DISTRICTS;
	if (code % 100 != 0)
		return NO_HEADING;
	if (prefecture == 90)
		return province == 15 || province == 45 || province == 54 ||
			province == 64 || province == 65 ?
			HEADING_OF_REGION : HEADING_OF_PROVINCE;
	if (province != 11 && province != 12 && province != 31 && province != 50)
		return NO_HEADING;
	if (prefecture == 1)
		return HEADING_DISTRICTS;
	if (prefecture == 2)
		return HEADING_COUNTIES;
	return prefecture == 3 && province == 50 ? HEADING_CITIES : NO_HEADING;
}

/*
 * Is the heading in use in these years?  XXXX01 with its city, any other with
 * one of the divisions below it.
 */
static bool
heading_meets(const DivisionContent *content, int code, int from_year, int to_year)
{
	const DivisionInterval *interval;
	int			count;

	if (code % 100 == 1)
		interval = find_code(content, code - 1, &count);
	else
	{
		interval = &content->intervals[content->start[code / 100]];
		count = content->start[code / 100 + 1] - content->start[code / 100];
	}
	for (int i = 0; i < count; i++)
	{
		if ((code % 100 == 0 || interval[i].is_city) &&
			meets(&interval[i], from_year, to_year))
			return true;
	}
	return false;
}

static bool
listed_between(const DivisionContent *content, int code, int from_year, int to_year)
{
	int			count;
	const DivisionInterval *interval = find_code(content, code, &count);

	for (int i = count - 1; i >= 0; i--)
	{
		if (meets(&interval[i], from_year, to_year))
			return true;
	}
	return heading_of(code) != NO_HEADING &&
		heading_meets(content, code, from_year, to_year);
}

bool
division_listed_between(int code6, int from_year, int to_year)
{
	return listed_between(division_content(), code6, from_year, to_year);
}

/*
 * LISTED in as_of_year; else RETIRED if listed at some time since from_year
 * (birth or founding); else UNLISTED.
 */
DivisionStatus
division_status(int code6, int from_year, int as_of_year)
{
	const DivisionContent *content = division_content();

	if (listed_between(content, code6, as_of_year, as_of_year))
		return DIVISION_LISTED;
	if (from_year < as_of_year &&
		listed_between(content, code6, from_year, as_of_year))
		return DIVISION_RETIRED;
	return DIVISION_UNLISTED;
}

/* The name that the lists give for the very year; where two rows hold
 * (a change within the year), the one that begins later. */
static DivisionLabel
listed_label(const DivisionContent *content, int code, int year)
{
	DivisionLabel label = {NULL, 0};
	const DivisionInterval *found = NULL;
	int			count;
	const DivisionInterval *interval = find_code(content, code, &count);

	for (int i = count - 1; i >= 0 && !found; i--)
	{
		if (interval[i].first_year <= year &&
			(interval[i].last_year == OPEN_END || interval[i].last_year >= year))
			found = &interval[i];
	}
	for (int i = 0; i < count && !found; i++)
	{
		if (interval[i].first_year == DIVISION_FIRST_LIST && year < DIVISION_FIRST_LIST)
			found = &interval[i];
	}
	if (found)
	{
		label.text = content->names + found->name;
		label.length = found->name_length;
	}
	return label;
}

static bool
same_label(DivisionLabel a, DivisionLabel b)
{
	return a.text && b.text && a.length == b.length &&
		memcmp(a.text, b.text, a.length) == 0;
}

/*
 * The name in force in a year.  A single missing year between two with the
 * same name is a hole in the lists (Anhui is not in that of 1987), not in
 * history.
 */
DivisionLabel
division_label(int code6, int year)
{
	const DivisionContent *content = division_content();
	DivisionLabel label = listed_label(content, code6, year);
	DivisionHeading heading;

	if (label.text)
		return label;
	if (year > PG_INT16_MIN && year < PG_INT16_MAX)
	{
		label = listed_label(content, code6, year - 1);
		if (same_label(label, listed_label(content, code6, year + 1)))
			return label;
	}
	label.text = NULL;
	heading = heading_of(code6);
	if (heading != NO_HEADING && heading_meets(content, code6, year, year))
		label = content->heading[heading];
	return label;
}

/* The same with a year of slack: for the places above a listed one. */
DivisionLabel
division_label_near(int code6, int year)
{
	DivisionLabel label = division_label(code6, year);

	if (!label.text && year < PG_INT16_MAX)
		label = division_label(code6, year + DIVISION_SLACK);
	if (!label.text && year > PG_INT16_MIN)
		label = division_label(code6, year - DIVISION_SLACK);
	return label;
}

bool
division_is_heading(int code6, int year)
{
	const DivisionContent *content = division_content();

	return heading_of(code6) != NO_HEADING &&
		!listed_label(content, code6, year).text &&
		heading_meets(content, code6, year, year);
}
