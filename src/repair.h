/*
 * repair.h
 *		When a record may be repaired: facts, rules, conditions.
 */
#ifndef CREDIT_REPAIR_H
#define CREDIT_REPAIR_H

#include "rulebook.h"

#include "utils/jsonb.h"

/*
 * Days of which nothing is known, and days that never come, are DATEVAL_NOEND:
 * it is greater than any day, so that the greatest of several needs no flags.
 */
#define REPAIR_NEVER	DATEVAL_NOEND

/* What the argument facts says; absent is false, never or none. */
typedef struct RepairFacts
{
	bool		commitment;
	bool		harm_removed;
	bool		minor;
	bool		on_abnormal_list;
	bool		on_serious_list;
	bool		new_penalty;	/* after the document and not after as_of */
	int			false_papers;	/* how often until as_of */
	DateADT		false_papers_on;	/* the last time; REPAIR_NEVER: none */
	DateADT		displayed_from; /* REPAIR_NEVER: not told */
} RepairFacts;

typedef struct RepairAsk
{
	const Rulebook *book;
	const uint16 *rules;		/* of the item and severity */
	int			count;
	DateADT		document_date;
	DateADT		conduct_end;	/* REPAIR_NEVER: it continues, or is not told */
	DateADT		fulfilled_on;
	DateADT		as_of;
	DateADT		day;			/* whose rules decide; see repair_decide() */
	RepairFacts facts;
} RepairAsk;

/* Where the words of the column basis come from. */
typedef enum RepairBasis
{
	REPAIR_BASIS_NONE,
	REPAIR_BASIS_RULE,			/* the one rule of the condition */
	REPAIR_BASIS_REGIME,		/* all that decide */
	REPAIR_BASIS_NEEDS,			/* those of them that need the condition */
	REPAIR_BASIS_BARS,			/* the rules that bar */
	REPAIR_BASIS_MINORS
} RepairBasis;

typedef struct RepairCondition
{
	const char *name;
	DateADT		earliest;		/* REPAIR_NEVER: cannot be told, or never */
	RepairBasis basis;
	uint8		needs;			/* of REPAIR_BASIS_NEEDS */
	const BookRepair *rule;		/* of REPAIR_BASIS_RULE */
} RepairCondition;

#define REPAIR_MOST_CONDITIONS	9

/* repair_fact.c: raises 22023 for a key or value that it does not know. */
extern void repair_read_facts(Jsonb *facts, RepairAsk *ask);

/* repair_rule.c */
extern int	repair_decide(RepairAsk *ask, RepairCondition *conditions);
extern DateADT repair_first_day(const Rulebook *book, BookArray rules, DateADT document_date,
								DateADT conduct_end, DateADT displayed_from);
extern const BookRepair *repair_rule(const RepairAsk *ask, int n);
extern bool repair_in_force(const BookRepair *rule, DateADT day);
extern bool repair_bars(const RepairAsk *ask, const BookRepair *rule);

#endif							/* CREDIT_REPAIR_H */
