/*
 * repair_rule.c
 *		Which repair rules decide, and what they ask for.
 *
 * The procedure follows the day of asking: the rules in force on that day say
 * which conditions there are.  The minimum of display follows the record: a
 * later, milder rule shortens it, a harsher one never reaches back.
 */
#include "postgres.h"

#include "credit_compat.h"
#include "display.h"
#include "repair.h"

const BookRepair *
repair_rule(const RepairAsk *ask, int n)
{
	return BOOK_AT(ask->book, BookRepair, ask->book->repair) + ask->rules[n];
}

/* A day that never comes has no law, not even rules without an end. */
bool
repair_in_force(const BookRepair *rule, DateADT day)
{
	return rule->in_force.from <= day && day <= rule->in_force.to && day != REPAIR_NEVER;
}

/* Does some rule forbid repair on this day? */
static bool
forbidden_on(const RepairAsk *ask, DateADT day)
{
	for (int i = 0; i < ask->count; i++)
		if (repair_rule(ask, i)->never && repair_in_force(repair_rule(ask, i), day))
			return true;
	return false;
}

/*
 * Only what forbids it at the document and on the day of asking does: the later,
 * milder law helps, a harsher one never reaches back (part E, E15).
 */
static bool
is_barred(const RepairAsk *ask)
{
	return forbidden_on(ask, ask->document_date) &&
		forbidden_on(ask, Max(ask->as_of, ask->document_date));
}

/* Is it a rule that forbids the repair of this record? */
bool
repair_bars(const RepairAsk *ask, const BookRepair *rule)
{
	return rule->never && is_barred(ask) &&
		(repair_in_force(rule, ask->document_date) ||
		 repair_in_force(rule, Max(ask->as_of, ask->document_date)));
}

/*
 * Is there a rule by which a record may be repaired on this day, and none that
 * forbids it?  One that came after the document does not count.
 */
static bool
has_regime(const RepairAsk *ask, DateADT day)
{
	bool		before = forbidden_on(ask, ask->document_date);
	bool		found = false;

	for (int i = 0; i < ask->count; i++)
	{
		const BookRepair *rule = repair_rule(ask, i);

		if (!repair_in_force(rule, day))
			continue;
		if (rule->never && before)
			return false;
		found |= !rule->never;
	}
	return found;
}

/* A day on which a regime may begin: with a rule, or after one that forbids. */
static DateADT
may_begin(const BookRepair *rule)
{
	if (!rule->never)
		return rule->in_force.from;
	return rule->in_force.to == DATEVAL_NOEND ? REPAIR_NEVER : rule->in_force.to + 1;
}

/*
 * The day whose rules decide: the day of asking, but not before the document;
 * if no rule is in force on it, the first later day with one.
 */
static DateADT
deciding_day(const RepairAsk *ask)
{
	DateADT		asked = Max(ask->as_of, ask->document_date);
	DateADT		day = REPAIR_NEVER;

	if (has_regime(ask, asked))
		return asked;
	/* Nothing but a later prohibition: the law of the document stands. */
	if (forbidden_on(ask, asked) && has_regime(ask, ask->document_date))
		return ask->document_date;
	for (int i = 0; i < ask->count; i++)
	{
		DateADT		from = may_begin(repair_rule(ask, i));

		if (from > asked && from < day && has_regime(ask, from))
			day = from;
	}
	return day;
}

/* The first day since the document on which there was a rule to ask by. */
static DateADT
first_repairable(const RepairAsk *ask)
{
	DateADT		first = REPAIR_NEVER;

	if (ask->day == REPAIR_NEVER || ask->day > Max(ask->as_of, ask->document_date))
		return ask->day;
	for (int i = 0; i < ask->count; i++)
	{
		const BookRepair *rule = repair_rule(ask, i);

		if (!rule->never && rule->in_force.to >= ask->document_date)
			first = Min(first, Max(rule->in_force.from, ask->document_date));
	}
	return first;
}

/* A condition of no single rule and need; who has them sets them. */
static RepairCondition
condition_of(const char *name, DateADT earliest, RepairBasis basis)
{
	return (RepairCondition) {name, earliest, basis, 0, NULL};
}

/*
 * The first day after so many months of display; months that are none ask for
 * no whole day either.
 */
static DateADT
day_after_months(DateADT anchor, int months)
{
	return anchor == REPAIR_NEVER ? REPAIR_NEVER : display_last_day(anchor, months) + 1;
}

/* A display whose begin is not told began with the document. */
static DateADT
anchor_of(const RepairAsk *ask, const BookRepair *rule)
{
	switch ((BookAnchor) rule->anchor)
	{
		case BOOK_CONDUCT_END:
			return ask->conduct_end;
		case BOOK_DISPLAYED_FROM:
			if (ask->facts.displayed_from != REPAIR_NEVER)
				return ask->facts.displayed_from;
			break;
		case BOOK_DOCUMENT_DATE:
			break;
	}
	return ask->document_date;
}

/*
 * The least minimum of the rules that held at the document or came since.  A
 * later rule gives no day before it came: what it says of an earlier day was
 * not yet law then.  Of two equal ones the later is named.
 */
static RepairCondition
minimum_display(const RepairAsk *ask)
{
	RepairCondition least = condition_of("minimum_display", REPAIR_NEVER, REPAIR_BASIS_REGIME);

	for (int i = 0; i < ask->count; i++)
	{
		const BookRepair *rule = repair_rule(ask, i);
		DateADT		earliest;

		if (rule->never || rule->in_force.from > ask->day ||
			rule->in_force.to < ask->document_date)
			continue;
		earliest = Max(day_after_months(anchor_of(ask, rule), rule->min_months),
					   rule->in_force.from);
		if (earliest > least.earliest || earliest == REPAIR_NEVER)
			continue;
		if (earliest == least.earliest && least.rule != NULL &&
			rule->in_force.from <= least.rule->in_force.from)
			continue;
		least.earliest = earliest;
		least.basis = REPAIR_BASIS_RULE;
		least.rule = rule;
	}
	return least;
}

/* The rule with the longest bar after false papers on a day; NULL: no rule then. */
static const BookRepair *
bar_on(const RepairAsk *ask, DateADT day)
{
	const BookRepair *longest = NULL;

	for (int i = 0; i < ask->count; i++)
	{
		const BookRepair *rule = repair_rule(ask, i);

		if (!rule->never && repair_in_force(rule, day) &&
			(longest == NULL || rule->false_papers_months > longest->false_papers_months))
			longest = rule;
	}
	return longest;
}

/*
 * The bar is a sanction for handing in false papers, so the milder of the law
 * of that day and of the deciding day counts.
 */
static RepairCondition
no_false_papers(const RepairAsk *ask)
{
	const BookRepair *bar = bar_on(ask, ask->day);
	RepairCondition condition = condition_of("no_false_papers", ask->document_date,
											 REPAIR_BASIS_NONE);

	if (ask->facts.false_papers > 0)
	{
		const BookRepair *then = bar_on(ask, ask->facts.false_papers_on);

		if (bar == NULL || (then != NULL && then->false_papers_months < bar->false_papers_months))
			bar = then;
	}
	if (bar == NULL || bar->false_papers_months == 0)
		return condition;
	if (ask->facts.false_papers > 0)
		condition.earliest = day_after_months(ask->facts.false_papers_on, bar->false_papers_months);
	condition.basis = REPAIR_BASIS_RULE;
	condition.rule = bar;
	return condition;
}

static uint8
needs_on(const RepairAsk *ask, DateADT day)
{
	uint8		needs = 0;

	for (int i = 0; i < ask->count; i++)
		if (!repair_rule(ask, i)->never && repair_in_force(repair_rule(ask, i), day))
			needs |= repair_rule(ask, i)->needs;
	return needs;
}

/*
 * A fact that is told holds from the day of asking: since when, nobody said.
 * That no new penalty came holds since the document.
 */
static DateADT
fact_earliest(const RepairAsk *ask, uint8 need)
{
	const RepairFacts *facts = &ask->facts;

	switch (need)
	{
		case BOOK_NEEDS_FULFILLED:
			return ask->fulfilled_on;
		case BOOK_NEEDS_COMMITMENT:
			return facts->commitment ? ask->as_of : REPAIR_NEVER;
		case BOOK_NEEDS_HARM_REMOVED:
			return facts->harm_removed ? ask->as_of : REPAIR_NEVER;
		case BOOK_NEEDS_NO_NEW_PENALTY:
			return facts->new_penalty ? REPAIR_NEVER : ask->document_date;
		default:
			return facts->on_abnormal_list || facts->on_serious_list ? REPAIR_NEVER : ask->as_of;
	}
}

static int
add_needs(const RepairAsk *ask, RepairCondition *conditions)
{
	static const struct
	{
		uint8		need;
		const char *name;
	}			order[] = {
		{BOOK_NEEDS_FULFILLED, "fulfilled"},
		{BOOK_NEEDS_COMMITMENT, "commitment"},
		{BOOK_NEEDS_HARM_REMOVED, "harm_removed"},
		{BOOK_NEEDS_NO_NEW_PENALTY, "no_new_penalty"},
		{BOOK_NEEDS_NOT_LISTED, "not_listed"}
	};
	uint8		needs = needs_on(ask, ask->day);
	int			count = 0;

	for (int i = 0; i < (int) lengthof(order); i++)
	{
		DateADT		earliest;

		if (!(needs & order[i].need))
			continue;
		earliest = fact_earliest(ask, order[i].need);
		conditions[count] = condition_of(order[i].name, earliest, REPAIR_BASIS_NEEDS);
		conditions[count++].needs = order[i].need;
	}
	return count;
}

/* A minor's act is not displayed at all: there is nothing to wait or to ask for. */
static int
protect_minor(const RepairAsk *ask, RepairCondition *conditions)
{
	static const char *const names[] = {
		"repairable", "minimum_display", "no_false_papers", "minor_protected"
	};

	for (int i = 0; i < (int) lengthof(names); i++)
		conditions[i] = condition_of(names[i], ask->document_date, REPAIR_BASIS_MINORS);
	return lengthof(names);
}

/* Sets ask->day and up to REPAIR_MOST_CONDITIONS conditions; returns how many. */
int
repair_decide(RepairAsk *ask, RepairCondition *conditions)
{
	int			count = 0;
	bool		barred = is_barred(ask);

	ask->day = deciding_day(ask);
	if (ask->facts.minor)
		return protect_minor(ask, conditions);
	conditions[count++] = barred ?
		condition_of("repairable", REPAIR_NEVER, REPAIR_BASIS_BARS) :
		condition_of("repairable", first_repairable(ask), REPAIR_BASIS_REGIME);
	conditions[count++] = minimum_display(ask);
	count += add_needs(ask, conditions + count);
	conditions[count++] = no_false_papers(ask);
	return count;
}

/* Does a repair on the deciding day have to be asked for? */
static bool
needs_application(const RepairAsk *ask)
{
	for (int i = 0; i < ask->count; i++)
		if (repair_in_force(repair_rule(ask, i), ask->day) &&
			!repair_rule(ask, i)->without_application)
			return true;
	return false;
}

/*
 * The first day on which the law, whatever the facts are, lets the repair of a
 * record be asked for; REPAIR_NEVER: it forbids it, or asks for no application.
 * The same rules as in repair_decide(), so that next_change() and repair_check()
 * agree.
 */
DateADT
repair_first_day(const Rulebook *book, BookArray rules, DateADT document_date,
				 DateADT conduct_end, DateADT displayed_from)
{
	RepairAsk	ask = {0};

	ask.book = book;
	ask.rules = BOOK_AT(book, uint16, rules);
	ask.count = rules.count;
	ask.document_date = document_date;
	ask.conduct_end = conduct_end;
	ask.facts.displayed_from = displayed_from;
	/* Every rule to come is in time for the day that the least of them gives. */
	ask.day = DISPLAY_LAST_DATE;
	ask.as_of = minimum_display(&ask).earliest;
	if (ask.as_of == REPAIR_NEVER)
		return REPAIR_NEVER;
	ask.day = deciding_day(&ask);
	if (is_barred(&ask) || !needs_application(&ask))
		return REPAIR_NEVER;
	return ask.day;
}
