/*
 * rulebook_select.c
 *		Which records a rule is for, settled for every item and severity once, and
 *		what must hold of all rules of an item together.
 */
#include "credit_compat.h"

#include "rulebook_build.h"

#define ALL_SEVERITIES	((1 << BOOK_SEVERITIES) - 1)

static uint8
severities_of(const JsonNode *rule)
{
	int			bits = 0;

	if (rulebook_json_get(rule, "severity") == NULL)
		return ALL_SEVERITIES;
	for (int s = 0; s < node_count(rule, "severity"); s++)
		for (int w = 0; book_severity_words[w]; w++)
			if (strcmp(node_element(rule, "severity", s)->text, book_severity_words[w]) == 0)
				bits |= 1 << (BOOK_MINOR + w);
	return bits;
}

static bool
has_stance(const JsonNode *rule, const char *stance)
{
	if (rulebook_json_get(rule, "stances") == NULL)
		return strcmp(stance, "bad") == 0;
	for (int s = 0; s < node_count(rule, "stances"); s++)
		if (strcmp(node_element(rule, "stances", s)->text, stance) == 0)
			return true;
	return false;
}

bool
build_selection(Build *b, const JsonNode *rule, const char *path, Selection *selection)
{
	const JsonNode *items = rulebook_json_get(b->root, "items");
	uint8		bits = severities_of(rule);

	selection->items = items->count;
	selection->severities = palloc0(items->count);
	if (rulebook_json_get(rule, "items") && rulebook_json_get(rule, "stances"))
		return rulebook_json_fail(b->error, path, "\"items\" and \"stances\" exclude each other.");
	if (rulebook_json_get(rule, "items") == NULL)
		for (int i = 0; i < items->count; i++)
			selection->severities[i] = has_stance(rule, node_text(items->nodes[i],
																  "stance")) ? bits : 0;
	for (int i = 0; i < node_count(rule, "items"); i++)
	{
		int			item = find_id(items, node_element(rule, "items", i)->text);

		if (item < 0)
		{
			char		below[160];

			snprintf(below, sizeof(below), "%s.items[%d]", path, i);
			return rulebook_json_fail(b->error, below, "There is no item \"%s\".",
									  node_element(rule, "items", i)->text);
		}
		selection->severities[item] = bits;
	}
	return true;
}

/* Writes into every item, from offset item_field on, the rules of each severity. */
void
build_uses(Build *b, const Selection *rules, int count, Size item_field)
{
	BookArray	items = BUILD_BOOK(b)->items;
	uint16	   *found = palloc((count + 1) * sizeof(uint16));

	for (uint32 i = 0; i < items.count; i++)
		for (int s = 0; s < BOOK_SEVERITIES; s++)
		{
			int			n = 0;
			BookArray	uses;

			for (int r = 0; r < count; r++)
				if (rules[r].severities[i] & 1 << s)
					found[n++] = r;
			uses = build_array(b, n, sizeof(uint16));
			memcpy(b->out.data + uses.at, found, n * sizeof(uint16));
			((BookArray *) ((char *) &BUILD_AT(b, BookItem, items)[i] + item_field))[s] = uses;
		}
}

static bool
fail_item(Build *b, uint32 i, int severity, const char *what)
{
	BookText	id = BUILD_AT(b, const BookItem, BUILD_BOOK(b)->items)[i].id;
	char		path[160];

	snprintf(path, sizeof(path), "$.items[%u]", i);
	return rulebook_json_fail(b->error, path, "%s for item \"%.*s\", severity %s.", what,
							  (int) id.length, b->out.data + id.at,
							  severity == BOOK_ANY ? "not given" :
							  book_severity_words[severity - BOOK_MINOR]);
}

/*
 * Everything ends (part E, E10): an adverse item of any severity has a rule that
 * is still in force and counts from a day that is always known.  Returns the
 * most days it can be displayed after that day, or -1.
 */
static int
longest_days(Build *b, const BookItem *item, int severity)
{
	const BookDisplay *rules = BUILD_AT(b, const BookDisplay, BUILD_BOOK(b)->display);
	const uint16 *uses = BUILD_AT(b, const uint16, item->display[severity]);
	int			least = -1;

	for (uint32 u = 0; u < item->display[severity].count; u++)
	{
		const BookDisplay *rule = &rules[uses[u]];
		int			days = rule->months * 31 + 1;

		if (rule->in_force.to == DATEVAL_NOEND && rule->anchor != BOOK_CONDUCT_END &&
			rule->milder_reaches_back && (least < 0 || days < least))
			least = days;
	}
	return least;
}

/* Two rules for exactly the same records would leave it open which one is the law. */
static bool
check_overlap(Build *b, const Selection *selections)
{
	BookArray	array = BUILD_BOOK(b)->display;
	const BookDisplay *rules = BUILD_AT(b, const BookDisplay, array);

	for (uint32 i = 0; i < array.count; i++)
		for (uint32 j = 0; j < i; j++)
			if (rules[i].anchor == rules[j].anchor && rules[i].cap == rules[j].cap &&
				rules[i].in_force.from <= rules[j].in_force.to &&
					rules[j].in_force.from <= rules[i].in_force.to &&
				memcmp(selections[i].severities, selections[j].severities,
					   selections[i].items) == 0)
			{
				char		path[160];

				snprintf(path, sizeof(path), "$.display[%u]", i);
				return rulebook_json_fail(b->error, path,
										  "Overlapping rules: $.display[%u] is for the same records "
										  "on the same days.", j);
			}
	return true;
}

bool
check_display(Build *b, const Selection *selections)
{
	Rulebook   *book = BUILD_BOOK(b);
	const BookItem *items = BUILD_AT(b, const BookItem, book->items);
	const BookDisplay *rules = BUILD_AT(b, const BookDisplay, book->display);

	for (uint32 i = 0; i < book->items.count; i++)
		for (int s = 0; s < BOOK_SEVERITIES; s++)
		{
			int			days = longest_days(b, &items[i], s);

			if (days < 0 && (items[i].stance == BOOK_BAD || items[i].display[s].count > 0))
				return fail_item(b, i, s, "Without an end: no display rule that is still in force "
								 "counts from document_date or displayed_from");
			book->longest_days = Max(book->longest_days, days);
		}
	book->latest_from = PG_INT32_MIN;
	for (uint32 r = 0; r < book->display.count; r++)
		book->latest_from = Max(book->latest_from, rules[r].in_force.from);
	return check_overlap(b, selections);
}

/* Repair is a right (order 36 art. 2): no severity of an item is forgotten. */
static bool
has_open_repair(Build *b, const BookItem *item, int severity)
{
	const BookRepair *rules = BUILD_AT(b, const BookRepair, BUILD_BOOK(b)->repair);
	const uint16 *uses = BUILD_AT(b, const uint16, item->repair[severity]);

	for (uint32 u = 0; u < item->repair[severity].count; u++)
		if (rules[uses[u]].in_force.to == DATEVAL_NOEND)
			return true;
	return false;
}

bool
check_repair(Build *b)
{
	BookArray	array = BUILD_BOOK(b)->items;
	const BookItem *items = BUILD_AT(b, const BookItem, array);

	if (BUILD_BOOK(b)->repair.count == 0)
		return true;
	for (uint32 i = 0; i < array.count; i++)
		for (int s = BOOK_MINOR; s < BOOK_SEVERITIES; s++)
			if (items[i].stance == BOOK_BAD && !has_open_repair(b, &items[i], s))
				return fail_item(b, i, s, "No repair rule is still in force");
	return true;
}
