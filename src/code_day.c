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

void
code_date_from_day(int day, int *year, int *month, int *mday)
{
	int			y = day * 400 / (int) CODE_DAYS;
	const uint16_t *before;
	int			m;

	if (day >= days_before_year(y + 1))
		y++;
	else if (day < days_before_year(y))
		y--;
	day -= days_before_year(y);
	before = days_before_month[is_leap(1800 + y)];
	m = day / 32;				/* never too large, at most one too small */
	if (day >= before[m + 1])
		m++;
	*year = 1800 + y;
	*month = m + 1;
	*mday = day - before[m] + 1;
}
