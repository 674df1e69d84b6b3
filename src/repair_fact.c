/*
 * repair_fact.c
 *		The facts of a repair, from jsonb.
 *
 * Strict on purpose: a misspelt key that is passed over would silently deny a
 * right, and a value of the wrong kind would silently grant one.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/datetime.h"

#include "credit_compat.h"
#include "repair.h"

typedef enum FactKind
{
	FACT_BOOL,
	FACT_DAY,
	FACT_DAYS
} FactKind;

typedef enum FactKey
{
	FACT_COMMITMENT,
	FACT_DISPLAYED_FROM,
	FACT_FALSE_PAPERS_ON,
	FACT_HARM_REMOVED,
	FACT_MINOR,
	FACT_NEW_PENALTY_ON,
	FACT_ON_ABNORMAL_LIST,
	FACT_ON_SERIOUS_LIST
} FactKey;

typedef struct Fact
{
	const char *name;
	FactKind	kind;
} Fact;

static const Fact known_facts[] = {
	[FACT_COMMITMENT] = {"commitment", FACT_BOOL},
	[FACT_DISPLAYED_FROM] = {"displayed_from", FACT_DAY},
	[FACT_FALSE_PAPERS_ON] = {"false_papers_on", FACT_DAYS},
	[FACT_HARM_REMOVED] = {"harm_removed", FACT_BOOL},
	[FACT_MINOR] = {"minor", FACT_BOOL},
	[FACT_NEW_PENALTY_ON] = {"new_penalty_on", FACT_DAYS},
	[FACT_ON_ABNORMAL_LIST] = {"on_abnormal_list", FACT_BOOL},
	[FACT_ON_SERIOUS_LIST] = {"on_serious_list", FACT_BOOL}
};

#define FACT_KEYS \
	"commitment, harm_removed, minor, on_abnormal_list, on_serious_list (true or false); " \
	"displayed_from (a day); new_penalty_on, false_papers_on (a day, or an array of days)"

static const char *const expected_kinds[] = {
	[FACT_BOOL] = "Expected is true or false.",
	[FACT_DAY] = "Expected is a day, \"YYYY-MM-DD\".",
	[FACT_DAYS] = "Expected is a day, \"YYYY-MM-DD\", or an array of days."
};

StaticAssertDecl(lengthof(known_facts) == FACT_ON_SERIOUS_LIST + 1, "facts and their keys");

credit_noreturn static void refuse_kind(FactKey key);

static void
refuse_kind(FactKey key)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("fact \"%s\" has a value of the wrong kind", known_facts[key].name),
			 errdetail("%s", expected_kinds[known_facts[key].kind])));
}

/*
 * The key is told only if it looks like one: somebody's number or name in its
 * place must not come into a log.
 */
static void
refuse_key(const JsonbValue *key)
{
	bool		tell = key->val.string.len > 0 && key->val.string.len < NAMEDATALEN;

	for (int i = 0; tell && i < key->val.string.len; i++)
		tell = key->val.string.val[i] == '_' ||
			(key->val.string.val[i] >= 'a' && key->val.string.val[i] <= 'z');
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 tell ? errmsg("unknown fact \"%.*s\"", key->val.string.len, key->val.string.val) :
			 errmsg("unknown fact"),
			 errhint("Known facts are %s.", FACT_KEYS)));
}

static FactKey
find_key(const JsonbValue *key)
{
	for (int i = 0; i < (int) lengthof(known_facts); i++)
		if ((int) strlen(known_facts[i].name) == key->val.string.len &&
			memcmp(known_facts[i].name, key->val.string.val, key->val.string.len) == 0)
			return (FactKey) i;
	refuse_key(key);
	return FACT_COMMITMENT;		/* not reached */
}

/* Some digits as a number; -1 if one is none. */
static int
digits(const char *s, int count)
{
	int			number = 0;

	for (int i = 0; i < count; i++)
	{
		if (s[i] < '0' || s[i] > '9')
			return -1;
		number = number * 10 + (s[i] - '0');
	}
	return number;
}

/* A day as JSON writes it, whatever DateStyle says. */
static DateADT
read_day(FactKey key, const JsonbValue *value)
{
	const char *s = value->val.string.val;
	int			year,
				month,
				day;

	if (value->type != jbvString || value->val.string.len != 10 || s[4] != '-' || s[7] != '-')
		refuse_kind(key);
	year = digits(s, 4);
	month = digits(s + 5, 2);
	day = digits(s + 8, 2);
	if (year < 1 || year > 2999 || month < 1 || month > MONTHS_PER_YEAR ||
		day < 1 || day > day_tab[isleap(year)][month - 1])
		refuse_kind(key);
	return date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
}

/* One day of one key.  What lies after as_of has not happened yet. */
static void
take_day(RepairAsk *ask, FactKey key, DateADT day)
{
	RepairFacts *facts = &ask->facts;

	if (key == FACT_DISPLAYED_FROM)
		facts->displayed_from = day;
	else if (day > ask->as_of)
		return;
	else if (key == FACT_NEW_PENALTY_ON)
		facts->new_penalty |= day > ask->document_date;
	else
	{
		facts->false_papers_on = facts->false_papers++ ? Max(facts->false_papers_on, day) : day;
	}
}

static void
take_days(RepairAsk *ask, FactKey key, JsonbValue *value)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	element;

	if (value->type != jbvBinary || known_facts[key].kind != FACT_DAYS ||
		!JsonContainerIsArray(value->val.binary.data))
	{
		take_day(ask, key, read_day(key, value));
		return;
	}
	it = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&it, &element, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_ELEM)
			take_day(ask, key, read_day(key, &element));
	}
}

static bool
read_bool(FactKey key, const JsonbValue *value)
{
	if (value->type != jbvBool)
		refuse_kind(key);
	return value->val.boolean;
}

/* null says that nothing is known, as a missing key does. */
static void
take_fact(RepairAsk *ask, FactKey key, JsonbValue *value)
{
	RepairFacts *facts = &ask->facts;

	if (value->type == jbvNull)
		return;
	switch (key)
	{
		case FACT_COMMITMENT:
			facts->commitment = read_bool(key, value);
			break;
		case FACT_HARM_REMOVED:
			facts->harm_removed = read_bool(key, value);
			break;
		case FACT_MINOR:
			facts->minor = read_bool(key, value);
			break;
		case FACT_ON_ABNORMAL_LIST:
			facts->on_abnormal_list = read_bool(key, value);
			break;
		case FACT_ON_SERIOUS_LIST:
			facts->on_serious_list = read_bool(key, value);
			break;
		case FACT_DISPLAYED_FROM:
		case FACT_FALSE_PAPERS_ON:
		case FACT_NEW_PENALTY_ON:
			take_days(ask, key, value);
			break;
	}
}

/* facts NULL: none are known.  document_date and as_of must be set before. */
void
repair_read_facts(Jsonb *facts, RepairAsk *ask)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;
	FactKey		key = FACT_COMMITMENT;

	memset(&ask->facts, 0, sizeof(RepairFacts));
	ask->facts.false_papers_on = REPAIR_NEVER;
	ask->facts.displayed_from = REPAIR_NEVER;
	if (facts == NULL)
		return;
	if (!JB_ROOT_IS_OBJECT(facts))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("facts are not a JSON object"),
				 errhint("Known facts are %s.", FACT_KEYS)));
	it = JsonbIteratorInit(&facts->root);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = find_key(&value);
		else if (token == WJB_VALUE)
			take_fact(ask, key, &value);
	}
}
