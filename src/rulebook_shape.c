/*
 * rulebook_shape.c
 *		The format of a rulebook's text: which keys, of which kind, in which order.
 *
 * One table drives the check and the canonical form.  doc/rulebook.md and
 * doc/rulebook.schema.json say the same in words; the tests compare them.
 */
#include "credit_compat.h"

#include <ctype.h>

#include "code_core.h"
#include "rulebook_json.h"

typedef enum FieldKind
{
	FIELD_ID,
	FIELD_NAME,					/* an id that may have hyphens */
	FIELD_TEXT,
	FIELD_DAY,
	FIELD_SPAN,					/* a day or day/day */
	FIELD_BOOL,
	FIELD_INT,
	FIELD_POINTS,
	FIELD_WORD,
	FIELD_OBJECT,
	FIELD_MAP,					/* id -> array of objects */
	FIELD_ANY_OBJECT,
	FIELD_ANY
} FieldKind;

#define REQUIRED	0x01
#define ARRAY		0x02
#define NONEMPTY	0x04		/* of an array */

#define MOST_ELEMENTS	10000

struct Shape;

typedef struct Field
{
	const char *key;
	FieldKind	kind;
	int			flags;
	const struct Shape *shape;
	const char *const *words;
	int			least;
	int			most;
} Field;

typedef struct Shape
{
	int			count;
	const Field *fields;
} Shape;

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
WORDS(step_words, "mark", "own", "forward", "provider", "extension", "withdraw", "accept", "answer", "publish");
WORDS(procedure_words, "objection", "correction", "repair", "publication", "complaint");
WORDS(unit_words, "workday", "day");
WORDS(measure_words, "incentive", "restriction");
WORDS(sum_words, "record", "year", "all");
WORDS(per_words, "year", "all");
WORDS(ask_words, "display_period", "displayed_on", "next_change", "repair", "add_workdays", "is_workday",
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
	{.key = "subjects",.kind = FIELD_WORD,.flags = REQUIRED | ARRAY | NONEMPTY,.words = subject_words},
	{.key = "public_persons",.kind = FIELD_BOOL},
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
SHAPE(book);

/* --- scalars --- */

#define DAY_OF_2000_01_01	73048	/* counted from 1800-01-01 */

DateADT
rulebook_day(const char *s)
{
	int			day;

	for (int i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? s[i] != '-' : !isdigit((unsigned char) s[i]))
			return DATEVAL_NOEND;
	if (s[10] != '\0')
		return DATEVAL_NOEND;
	day = code_day_from_date(atoi(s), atoi(s + 5), atoi(s + 8));
	return day < 0 ? DATEVAL_NOEND : day - DAY_OF_2000_01_01;
}

/* A decimal of at most 12 digits before and 4 after the point, without exponent. */
bool
rulebook_points(const char *s, int64 *points)
{
	bool		minus = *s == '-';
	int64		value = 0;
	int			digits = 0;
	int			decimals = 0;

	s += minus;
	for (; isdigit((unsigned char) *s); s++, digits++)
		if (digits < 12)
			value = value * 10 + (*s - '0');
	if (digits == 0 || digits > 12)
		return false;
	if (*s == '.')
	{
		for (s++; isdigit((unsigned char) *s); s++, decimals++)
		{
			if (decimals < 4)
				value = value * 10 + (*s - '0');
			else if (*s != '0')
				return false;
		}
	}
	if (*s != '\0' || (s[-1] == '.'))
		return false;
	for (; decimals < 4; decimals++)
		value *= 10;
	*points = minus ? -value : value;
	return true;
}

static char *
points_text(int64 points)
{
	int64		size = points < 0 ? -points : points;
	int			decimals = size % POINTS_SCALE;
	int			places = 4;

	if (decimals == 0)
		return psprintf("%s" INT64_FORMAT, points < 0 ? "-" : "", size / POINTS_SCALE);
	for (; decimals % 10 == 0; decimals /= 10)
		places--;
	return psprintf("%s" INT64_FORMAT ".%0*d", points < 0 ? "-" : "", size / POINTS_SCALE, places, decimals);
}

static bool
is_id(const char *s, bool hyphens)
{
	if (*s < 'a' || *s > 'z' || strlen(s) > 63)
		return false;
	for (s++; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == (hyphens ? '-' : '_')))
			return false;
	return true;
}

static bool
is_span(const char *s)
{
	char		day[11];

	if (strlen(s) != 21 || s[10] != '/')
		return rulebook_day(s) != DATEVAL_NOEND;
	strlcpy(day, s, sizeof(day));
	return rulebook_day(day) != DATEVAL_NOEND && rulebook_day(s + 11) != DATEVAL_NOEND &&
		rulebook_day(day) <= rulebook_day(s + 11);
}

static bool
is_word(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(s, *words) == 0)
			return true;
	return false;
}

static void
list_words(const char *const *words, char *out, size_t size)
{
	strlcpy(out, "One of: ", size);
	for (; *words; words++)
	{
		strlcat(out, *words, size);
		strlcat(out, words[1] ? ", " : ".", size);
	}
}

/* --- the walk --- */

static bool check_object(JsonNode *node, const Shape *shape, const char *path, BookError *error);

static bool
expected(BookError *error, const char *path, const char *what)
{
	return rulebook_json_fail(error, path, "Expected %s.", what);
}

static bool
check_text_kind(JsonNode *node, const Field *field, const char *path, BookError *error)
{
	const char *s = node->text;

	switch (field->kind)
	{
		case FIELD_ID:
		case FIELD_NAME:
			if (!is_id(s, field->kind == FIELD_NAME))
				return expected(error, path, field->kind == FIELD_NAME ?
								"an id of a-z, 0-9 and hyphens that begins with a letter" :
								"an id of a-z, 0-9 and underscores that begins with a letter");
			break;
		case FIELD_DAY:
			if (rulebook_day(s) == DATEVAL_NOEND)
				return expected(error, path, "a day from 1800-01-01 to 2199-12-31, as 2026-04-01");
			break;
		case FIELD_SPAN:
			if (!is_span(s))
				return expected(error, path, "a day, or two as 2026-05-01/2026-05-05");
			break;
		case FIELD_WORD:
			if (!is_word(s, field->words))
			{
				list_words(field->words, error->hint, sizeof(error->hint));
				return rulebook_json_fail(error, path, "\"%.60s\" is none of the words that may stand here.", s);
			}
			break;
		default:
			if (*s == '\0')
				return expected(error, path, "a text that is not empty");
	}
	return true;
}

static bool
check_int(JsonNode *node, const Field *field, const char *path, BookError *error)
{
	char	   *end = NULL;
	long		value;

	if (node->kind != JSON_NODE_NUMBER || strlen(node->text) > 9)
		return rulebook_json_fail(error, path, "Expected a whole number from %d to %d.", field->least, field->most);
	value = strtol(node->text, &end, 10);
	if (*end != '\0' || value < field->least || value > field->most)
		return rulebook_json_fail(error, path, "Expected a whole number from %d to %d.", field->least, field->most);
	node->text = psprintf("%ld", value);
	return true;
}

static bool
check_points(JsonNode *node, const char *path, BookError *error)
{
	int64		points;

	if ((node->kind != JSON_NODE_NUMBER && node->kind != JSON_NODE_STRING) ||
		!rulebook_points(node->text, &points))
		return expected(error, path, "a number with at most 12 digits before the point and 4 behind it");
	node->kind = JSON_NODE_NUMBER;
	node->text = points_text(points);
	return true;
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Keys of an object whose order has no meaning, in one order. */
static void
sort_keys(JsonNode *node)
{
	char	  **keys;
	JsonNode  **nodes;

	if (node->count < 2)
		return;
	keys = palloc(node->count * sizeof(char *));
	nodes = palloc(node->count * sizeof(JsonNode *));
	memcpy(keys, node->keys, node->count * sizeof(char *));
	qsort(keys, node->count, sizeof(char *), compare_keys);
	for (int i = 0; i < node->count; i++)
		nodes[i] = rulebook_json_get(node, keys[i]);
	node->keys = keys;
	node->nodes = nodes;
}

static void
sort_all_keys(JsonNode *node)
{
	if (node->kind == JSON_NODE_OBJECT)
		sort_keys(node);
	if (node->kind == JSON_NODE_OBJECT || node->kind == JSON_NODE_ARRAY)
		for (int i = 0; i < node->count; i++)
			sort_all_keys(node->nodes[i]);
}

static bool
check_one(JsonNode *node, const Field *field, const char *path, BookError *error)
{
	switch (field->kind)
	{
		case FIELD_BOOL:
			return node->kind == JSON_NODE_BOOL || expected(error, path, "true or false");
		case FIELD_INT:
			return check_int(node, field, path, error);
		case FIELD_POINTS:
			return check_points(node, path, error);
		case FIELD_OBJECT:
			return check_object(node, field->shape, path, error);
		case FIELD_ANY_OBJECT:
		case FIELD_ANY:
			if (field->kind == FIELD_ANY_OBJECT && node->kind != JSON_NODE_OBJECT)
				return expected(error, path, "an object");
			sort_all_keys(node);
			return true;
		default:
			if (node->kind != JSON_NODE_STRING)
				return expected(error, path, "a text");
			return check_text_kind(node, field, path, error);
	}
}

static bool
check_array(JsonNode *node, const Field *field, const char *path, BookError *error)
{
	if (node->kind != JSON_NODE_ARRAY)
		return expected(error, path, "an array");
	if (node->count == 0 && field->flags & NONEMPTY)
		return expected(error, path, "an array that is not empty");
	if (node->count > MOST_ELEMENTS)
		return rulebook_json_fail(error, path, "The array has more than %d elements.", MOST_ELEMENTS);
	for (int i = 0; i < node->count; i++)
	{
		char		below[160];

		snprintf(below, sizeof(below), "%s[%d]", path, i);
		if (!check_one(node->nodes[i], field, below, error))
			return false;
	}
	return true;
}

static bool
check_map(JsonNode *node, const Field *field, const char *path, BookError *error)
{
	const Field of = {.key = field->key,.kind = FIELD_OBJECT,.flags = ARRAY,.shape = field->shape};

	if (node->kind != JSON_NODE_OBJECT)
		return expected(error, path, "an object of arrays");
	for (int i = 0; i < node->count; i++)
	{
		char		below[160];

		if (!is_id(node->keys[i], false))
			return rulebook_json_fail(error, path, "\"%.60s\" is no id.", node->keys[i]);
		snprintf(below, sizeof(below), "%s.%s", path, node->keys[i]);
		if (!check_array(node->nodes[i], &of, below, error))
			return false;
	}
	sort_keys(node);
	return true;
}

static bool
check_field(JsonNode *node, const Field *field, const char *path, BookError *error)
{
	if (field->flags & ARRAY)
		return check_array(node, field, path, error);
	if (field->kind == FIELD_MAP)
		return check_map(node, field, path, error);
	return check_one(node, field, path, error);
}

static bool
check_known(const JsonNode *node, const Shape *shape, const char *path, BookError *error)
{
	for (int i = 0; i < node->count; i++)
	{
		int			f = 0;

		while (f < shape->count && strcmp(node->keys[i], shape->fields[f].key) != 0)
			f++;
		if (f < shape->count)
			continue;
		strlcpy(error->hint, "Known here: ", sizeof(error->hint));
		for (f = 0; f < shape->count; f++)
		{
			strlcat(error->hint, shape->fields[f].key, sizeof(error->hint));
			strlcat(error->hint, f + 1 < shape->count ? ", " : ".", sizeof(error->hint));
		}
		return rulebook_json_fail(error, path, "The key \"%.60s\" is unknown.", node->keys[i]);
	}
	return true;
}

static bool
check_object(JsonNode *node, const Shape *shape, const char *path, BookError *error)
{
	char	  **keys;
	JsonNode  **nodes;
	int			count = 0;

	if (node->kind != JSON_NODE_OBJECT)
		return expected(error, path, "an object");
	if (!check_known(node, shape, path, error))
		return false;
	keys = palloc(shape->count * sizeof(char *));
	nodes = palloc(shape->count * sizeof(JsonNode *));
	for (int f = 0; f < shape->count; f++)
	{
		const Field *field = &shape->fields[f];
		JsonNode   *value = rulebook_json_get(node, field->key);
		char		below[160];

		if (value == NULL || (value->kind == JSON_NODE_NULL && field->kind != FIELD_ANY))
		{
			if (field->flags & REQUIRED)
				return rulebook_json_fail(error, path, "The key \"%s\" is missing.", field->key);
			continue;
		}
		snprintf(below, sizeof(below), "%s.%s", path, field->key);
		if (!check_field(value, field, below, error))
			return false;
		keys[count] = unconstify(char *, field->key);
		nodes[count++] = value;
	}
	node->keys = keys;
	node->nodes = nodes;
	node->count = count;
	return true;
}

bool
rulebook_shape_check(JsonNode *root, BookError *error)
{
	return check_object(root, &book, "$", error);
}
