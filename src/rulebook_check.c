/*
 * rulebook_check.c
 *		Checks a tree by the tables of rulebook_shape.c, and makes it canonical.
 */
#include "credit_compat.h"

#include <ctype.h>

#include "code_core.h"
#include "rulebook_shape.h"

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
	return psprintf("%s" INT64_FORMAT ".%0*d", points < 0 ? "-" : "", size / POINTS_SCALE, places,
					decimals);
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
				return rulebook_json_fail(error, path,
										  "\"%.60s\" is none of the words that may stand here.",
											  s);
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
		return rulebook_json_fail(error, path, "Expected a whole number from %d to %d.",
								  field->least, field->most);
	value = strtol(node->text, &end, 10);
	if (*end != '\0' || value < field->least || value > field->most)
		return rulebook_json_fail(error, path, "Expected a whole number from %d to %d.",
								  field->least, field->most);
	node->text = psprintf("%ld", value);
	return true;
}

static bool
check_points(JsonNode *node, const char *path, BookError *error)
{
	int64		points;

	if ((node->kind != JSON_NODE_NUMBER && node->kind != JSON_NODE_STRING) ||
		!rulebook_points(node->text, &points))
		return expected(error, path,
						"a number with at most 12 digits before the point and 4 behind it");
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
		return rulebook_json_fail(error, path, "The array has more than %d elements.",
								  MOST_ELEMENTS);
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
	return check_object(root, &rulebook_shape, "$", error);
}
