/*
 * display_explain.c
 *		Why a record is shown until when, and on which day anything changes next.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "display.h"
#include "display_arg.h"
#include "repair.h"

PG_FUNCTION_INFO_V1(explain_display);
PG_FUNCTION_INFO_V1(next_change);

/* A rule that applies, and the last day that it allows. */
typedef struct RuleEnd
{
	const BookDisplay *rule;
	DateADT		until;			/* DATEVAL_NOEND: not known yet */
} RuleEnd;

/* By last day; rules lie in the order of the text, which settles ties. */
static int
compare_ends(const void *a, const void *b)
{
	const RuleEnd *x = a;
	const RuleEnd *y = b;

	if (x->until != y->until)
		return x->until < y->until ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* All rules that apply to a record, the deciding one first. */
static int
find_ends(const Rulebook *book, BookArray uses, const DisplayRecord *record, RuleEnd *end)
{
	const BookDisplay *rules = BOOK_AT(book, BookDisplay, book->display);
	const uint16 *use = BOOK_AT(book, uint16, uses);
	int			count = 0;
	DateADT		floor;

	for (uint32 i = 0; i < uses.count; i++)
	{
		const BookDisplay *rule = &rules[use[i]];

		if (!display_rule_counts(rule, record->document_date, &floor))
			continue;
		end[count].rule = rule;
		end[count].until = display_rule_end(display_anchor(record, rule->anchor),
											rule->months, floor);
		count++;
	}
	qsort(end, count, sizeof(RuleEnd), compare_ends);
	return count;
}

static void
put_end(ReturnSetInfo *result, const Rulebook *book, const RuleEnd *end)
{
	static const char *const anchors[] = {"document_date", "conduct_end", "displayed_from"};
	const BookDisplay *rule = end->rule;
	Datum		values[4];
	bool		nulls[4] = {false};

	values[0] = PointerGetDatum(rulebook_text(book, rule->id));
	values[1] = PointerGetDatum(rulebook_basis_text(book, &rule->basis));
	values[2] = CStringGetTextDatum(anchors[rule->anchor]);
	values[3] = DateADTGetDatum(end->until);
	nulls[3] = end->until == DATEVAL_NOEND;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * explain_display(book, item, severity, document_date, conduct_end,
 * displayed_from) → setof (rule, basis, anchor, until)
 */
Datum
explain_display(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	DisplayUse *use;
	const BookItem *item;
	BookArray	uses;
	DisplayRecord record;
	RuleEnd    *end;
	int			count;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		return (Datum) 0;
	use = display_use_arg(fcinfo);
	display_record_args(fcinfo, 3, 5, &record);
	item = display_slot_arg(fcinfo, use, 1)->item;
	uses = item->display[rulebook_severity_arg(fcinfo, &use->base, 2)];
	end = palloc((uses.count + 1) * sizeof(RuleEnd));
	count = find_ends(use->base.book, uses, &record, end);
	if (count == 0 || end[0].until == DATEVAL_NOEND)
		display_no_rule(use->base.book, item);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_end(result, use->base.book, &end[i]);
	}
	return (Datum) 0;
}

/* The nearest of several days after one. */
typedef struct NextDay
{
	DateADT		after;
	DateADT		day;			/* DATEVAL_NOEND: none yet */
} NextDay;

static void
note_day(NextDay *next, DateADT day)
{
	if (day > next->after && day < next->day)
		next->day = day;
}

/* The days after which the record no longer counts by a rule of the score scheme. */
static void
note_validity(const Rulebook *book, BookArray uses, DateADT happened_on, NextDay *next)
{
	const BookScoreRule *rules = BOOK_AT(book, BookScoreRule, book->score.rules);
	const uint16 *use = BOOK_AT(book, uint16, uses);

	for (uint32 i = 0; i < uses.count; i++)
		if (rules[use[i]].months > 0)
			note_day(next, display_last_day(happened_on, rules[use[i]].months) + 1);
}

/*
 * next_change(book, item, severity, document_date, conduct_end, displayed_from,
 * as_of) → date
 */
Datum
next_change(PG_FUNCTION_ARGS)
{
	DisplayUse *use;
	DisplaySlot *slot;
	const BookItem *item;
	BookSeverity severity;
	DisplayRecord record;
	DateADT		until,
				repair;
	NextDay		next;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3) || PG_ARGISNULL(6))
		PG_RETURN_NULL();
	use = display_use_arg(fcinfo);
	display_record_args(fcinfo, 3, 5, &record);
	slot = display_slot_arg(fcinfo, use, 1);
	item = slot->item;
	severity = rulebook_severity_arg(fcinfo, &use->base, 2);
	next.after = PG_GETARG_DATEADT(6);
	next.day = DATEVAL_NOEND;
	until = display_end(use, slot, severity, &record);
	if (until >= record.start)
	{
		note_day(&next, record.start);
		note_day(&next, until + 1);
		/* What is no longer shown needs no repair. */
		repair = repair_first_day(use->base.book, item->repair[severity], record.document_date,
									record.conduct_end, record.start);
		if (repair <= until)
			note_day(&next, repair);
	}
	if (use->base.book->score.id.at)
		note_validity(use->base.book, item->score[severity], record.document_date, &next);
	if (next.day == DATEVAL_NOEND)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(next.day);
}
