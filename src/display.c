/*
 * display.c
 *		How long a record may be shown, and whether it is shown on a day.
 *
 * The least end of all rules that count decides; see doc/display.md for which
 * count.  Arguments are read in place, as a filter over a register calls these
 * functions by the million.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"

#include "display.h"
#include "display_arg.h"

PG_FUNCTION_INFO_V1(display_period);
PG_FUNCTION_INFO_V1(displayed_on);
PG_FUNCTION_INFO_V1(displayed_on_from);
PG_FUNCTION_INFO_V1(displayed_if_known);
PG_FUNCTION_INFO_V1(public_display);

static void
month_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("date out of range")));
}

/* Civil Code arts 200-203, for every room and any date. */
DateADT
date_add_months(DateADT day, int months)
{
	int			year,
				month,
				number;
	int64		total;

	if (DATE_NOT_FINITE(day))
		return day;
	if (day <= DISPLAY_FAST_LAST && months >= -1200 && months <= 1200)
	{
		day = display_add_months(day, months);
		if (day < DISPLAY_FIRST_DATE)
			month_out_of_range();
		return day;
	}

	/* Beyond the year 7000, or a span of a century: the server's own calendar. */
	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &number);
	total = (int64) year * 12 + month - 1 + months;
	if (total < 0 || total / 12 >= JULIAN_MAXYEAR)
		month_out_of_range();
	year = total / 12;
	month = total % 12 + 1;
	number = Min(number, day_tab[isleap(year)][month - 1]);
	return date2j(year, month, number) - POSTGRES_EPOCH_JDATE;
}

void
display_bad_date(const char *name, bool continues)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("%s is out of range", name),
			 errdetail("It must be a finite day not after 2999-12-31."),
			 continues ? errhint("NULL says that the conduct continues.") : 0));
}

/* The bytes of a daterange [from, to] as the server keeps it: [from, to + 1). */
typedef struct DateRange
{
	RangeType	head;
	DateADT		lower;
	DateADT		upper;
	char		flags;
} DateRange;

#define DATE_RANGE_SIZE		(offsetof(DateRange, flags) + 1)
#define EMPTY_RANGE_SIZE	(sizeof(RangeType) + 1)

StaticAssertDecl(DATE_RANGE_SIZE <= DISPLAY_RANGE_SIZE, "a use has room for a range");
StaticAssertDecl(sizeof(RangeType) == 8 && offsetof(DateRange, flags) == 16,
				 "a daterange is its head, two days and a byte");

/*
 * Made by hand, as through the type's own functions a range would cost more than
 * the decision.  It lies in the call's own state and is overwritten by the next
 * call from the same place in a query, not in the memory of a row, whose
 * clearing costs as much again.  Whoever keeps a value beyond its row copies it
 * (aggregates, sorts, tuples, variables), and no expression calls the same place
 * twice for one row; test/sql/display.sql goes through those that keep values.
 */
static Datum
display_range(DisplayUse *use, DateADT from, DateADT to)
{
	DateRange  *range = (DateRange *) use->range;

	range->head.rangetypid = DATERANGEOID;
	if (unlikely(to < from))
	{
		SET_VARSIZE(range, EMPTY_RANGE_SIZE);
		*((char *) range + sizeof(RangeType)) = RANGE_EMPTY;
	}
	else
	{
		SET_VARSIZE(range, DATE_RANGE_SIZE);
		range->lower = from;
		range->upper = to + 1;
		range->flags = RANGE_LB_INC;
	}
	return PointerGetDatum(range);
}

/* display_period(book, item, severity, document_date, conduct_end, displayed_from) → daterange */
Datum
display_period(PG_FUNCTION_ARGS)
{
	DisplayUse *use;
	DisplaySlot *slot;
	DisplayRecord record;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	use = display_use_arg(fcinfo);
	display_record_args(fcinfo, 3, 5, &record);
	slot = display_slot_arg(fcinfo, use, 1);
	return display_range(use, record.start,
						 display_end(use, slot, display_severity_arg(fcinfo, use, 2), &record));
}

/*
 * On the day that the plan was set to: each anchor against the least that is
 * still shown.  decided: some rule knows an end.
 */
static inline bool
shown_by_plan(const DisplayPlan *plan, const DisplayRecord *record, bool *decided)
{
	const DisplaySpan *later = likely(record->document_date <= plan->day) ? plan->near :
	display_last_span(plan);
	const DisplaySpan *span = display_span_of(later, record->document_date);
	const DisplayTerm *term = &plan->term[span->first];

	for (int i = 0; i < span->count; i++)
	{
		DateADT		anchor = display_anchor(record, term[i].anchor);

		*decided |= anchor != DATEVAL_NOEND;
		if (anchor < term[i].least)
			return false;
	}
	return true;
}

/*
 * Is a record that began to be shown before or on the day still shown on it?
 * A plan is set to a day that comes a second time running, so that days which
 * differ from row to row cost no more than one calculation each.
 */
static inline bool
still_shown(DisplayUse *use, DisplaySlot *slot, BookSeverity severity,
			const DisplayRecord *record, DateADT day)
{
	DisplayPlan *plan = slot->plan[severity];
	bool		decided = false;
	bool		shown;

	if (unlikely(plan == NULL || day != plan->day))
	{
		if (plan == NULL || day != use->day)
		{
			use->day = day;
			return day <= display_end(use, slot, severity, record);
		}
		display_set_day(plan, day);
	}
	if (record->document_date < plan->first)
		return false;
	shown = shown_by_plan(plan, record, &decided);
	if (unlikely(!decided))
		display_no_rule(use->base.book, slot->item);
	return shown;
}

/*
 * Most rows of a register lie far from any one day.  Those that no rule of the
 * book could still show are decided before their item is looked at; a later law
 * could keep one only until the day it enters into force.
 */
static pg_attribute_always_inline bool
is_shown(FunctionCallInfo fcinfo, DisplayUse *use, int severity, int displayed_from, DateADT day)
{
	const Rulebook *book = use->base.book;
	DisplayRecord record;

	display_record_args(fcinfo, severity + 1, displayed_from, &record);
	if (day < record.start || day > DISPLAY_LAST_SHOWN)
		return false;
	if (day - Max(record.document_date, record.start) > book->longest_days &&
		day >= book->latest_from)
		return false;
	return still_shown(use, display_slot_arg(fcinfo, use, 1),
					   display_severity_arg(fcinfo, use, severity), &record, day);
}

/* displayed_on(book, item, severity, document_date, conduct_end, day) → bool */
Datum
displayed_on(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3) || PG_ARGISNULL(5))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(is_shown(fcinfo, display_use_arg(fcinfo), 2, -1, PG_GETARG_DATEADT(5)));
}

/* displayed_on(book, item, severity, document_date, conduct_end, displayed_from, day) → bool */
Datum
displayed_on_from(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3) || PG_ARGISNULL(6))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(is_shown(fcinfo, display_use_arg(fcinfo), 2, 5, PG_GETARG_DATEADT(6)));
}

/*
 * displayed_if_known(book, item, severity, document_date, conduct_end,
 * displayed_from, day) → bool: for reports, which one record of a former
 * catalogue must not stop.  What the book does not list has no basis, and is
 * not shown.
 */
Datum
displayed_if_known(PG_FUNCTION_ARGS)
{
	DisplayUse *use;
	const struct varlena *item;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3) || PG_ARGISNULL(6))
		PG_RETURN_NULL();
	use = display_use_arg(fcinfo);
	item = PG_GETARG_TEXT_PP(1);
	if (!rulebook_find_item(use->base.book, VARDATA_ANY(item), VARSIZE_ANY_EXHDR(item)))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(is_shown(fcinfo, use, 2, 5, PG_GETARG_DATEADT(6)));
}

/*
 * public_display(book, item, natural_person, severity, document_date,
 * conduct_end, displayed_from, day) → bool.  Natural persons are shown to the
 * public only where the State provides it; one not known not to be a person is
 * taken for one.
 */
Datum
public_display(PG_FUNCTION_ARGS)
{
	DisplayUse *use;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(4) || PG_ARGISNULL(7))
		PG_RETURN_NULL();
	use = display_use_arg(fcinfo);
	if ((PG_ARGISNULL(2) || PG_GETARG_BOOL(2)) &&
		!display_slot_arg(fcinfo, use, 1)->item->public_persons)
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(is_shown(fcinfo, use, 3, 6, PG_GETARG_DATEADT(7)));
}
