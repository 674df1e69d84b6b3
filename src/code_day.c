/*
 * code_day.c
 *		The calendar of the persons' region: days from 1800-01-01 to 2199-12-31.
 */
#include "code_core.h"

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

/*
 * By the Euclidean affine functions of Neri and Schneider (2023): years begin
 * in March, so that the leap day is the last, and the divisions are by
 * constants.  Day 0 of the formulae is 1600-03-01.
 */
#define DAYS_FROM_1600_03	72989

void
code_date_from_day(int day, int *year, int *month, int *mday)
{
	uint32_t	n1 = 4 * (uint32_t) (day + DAYS_FROM_1600_03) + 3;
	uint32_t	century = n1 / 146097;
	uint32_t	n2 = (n1 % 146097) | 3;
	uint64_t	p2 = (uint64_t) 2939745 * n2;
	uint32_t	year_of_century = p2 >> 32;
	uint32_t	day_of_year = (uint32_t) p2 / 2939745 / 4;
	uint32_t	n3 = 2141 * day_of_year + 197913;
	bool		next = day_of_year >= 306;	/* January or February */

	*year = 1600 + 100 * century + year_of_century + next;
	*month = (n3 >> 16) - (next ? 12 : 0);
	*mday = (n3 & 0xFFFF) / 2141 + 1;
}
