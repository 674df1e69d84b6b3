/*
 * display_plan.c
 *		The display rules of an item and severity, arranged by document date.
 *
 * Which rules count depends on nothing but the document date, and only where one
 * enters into force or ends.  So the time line is cut there once, and in each
 * span only those terms are kept that can decide.  For one day asked about
 * again and again each term gets the least anchor still shown on it: then a row
 * costs a comparison, not a calculation.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "display.h"
#include "display_arg.h"

/* After another rulebook has come: forget what was made of the last one. */
void
display_use_book(DisplayUse *use)
{
	const Rulebook *book = use->base.book;
	Size		slots;

	memset(use->digest, 0, sizeof(use->digest));
	if (use->context == NULL)
		use->context = AllocSetContextCreate(use->base.context, "credit display",
											 ALLOCSET_SMALL_SIZES);
	use->slot = NULL;
	MemoryContextReset(use->context);
	/* Four places for each item and more behind, so that a search ends at a free one. */
	use->slot_shift = 64 - 2 - pg_ceil_log2_32(Max(book->items.count, 2));
	slots = ((Size) 1 << (64 - use->slot_shift)) + book->items.count + 1;
	use->slot = MemoryContextAllocZero(use->context, slots * sizeof(DisplaySlot));
	use->day = DATEVAL_NOBEGIN;
	memcpy(use->digest, book->digest, sizeof(use->digest));
}

void
display_make_table(DisplayUse *use)
{
	DisplayMonth m = display_month_of(DISPLAY_TABLE_FIRST);
	DateADT    *month = MemoryContextAlloc(use->base.context,
										   (DISPLAY_TABLE_MONTHS + 2) * sizeof(DateADT));

	for (int i = 0; i < DISPLAY_TABLE_MONTHS + 2; i++, m.month++)
		month[i] = display_date_of(m);
	use->month = month;
}

/* Looks an item up, and keeps it in the free slot where it was not found. */
DisplaySlot *
display_find_slot(FunctionCallInfo fcinfo, DisplayUse *use, int n, DisplaySlot *slot)
{
	const BookItem *item = rulebook_item_arg(fcinfo, &use->base, n);

	display_words_of(BOOK_CHARS(use->base.book, item->id), item->id.length, slot->word);
	slot->item = item;
	slot->length = item->id.length;
	return slot;
}

static int
compare_days(const void *a, const void *b)
{
	DateADT		x = *(const DateADT *) a;
	DateADT		y = *(const DateADT *) b;

	return x < y ? -1 : x > y;
}

/* The days on which a rule enters into force or has ended, ascending, each once. */
static int
cut_days(const Rulebook *book, BookArray uses, DateADT *cut)
{
	const BookDisplay *rules = BOOK_AT(book, BookDisplay, book->display);
	const uint16 *use = BOOK_AT(book, uint16, uses);
	int			count = 0,
				kept = 0;

	cut[count++] = DATEVAL_NOBEGIN;
	for (uint32 i = 0; i < uses.count; i++)
	{
		const BookRange *in_force = &rules[use[i]].in_force;

		cut[count++] = in_force->from;
		if (in_force->to != DATEVAL_NOEND)
			cut[count++] = in_force->to + 1;
	}
	qsort(cut, count, sizeof(DateADT), compare_days);
	for (int i = 0; i < count; i++)
		if (i == 0 || cut[i] != cut[kept - 1])
			cut[kept++] = cut[i];
	return kept;
}

/* So many months have at least so many days: a month has 30.436875 in the mean. */
static int
least_days(int months)
{
	return months == 0 ? -1 : (int) (months * INT64CONST(146097) / 4800) - 4;
}

/*
 * A term never decides where another from the same anchor ends no later.  Those
 * that are kept stand in the order of their months.
 */
static int
add_term(DisplayTerm *term, int count, DisplayTerm added)
{
	int			kept = 0;

	for (int i = 0; i < count; i++)
		if (term[i].anchor == added.anchor && term[i].months <= added.months &&
			term[i].floor <= added.floor)
			return count;
	for (int i = 0; i < count; i++)
		if (term[i].anchor != added.anchor || term[i].months < added.months ||
			term[i].floor < added.floor)
			term[kept++] = term[i];
	count = kept++;
	for (; count > 0 && term[count - 1].months > added.months; count--)
		term[count] = term[count - 1];
	term[count] = added;
	return kept;
}

/* The terms for documents of a date. */
static int
terms_of(const Rulebook *book, BookArray uses, DateADT document_date, DisplayTerm *term)
{
	const BookDisplay *rules = BOOK_AT(book, BookDisplay, book->display);
	const uint16 *use = BOOK_AT(book, uint16, uses);
	int			count = 0;

	for (uint32 i = 0; i < uses.count; i++)
	{
		const BookDisplay *rule = &rules[use[i]];
		DisplayTerm added = {.months = rule->months,.anchor = rule->anchor};

		added.days = least_days(rule->months);
		if (display_rule_counts(rule, document_date, &added.floor))
			count = add_term(term, count, added);
	}
	return count;
}

static bool
same_terms(const DisplayTerm *term, int count, const DisplayPlan *plan, const DisplaySpan *span)
{
	return count == span->count &&
		memcmp(term, &plan->term[span->first], count * sizeof(DisplayTerm)) == 0;
}

DisplayPlan *
display_make_plan(DisplayUse *use, const BookItem *item, BookSeverity severity)
{
	BookArray	uses = item->display[severity];
	DateADT		cut[2 * DISPLAY_PLAN_RULES + 1];
	DisplayTerm term[DISPLAY_PLAN_RULES];
	int			spans = cut_days(use->base.book, uses, cut),
				terms = 0;
	Size		size = sizeof(DisplayPlan) + spans * sizeof(DisplaySpan) +
	(Size) spans * uses.count * sizeof(DisplayTerm);
	DisplayPlan *plan = MemoryContextAllocZero(use->context, size);

	plan->day = DATEVAL_NOBEGIN;
	plan->span = (DisplaySpan *) (plan + 1);
	plan->term = (DisplayTerm *) (plan->span + spans);
	for (int i = 0; i < spans; i++)
	{
		int			count = terms_of(use->base.book, uses, cut[i], term);
		DisplaySpan *span = &plan->span[plan->spans];

		/* What changed may be nothing that decides. */
		if (plan->spans > 0 && same_terms(term, count, plan, &span[-1]))
			continue;
		span->from = cut[i];
		span->first = terms;
		span->count = count;
		memcpy(&plan->term[terms], term, count * sizeof(DisplayTerm));
		terms += count;
		plan->spans++;
	}
	return plan;
}

/*
 * The least anchor whose last day is not before day.  Going back from the 31st
 * may end on a 30th or 28th, which leads forward to a day too early; then the
 * next day, the first of a month, is the one.
 */
static DateADT
least_anchor(DateADT day, int months)
{
	DateADT		anchor;

	if (months == 0)
		return day + 1;
	anchor = display_add_months(day, -months);
	return display_add_months(anchor, months) < day ? anchor + 1 : anchor;
}

/* The first document date of a span that its rules from document_date leave on the plan's day. */
static DateADT
first_of_span(const DisplayPlan *plan, const DisplaySpan *span)
{
	DateADT		first = span->from;

	for (int i = 0; i < span->count; i++)
		if (plan->term[span->first + i].anchor == BOOK_DOCUMENT_DATE)
			first = Max(first, plan->term[span->first + i].least);
	return span < display_last_span(plan) && first >= span[1].from ? DATEVAL_NOEND : first;
}

void
display_set_day(DisplayPlan *plan, DateADT day)
{
	const DisplaySpan *last = display_last_span(plan);

	for (int i = 0; i < last->first + last->count; i++)
	{
		DisplayTerm *term = &plan->term[i];

		term->least = term->floor >= day ? DATEVAL_NOBEGIN : least_anchor(day, term->months);
	}
	plan->first = DATEVAL_NOEND;
	for (const DisplaySpan *span = plan->span; span <= last; span++)
		plan->first = Min(plan->first, first_of_span(plan, span));
	plan->near = display_span_of(last, day);
	plan->day = day;
}

/* Rule by rule, for items with more of them than a plan is made for. */
static DateADT
end_by_rules(const Rulebook *book, BookArray uses, const DisplayRecord *record)
{
	const BookDisplay *rules = BOOK_AT(book, BookDisplay, book->display);
	const uint16 *use = BOOK_AT(book, uint16, uses);
	DateADT		least = DATEVAL_NOEND,
				floor;

	for (uint32 i = 0; i < uses.count; i++)
	{
		const BookDisplay *rule = &rules[use[i]];

		CHECK_FOR_INTERRUPTS();
		if (display_rule_counts(rule, record->document_date, &floor))
		{
			DateADT		anchor = display_anchor(record, rule->anchor);

			least = Min(least, display_rule_end(anchor, rule->months, floor));
		}
	}
	return least;
}

/* Nothing is shown for ever because no rule was written for it. */
void
display_no_rule(const Rulebook *book, const BookItem *item)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("section display of rulebook \"%.*s\" has no rule that ends "
					"the display of item \"%.*s\"",
					(int) book->id.length, BOOK_CHARS(book, book->id),
					(int) item->id.length, BOOK_CHARS(book, item->id)),
			 errhint("SELECT * FROM credit.rulebook_rules(book) lists the rules; "
					 "add one to the section, or do not ask for this item.")));
}

/* As display_rule_end, by the table where that will do. */
static inline DateADT
term_end(const DisplayUse *use, DateADT anchor, const DisplayTerm *term)
{
	if (likely(use->month && term->months > 0 && display_in_table(anchor)))
		return Max(display_add_by_table(use->month, anchor, term->months), term->floor);
	return display_rule_end(anchor, term->months, term->floor);
}

static inline DateADT
end_by_plan(DisplayUse *use, const DisplayPlan *plan, const DisplayRecord *record)
{
	const DisplaySpan *span = display_span_of(display_last_span(plan), record->document_date);
	const DisplayTerm *term = &plan->term[span->first];
	DateADT		least = DATEVAL_NOEND;

	if (unlikely(use->month == NULL) && use->calls++ == DISPLAY_TABLE_CALLS)
		display_make_table(use);
	for (int i = 0; i < span->count; i++)
	{
		DateADT		anchor = display_anchor(record, term[i].anchor);

		/* Most caps are seen to be far off without the calendar. */
		if ((int64) anchor + term[i].days < least)
			least = Min(least, term_end(use, anchor, &term[i]));
	}
	return least;
}

/* The last day on which a record is shown: the least of all rules that count. */
DateADT
display_end(DisplayUse *use, DisplaySlot *slot, BookSeverity severity, const DisplayRecord *record)
{
	const Rulebook *book = use->base.book;
	BookArray	uses = slot->item->display[severity];
	DateADT		least;

	if (likely(slot->plan[severity] != NULL))
		least = end_by_plan(use, slot->plan[severity], record);
	else if (uses.count > DISPLAY_PLAN_RULES)
		least = end_by_rules(book, uses, record);
	else
	{
		slot->plan[severity] = display_make_plan(use, slot->item, severity);
		least = end_by_plan(use, slot->plan[severity], record);
	}
	if (unlikely(least == DATEVAL_NOEND))
		display_no_rule(book, slot->item);
	return least;
}
