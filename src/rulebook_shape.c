/*
 * rulebook_shape.c
 *		The tables of rulebook_shape.h.
 *
 * One table drives the check and the canonical form.  doc/rulebook.md and
 * doc/rulebook.schema.json say the same in words; the tests compare them.
 */
#include "credit_compat.h"

#include "rulebook_shape.h"

#define SHAPE(name) static const Shape name = {lengthof(name##_fields), name##_fields}

#define WORDS(name, ...) static const char *const name[] = {__VA_ARGS__, NULL}
WORDS(level_words, "law", "administrative_regulation", "local_regulation", "judicial",
	  "department_rule", "normative", "standard", "local_policy");
WORDS(confidence_words, "A", "B", "C", "M");
WORDS(stance_words, "good", "neutral", "bad");
WORDS(severity_words, "minor", "general", "serious");
WORDS(subject_words, "person", "organisation");
WORDS(anchor_words, "document_date", "conduct_end", "displayed_from");
WORDS(need_words, "fulfilled", "commitment", "harm_removed", "no_new_penalty", "not_listed");
WORDS(step_words, "mark", "own", "forward", "provider", "extension", "withdraw", "accept",
	  "answer", "publish");
WORDS(procedure_words, "objection", "correction", "repair", "publication", "complaint");
WORDS(unit_words, "workday", "day");
WORDS(amount_words, "CNY", "hour", "day", "time");
WORDS(measure_words, "incentive", "restriction");
WORDS(sum_words, "record", "year", "all");
WORDS(per_words, "year", "all");
WORDS(ask_words, "display_period", "displayed_on", "next_change", "repair", "add_workdays",
	  "is_workday",
	  "workdays_between", "deadline", "grade", "score", "public_display");

static const Field title_fields[] = {
	{.key = "zh",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "en",.kind = FIELD_TEXT,.flags = REQUIRED}
};
SHAPE(title);

static const Field range_fields[] = {
	{.key = "from",.kind = FIELD_DAY,.flags = REQUIRED},
	{.key = "to",.kind = FIELD_DAY}
};
SHAPE(range);

static const Field basis_fields[] = {
	{.key = "document",.kind = FIELD_ID,.flags = REQUIRED},
	{.key = "article",.kind = FIELD_TEXT}
};
SHAPE(basis);

/* What every rule owes its reader. */
#define SAYS_WHY \
	{.key = "basis",.kind = FIELD_OBJECT,.flags = REQUIRED,.shape = &basis}, \
	{.key = "in_force",.kind = FIELD_OBJECT,.flags = REQUIRED,.shape = &range}, \
	SAYS_HOW_SURE
#define SAYS_HOW_SURE \
	{.key = "confidence",.kind = FIELD_WORD,.flags = REQUIRED,.words = confidence_words}, \
	{.key = "unverified",.kind = FIELD_BOOL}, \
	{.key = "note",.kind = FIELD_TEXT}
/* Which records a rule is for. */
#define SELECTS \
	{.key = "items",.kind = FIELD_ID,.flags = ARRAY | NONEMPTY}, \
	{.key = "stances",.kind = FIELD_WORD,.flags = ARRAY | NONEMPTY,.words = stance_words}, \
	{.key = "severity",.kind = FIELD_WORD,.flags = ARRAY | NONEMPTY,.words = severity_words}

static const Field document_fields[] = {
	{.key = "id",.kind = FIELD_ID,.flags = REQUIRED},
	{.key = "zh",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "en",.kind = FIELD_TEXT},
	{.key = "number",.kind = FIELD_TEXT},
	{.key = "level",.kind = FIELD_WORD,.flags = REQUIRED,.words = level_words},
	{.key = "issued",.kind = FIELD_DAY},
	{.key = "in_force",.kind = FIELD_OBJECT,.flags = REQUIRED,.shape = &range},
	SAYS_HOW_SURE
};
SHAPE(document);

static const Field code_fields[] = {
	{.key = "code",.kind = FIELD_ID,.flags = REQUIRED},
	{.key = "zh",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "en",.kind = FIELD_TEXT,.flags = REQUIRED}
};
SHAPE(code);

static const Field item_fields[] = {
	{.key = "id",.kind = FIELD_ID,.flags = REQUIRED},
	{.key = "zh",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "en",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "stance",.kind = FIELD_WORD,.flags = REQUIRED,.words = stance_words},
	{.key = "category",.kind = FIELD_ID},
	{.key = "fields",.kind = FIELD_ID,.flags = ARRAY},
	{.key = "subjects",.kind = FIELD_WORD,.flags = REQUIRED | ARRAY | NONEMPTY,
	.words = subject_words},
	{.key = "public_persons",.kind = FIELD_BOOL},
	{.key = "fresh_days",.kind = FIELD_INT,.least = 0,.most = 400},
	{.key = "unit",.kind = FIELD_WORD,.words = amount_words},
	SAYS_WHY
};
SHAPE(item);

static const Field display_fields[] = {
	{.key = "id",.kind = FIELD_ID,.flags = REQUIRED},
	SELECTS,
	{.key = "months",.kind = FIELD_INT,.flags = REQUIRED,.least = 0,.most = 1200},
	{.key = "anchor",.kind = FIELD_WORD,.flags = REQUIRED,.words = anchor_words},
	{.key = "cap",.kind = FIELD_BOOL},
	{.key = "milder_reaches_back",.kind = FIELD_BOOL},
	{.key = "not_in_principle",.kind = FIELD_BOOL},
	SAYS_WHY
};
SHAPE(display);

static const Field repair_fields[] = {
	{.key = "id",.kind = FIELD_ID,.flags = REQUIRED},
	SELECTS,
	{.key = "min_months",.kind = FIELD_INT,.least = 0,.most = 1200},
	{.key = "anchor",.kind = FIELD_WORD,.words = anchor_words},
	{.key = "needs",.kind = FIELD_WORD,.flags = ARRAY,.words = need_words},
	{.key = "false_papers_months",.kind = FIELD_INT,.least = 0,.most = 1200},
	{.key = "never",.kind = FIELD_BOOL},
	{.key = "without_application",.kind = FIELD_BOOL},
	SAYS_WHY
};
SHAPE(repair);

static const Field objection_fields[] = {
	{.key = "id",.kind = FIELD_ID,.flags = REQUIRED},
	{.key = "step",.kind = FIELD_WORD,.flags = REQUIRED,.words = step_words},
	{.key = "procedure",.kind = FIELD_WORD,.flags = REQUIRED,.words = procedure_words},
	{.key = "days",.kind = FIELD_INT,.flags = REQUIRED,.least = 0,.most = 400},
	{.key = "unit",.kind = FIELD_WORD,.flags = REQUIRED,.words = unit_words},
	SAYS_WHY
};
SHAPE(objection);

static const Field measure_fields[] = {
	{.key = "id",.kind = FIELD_ID,.flags = REQUIRED},
	{.key = "zh",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "en",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "kind",.kind = FIELD_WORD,.flags = REQUIRED,.words = measure_words},
	{.key = "least_severity",.kind = FIELD_WORD,.words = severity_words},
	{.key = "contexts",.kind = FIELD_ID,.flags = ARRAY},
	SAYS_WHY
};
SHAPE(measure);

static const Field grade_fields[] = {
	{.key = "grade",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "from",.kind = FIELD_POINTS}
};
SHAPE(grade);

static const Field validity_fields[] = {
	{.key = "up_to",.kind = FIELD_POINTS},
	{.key = "months",.kind = FIELD_INT,.flags = REQUIRED,.least = 1,.most = 1200}
};
SHAPE(validity);

static const Field dimension_fields[] = {
	{.key = "id",.kind = FIELD_ID,.flags = REQUIRED},
	{.key = "zh",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "en",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "most_plus",.kind = FIELD_POINTS},
	{.key = "most_minus",.kind = FIELD_POINTS},
	{.key = "per",.kind = FIELD_WORD,.words = per_words}
};
SHAPE(dimension);

static const Field tier_fields[] = {
	{.key = "from",.kind = FIELD_POINTS,.flags = REQUIRED},
	{.key = "per",.kind = FIELD_POINTS,.flags = REQUIRED},
	{.key = "points",.kind = FIELD_POINTS,.flags = REQUIRED}
};
SHAPE(tier);

static const Field step_fields[] = {
	{.key = "at",.kind = FIELD_POINTS,.flags = REQUIRED},
	{.key = "points",.kind = FIELD_POINTS,.flags = REQUIRED}
};
SHAPE(step);

static const Field score_rule_fields[] = {
	{.key = "id",.kind = FIELD_ID,.flags = REQUIRED},
	{.key = "items",.kind = FIELD_ID,.flags = REQUIRED | ARRAY | NONEMPTY},
	{.key = "severity",.kind = FIELD_WORD,.flags = ARRAY | NONEMPTY,.words = severity_words},
	{.key = "points",.kind = FIELD_POINTS},
	{.key = "tiers",.kind = FIELD_OBJECT,.flags = ARRAY | NONEMPTY,.shape = &tier},
	{.key = "steps",.kind = FIELD_OBJECT,.flags = ARRAY | NONEMPTY,.shape = &step},
	{.key = "direct",.kind = FIELD_TEXT},
	{.key = "sum",.kind = FIELD_WORD,.words = sum_words},
	{.key = "months",.kind = FIELD_INT,.least = 1,.most = 1200},
	{.key = "relapse",.kind = FIELD_INT,.least = 2,.most = 10},
	{.key = "dimension",.kind = FIELD_ID},
	{.key = "overlap",.kind = FIELD_ID},
	{.key = "cap",.kind = FIELD_POINTS},
	{.key = "basis",.kind = FIELD_OBJECT,.flags = REQUIRED,.shape = &basis},
	SAYS_HOW_SURE
};
SHAPE(score_rule);

static const Field score_fields[] = {
	{.key = "id",.kind = FIELD_ID,.flags = REQUIRED},
	{.key = "basis",.kind = FIELD_OBJECT,.flags = REQUIRED,.shape = &basis},
	SAYS_HOW_SURE,
	{.key = "base",.kind = FIELD_POINTS,.flags = REQUIRED},
	{.key = "consent",.kind = FIELD_BOOL},
	{.key = "least_age",.kind = FIELD_INT,.least = 0,.most = 150},
	{.key = "grades",.kind = FIELD_OBJECT,.flags = REQUIRED | ARRAY | NONEMPTY,.shape = &grade},
	{.key = "validity",.kind = FIELD_OBJECT,.flags = ARRAY | NONEMPTY,.shape = &validity},
	{.key = "dimensions",.kind = FIELD_OBJECT,.flags = ARRAY,.shape = &dimension},
	{.key = "least",.kind = FIELD_POINTS},
	{.key = "most",.kind = FIELD_POINTS},
	{.key = "rules",.kind = FIELD_OBJECT,.flags = REQUIRED | ARRAY,.shape = &score_rule}
};
SHAPE(score);

static const Field year_fields[] = {
	{.key = "year",.kind = FIELD_INT,.flags = REQUIRED,.least = 1800,.most = 2199},
	{.key = "notice",.kind = FIELD_TEXT},
	{.key = "off",.kind = FIELD_SPAN,.flags = ARRAY},
	{.key = "work",.kind = FIELD_SPAN,.flags = ARRAY}
};
SHAPE(year);

static const Field calendar_fields[] = {
	{.key = "from",.kind = FIELD_DAY,.flags = REQUIRED},
	{.key = "to",.kind = FIELD_DAY,.flags = REQUIRED},
	{.key = "weekend",.kind = FIELD_INT,.flags = REQUIRED | ARRAY,.least = 1,.most = 7},
	{.key = "years",.kind = FIELD_OBJECT,.flags = REQUIRED | ARRAY,.shape = &year},
	{.key = "plain_from",.kind = FIELD_INT,.least = 1800,.most = 2199},
	{.key = "note",.kind = FIELD_TEXT}
};
SHAPE(calendar);

static const Field rule_case_fields[] = {
	{.key = "name",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "article",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "ask",.kind = FIELD_WORD,.flags = REQUIRED,.words = ask_words},
	{.key = "given",.kind = FIELD_ANY_OBJECT,.flags = REQUIRED},
	{.key = "expect",.kind = FIELD_ANY,.flags = REQUIRED}
};
SHAPE(rule_case);

static const Field book_fields[] = {
	{.key = "format",.kind = FIELD_INT,.flags = REQUIRED,.least = 1,.most = 1},
	{.key = "id",.kind = FIELD_NAME,.flags = REQUIRED},
	{.key = "version",.kind = FIELD_TEXT,.flags = REQUIRED},
	{.key = "title",.kind = FIELD_OBJECT,.flags = REQUIRED,.shape = &title},
	{.key = "note",.kind = FIELD_TEXT},
	{.key = "documents",.kind = FIELD_OBJECT,.flags = REQUIRED | ARRAY,.shape = &document},
	{.key = "lists",.kind = FIELD_MAP,.shape = &code},
	{.key = "items",.kind = FIELD_OBJECT,.flags = REQUIRED | ARRAY | NONEMPTY,.shape = &item},
	{.key = "display",.kind = FIELD_OBJECT,.flags = ARRAY,.shape = &display},
	{.key = "repair",.kind = FIELD_OBJECT,.flags = ARRAY,.shape = &repair},
	{.key = "objection",.kind = FIELD_OBJECT,.flags = ARRAY,.shape = &objection},
	{.key = "score",.kind = FIELD_OBJECT,.shape = &score},
	{.key = "measures",.kind = FIELD_OBJECT,.flags = ARRAY,.shape = &measure},
	{.key = "calendar",.kind = FIELD_OBJECT,.shape = &calendar},
	{.key = "cases",.kind = FIELD_OBJECT,.flags = ARRAY,.shape = &rule_case}
};
const Shape rulebook_shape = {lengthof(book_fields), book_fields};
