/*
 * repair.c
 *		What a repair needs, and from when: conditions as rows, or one day.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/tuplestore.h"

#include "credit_compat.h"
#include "display_arg.h"
#include "repair.h"

PG_FUNCTION_INFO_V1(repair_check);
PG_FUNCTION_INFO_V1(repair_from);

/* Arguments, the same for both functions. */
enum
{
	ARG_BOOK,
	ARG_ITEM,
	ARG_SEVERITY,
	ARG_DOCUMENT_DATE,
	ARG_CONDUCT_END,
	ARG_FULFILLED_ON,
	ARG_FACTS,
	ARG_AS_OF
};

/* What protects a minor where the rulebook names no such law. */
#define MINORS_LAW		"未成年人保护法"
#define MINORS_BASIS	"中华人民共和国未成年人保护法 第一百零三条"

/* The dates of a record are bounded as those of its display. */
static DateADT
record_day_arg(FunctionCallInfo fcinfo, int n, const char *name, bool continues)
{
	DateADT		day = PG_GETARG_DATEADT(n);

	if (!display_is_date(day))
		display_bad_date(name, continues);
	return day;
}

/* When it was fulfilled: NULL and the infinities say that nobody knows. */
static DateADT
fulfilled_arg(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(ARG_FULFILLED_ON) || DATE_NOT_FINITE(PG_GETARG_DATEADT(ARG_FULFILLED_ON)))
		return REPAIR_NEVER;
	return PG_GETARG_DATEADT(ARG_FULFILLED_ON);
}

/* False: an argument without which there is no answer is NULL. */
static bool
read_ask(FunctionCallInfo fcinfo, RepairAsk *ask)
{
	BookUse    *use;
	const BookItem *item;
	BookSeverity severity;

	if (PG_ARGISNULL(ARG_BOOK) || PG_ARGISNULL(ARG_ITEM) ||
		PG_ARGISNULL(ARG_DOCUMENT_DATE) || PG_ARGISNULL(ARG_AS_OF))
		return false;
	use = rulebook_arg(fcinfo, ARG_BOOK, sizeof(BookUse));
	item = rulebook_item_arg(fcinfo, use, ARG_ITEM);
	severity = rulebook_severity_arg(fcinfo, use, ARG_SEVERITY);
	ask->book = use->book;
	ask->rules = BOOK_AT(use->book, uint16, item->repair[severity]);
	ask->count = item->repair[severity].count;
	ask->document_date = record_day_arg(fcinfo, ARG_DOCUMENT_DATE, "document_date", false);
	ask->as_of = record_day_arg(fcinfo, ARG_AS_OF, "as_of", false);
	ask->conduct_end = PG_ARGISNULL(ARG_CONDUCT_END) ? REPAIR_NEVER :
		record_day_arg(fcinfo, ARG_CONDUCT_END, "conduct_end", true);
	ask->fulfilled_on = fulfilled_arg(fcinfo);
	repair_read_facts(PG_ARGISNULL(ARG_FACTS) ? NULL : PG_GETARG_JSONB_P(ARG_FACTS), ask);
	return true;
}

/* A rule's basis, unless the text has it: two rules of one article are one reason. */
static void
append_basis(StringInfo out, const Rulebook *book, const BookBasis *basis)
{
	char	   *words = text_to_cstring(rulebook_basis_text(book, basis));

	if (strstr(out->data, words) == NULL)
		appendStringInfo(out, "%s%s", out->len ? "; " : "", words);
	pfree(words);
}

/* Does this rule speak for the condition? */
static bool
speaks_for(const RepairAsk *ask, const RepairCondition *condition, const BookRepair *rule)
{
	switch (condition->basis)
	{
		case REPAIR_BASIS_RULE:
			return rule == condition->rule;
		case REPAIR_BASIS_BARS:
			return repair_bars(ask, rule);
		case REPAIR_BASIS_REGIME:
			return !rule->never && repair_in_force(rule, ask->day);
		case REPAIR_BASIS_NEEDS:
			return !rule->never && repair_in_force(rule, ask->day) &&
				(rule->needs & condition->needs) != 0;
		case REPAIR_BASIS_NONE:
		case REPAIR_BASIS_MINORS:
			break;
	}
	return false;
}

/* The law on minors as the rulebook names it, or as we know it. */
static void
append_minors_basis(StringInfo out, const Rulebook *book)
{
	const BookDocument *document = BOOK_AT(book, BookDocument, book->documents);

	for (uint32 i = 0; i < book->documents.count; i++)
	{
		char	   *title = text_to_cstring(rulebook_text(book, document[i].zh));

		if (strstr(title, MINORS_LAW) != NULL)
		{
			appendStringInfoString(out, title);
			return;
		}
	}
	appendStringInfoString(out, MINORS_BASIS);
}

/* The law behind a condition; NULL if no rule of the book says anything. */
static text *
basis_text(const RepairAsk *ask, const RepairCondition *condition)
{
	StringInfoData out;
	bool		by_itself = true;

	initStringInfo(&out);
	if (condition->basis == REPAIR_BASIS_MINORS)
		append_minors_basis(&out, ask->book);
	for (int i = 0; i < ask->count; i++)
	{
		const BookRepair *rule = repair_rule(ask, i);

		if (!speaks_for(ask, condition, rule))
			continue;
		append_basis(&out, ask->book, &rule->basis);
		by_itself &= rule->without_application;
	}
	if (out.len == 0)
		return NULL;
	if (condition->basis == REPAIR_BASIS_REGIME && by_itself)
		appendStringInfoString(&out, " (without application)");
	if (condition->rule != NULL && strcmp(condition->name, "no_false_papers") == 0 &&
		ask->facts.false_papers > 1)
		appendStringInfo(&out, " (%d times, the last counts)", ask->facts.false_papers);
	return cstring_to_text_with_len(out.data, out.len);
}

/* repair_check(book, item, …, facts, as_of) → rows: condition, met, earliest, basis */
Datum
repair_check(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RepairAsk	ask;
	RepairCondition conditions[REPAIR_MOST_CONDITIONS];
	int			count;

	InitMaterializedSRF(fcinfo, 0);
	if (!read_ask(fcinfo, &ask))
		return (Datum) 0;
	count = repair_decide(&ask, conditions);
	for (int i = 0; i < count; i++)
	{
		DateADT		earliest = conditions[i].earliest;
		text	   *basis = basis_text(&ask, &conditions[i]);
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = CStringGetTextDatum(conditions[i].name);
		values[1] = BoolGetDatum(earliest != REPAIR_NEVER && earliest <= ask.as_of);
		values[2] = DateADTGetDatum(earliest);
		nulls[2] = earliest == REPAIR_NEVER;
		values[3] = PointerGetDatum(basis);
		nulls[3] = basis == NULL;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * repairable_from(same arguments) → date: the first day on which every
 * condition is met; NULL if one cannot be told.  For many rows: it makes no
 * rows and no words.
 */
Datum
repair_from(PG_FUNCTION_ARGS)
{
	RepairAsk	ask;
	RepairCondition conditions[REPAIR_MOST_CONDITIONS];
	DateADT		from = DATEVAL_NOBEGIN;
	int			count;

	if (!read_ask(fcinfo, &ask))
		PG_RETURN_NULL();
	count = repair_decide(&ask, conditions);
	for (int i = 0; i < count; i++)
		from = Max(from, conditions[i].earliest);
	if (from == REPAIR_NEVER)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(from);
}
