/*
 * rulebook_compile.c
 *		From a JSON text to the value: references, sections, the item table.
 */
#include "credit_compat.h"

#include "collection_reserved.h"
#include "rulebook_build.h"

StaticAssertDecl(sizeof(BookText) == 8 && sizeof(BookArray) == 8, "references are 8 bytes");
StaticAssertDecl(sizeof(BookBasis) == 12, "layout of a basis");
StaticAssertDecl(sizeof(BookItem) == 128, "layout of an item");
StaticAssertDecl(sizeof(BookDisplay) == 36, "layout of a display rule");
StaticAssertDecl(sizeof(BookRepair) == 36, "layout of a repair rule");
StaticAssertDecl(sizeof(BookDeadline) == 52, "layout of a deadline");
StaticAssertDecl(sizeof(BookScoreRule) == 72, "layout of a score rule");
StaticAssertDecl(offsetof(Rulebook, score) % 8 == 0, "the score scheme holds int64");

static const char *const stance_words[] = {"good", "neutral", "bad", NULL};
static const char *const anchor_words[] = {"document_date", "conduct_end", "displayed_from", NULL};
const char *const book_severity_words[] = {"minor", "general", "serious", NULL};

/* --- building --- */

BookArray
build_array(Build *b, int count, Size size)
{
	BookArray	array;
	int			bytes = count * size;
	int			pad = -b->out.len & 7;

	enlargeStringInfo(&b->out, bytes + pad);
	memset(b->out.data + b->out.len, 0, bytes + pad);
	b->out.len += pad;
	array.at = b->out.len;
	array.count = count;
	b->out.len += bytes;
	return array;
}

BookText
build_text(Build *b, const char *s)
{
	BookText	t = {0};

	if (s)
	{
		t.at = b->out.len;
		t.length = strlen(s);
		appendBinaryStringInfo(&b->out, s, t.length);
	}
	return t;
}

const char *
node_text(const JsonNode *object, const char *key)
{
	const JsonNode *node = rulebook_json_get(object, key);

	return node ? node->text : NULL;
}

int
node_int(const JsonNode *object, const char *key, int otherwise)
{
	const JsonNode *node = rulebook_json_get(object, key);

	return node ? atoi(node->text) : otherwise;
}

bool
node_bool(const JsonNode *object, const char *key, bool otherwise)
{
	const JsonNode *node = rulebook_json_get(object, key);

	return node ? node->truth : otherwise;
}

int64
node_points(const JsonNode *object, const char *key, int64 otherwise)
{
	const JsonNode *node = rulebook_json_get(object, key);
	int64		points = otherwise;

	if (node)
		(void) rulebook_points(node->text, &points);
	return points;
}

static int
word_number(const char *s, const char *const *words)
{
	int			w = 0;

	while (words[w] && strcmp(s, words[w]) != 0)
		w++;
	return w;
}

int
node_word(const JsonNode *object, const char *key, const char *const *words, int otherwise)
{
	const JsonNode *node = rulebook_json_get(object, key);

	return node ? word_number(node->text, words) : otherwise;
}

int
node_count(const JsonNode *object, const char *key)
{
	const JsonNode *node = rulebook_json_get(object, key);

	return node ? node->count : 0;
}

JsonNode *
node_element(const JsonNode *object, const char *key, int i)
{
	return rulebook_json_get(object, key)->nodes[i];
}

BookRange
build_range(const JsonNode *object)
{
	const JsonNode *range = rulebook_json_get(object, "in_force");
	const char *to = node_text(range, "to");
	BookRange	r;

	r.from = rulebook_day(node_text(range, "from"));
	r.to = to ? rulebook_day(to) : DATEVAL_NOEND;
	return r;
}

int
find_id(const JsonNode *section, const char *id)
{
	if (section)
		for (int i = 0; i < section->count; i++)
			if (strcmp(node_text(section->nodes[i], "id"), id) == 0)
				return i;
	return -1;
}

bool
build_basis(Build *b, const JsonNode *object, const char *path, BookBasis *basis)
{
	const JsonNode *node = rulebook_json_get(object, "basis");
	int			document = find_id(rulebook_json_get(b->root, "documents"), node_text(node,
																					  "document"));
	BookText	article;

	if (document < 0)
	{
		char		below[160];

		snprintf(below, sizeof(below), "%s.basis.document", path);
		return rulebook_json_fail(b->error, below, "There is no document \"%s\".",
								  node_text(node, "document"));
	}
	article = build_text(b, node_text(node, "article"));
	basis->document = document;
	basis->unverified = node_bool(object, "unverified", false);
	basis->article = article;
	return true;
}

typedef struct Named
{
	const char *id;
	int			at;
} Named;

static int
compare_named(const void *a, const void *b)
{
	int			c = strcmp(((const Named *) a)->id, ((const Named *) b)->id);

	return c ? c : ((const Named *) a)->at - ((const Named *) b)->at;
}

/* Ids are unique in their section; ranges are not empty; M facts are marked. */
bool
check_ids(Build *b, const char *section, const JsonNode *array, const char *key)
{
	Named	   *named;
	char		path[160];

	if (array == NULL || array->count == 0)
		return true;
	named = palloc(array->count * sizeof(Named));
	for (int i = 0; i < array->count; i++)
	{
		const JsonNode *node = array->nodes[i];
		const char *confidence = node_text(node, "confidence");

		named[i].id = node_text(node, key);
		named[i].at = i;
		snprintf(path, sizeof(path), "$.%s[%d]", section, i);
		if (rulebook_json_get(node, "in_force"))
		{
			BookRange	range = build_range(node);

			if (range.to < range.from)
				return rulebook_json_fail(b->error, path, "in_force ends before it begins.");
		}
		if (confidence && *confidence == 'M' && !node_bool(node, "unverified", false))
			return rulebook_json_fail(b->error, path,
									  "A rule of confidence M must say \"unverified\": true.");
	}
	qsort(named, array->count, sizeof(Named), compare_named);
	for (int i = 1; i < array->count; i++)
		if (strcmp(named[i].id, named[i - 1].id) == 0)
		{
			snprintf(path, sizeof(path), "$.%s[%d].%s", section, named[i].at, key);
			return rulebook_json_fail(b->error, path, "\"%s\" stands twice.", named[i].id);
		}
	return true;
}

/* --- sections --- */

static bool
build_documents(Build *b)
{
	JsonNode   *section = rulebook_json_get(b->root, "documents");
	BookArray	array;

	if (!check_ids(b, "documents", section, "id"))
		return false;
	array = build_array(b, section->count, sizeof(BookDocument));
	BUILD_BOOK(b)->documents = array;
	for (int i = 0; i < section->count; i++)
	{
		const JsonNode *node = section->nodes[i];
		BookText	id = build_text(b, node_text(node, "id"));
		BookText	zh = build_text(b, node_text(node, "zh"));
		BookText	number = build_text(b, node_text(node, "number"));
		BookDocument *d = &BUILD_AT(b, BookDocument, array)[i];

		d->id = id;
		d->zh = zh;
		d->number = number;
		d->in_force = build_range(node);
	}
	return true;
}

static bool
check_item(Build *b, const JsonNode *node, int i)
{
	const JsonNode *lists = rulebook_json_get(b->root, "lists");
	const JsonNode *categories = lists ? rulebook_json_get(lists, "information_category") : NULL;
	const char *category = node_text(node, "category");
	char		path[160];

	if (category)
	{
		bool		known = false;

		for (int c = 0; categories && c < categories->count; c++)
			known |= strcmp(node_text(categories->nodes[c], "code"), category) == 0;
		snprintf(path, sizeof(path), "$.items[%d].category", i);
		if (!known)
			return rulebook_json_fail(b->error, path,
									  "List information_category has no code \"%s\".", category);
	}
	/* Shandong art. 42, order 631 art. 14; one list for catalogues and records. */
	for (int f = 0; f < node_count(node, "fields"); f++)
		if (collection_reserved(node_element(node, "fields", f)->text,
								strlen(node_element(node, "fields", f)->text)))
		{
			snprintf(path, sizeof(path), "$.items[%d].fields[%d]", i, f);
			return rulebook_json_fail(b->error, path, "\"%s\" must never be in a credit record.",
									  node_element(node, "fields", f)->text);
		}
	return true;
}

static bool
build_items(Build *b)
{
	JsonNode   *section = rulebook_json_get(b->root, "items");
	BookArray	array;

	if (!check_ids(b, "items", section, "id"))
		return false;
	array = build_array(b, section->count, sizeof(BookItem));
	BUILD_BOOK(b)->items = array;
	for (int i = 0; i < section->count; i++)
	{
		const JsonNode *node = section->nodes[i];
		BookItem	item = {0};
		char		path[160];

		snprintf(path, sizeof(path), "$.items[%d]", i);
		if (!check_item(b, node, i) || !build_basis(b, node, path, &item.basis))
			return false;
		item.id = build_text(b, node_text(node, "id"));
		item.stance = node_word(node, "stance", stance_words, 0);
		for (int s = 0; s < node_count(node, "subjects"); s++)
			if (strcmp(node_element(node, "subjects", s)->text, "person") == 0)
				item.persons = true;
			else
				item.organisations = true;
		item.public_persons = node_bool(node, "public_persons", false);
		item.in_force = build_range(node);
		BUILD_AT(b, BookItem, array)[i] = item;
	}
	return true;
}

/* Open addressing, at most half full; 0 is an empty slot. */
static void
build_slots(Build *b)
{
	BookArray	items = BUILD_BOOK(b)->items;
	uint32		size = 8;
	BookArray	slots;

	while (size < items.count * 2)
		size *= 2;
	slots = build_array(b, size, sizeof(uint16));
	BUILD_BOOK(b)->item_slots = slots;
	for (uint32 i = 0; i < items.count; i++)
	{
		BookText	id = BUILD_AT(b, BookItem, items)[i].id;
		uint32		h = rulebook_hash(b->out.data + id.at, id.length) & (size - 1);

		while (BUILD_AT(b, uint16, slots)[h] != 0)
			h = (h + 1) & (size - 1);
		BUILD_AT(b, uint16, slots)[h] = i + 1;
	}
}

static bool
build_display(Build *b)
{
	JsonNode   *section = rulebook_json_get(b->root, "display");
	int			count = section ? section->count : 0;
	BookArray	array = build_array(b, count, sizeof(BookDisplay));
	Selection  *selections = palloc0((count + 1) * sizeof(Selection));

	if (!check_ids(b, "display", section, "id"))
		return false;
	BUILD_BOOK(b)->display = array;
	for (int i = 0; i < count; i++)
	{
		const JsonNode *node = section->nodes[i];
		BookDisplay rule = {0};
		char		path[160];

		snprintf(path, sizeof(path), "$.display[%d]", i);
		if (!build_basis(b, node, path, &rule.basis) || !build_selection(b, node, path,
																		 &selections[i]))
			return false;
		rule.id = build_text(b, node_text(node, "id"));
		rule.in_force = build_range(node);
		rule.months = node_int(node, "months", 0);
		rule.anchor = node_word(node, "anchor", anchor_words, 0);
		rule.cap = node_bool(node, "cap", false);
		rule.milder_reaches_back = node_bool(node, "milder_reaches_back", true);
		rule.not_in_principle = node_bool(node, "not_in_principle", false);
		BUILD_AT(b, BookDisplay, array)[i] = rule;
	}
	build_uses(b, selections, count, offsetof(BookItem, display));
	return check_display(b, selections);
}

static int
needs_of(const JsonNode *rule)
{
	static const char *const words[] = {"fulfilled", "commitment", "harm_removed",
										"no_new_penalty", "not_listed", NULL};
	int			needs = 0;

	for (int n = 0; n < node_count(rule, "needs"); n++)
		needs |= 1 << word_number(node_element(rule, "needs", n)->text, words);
	return needs;
}

static bool
build_repair(Build *b)
{
	JsonNode   *section = rulebook_json_get(b->root, "repair");
	int			count = section ? section->count : 0;
	BookArray	array = build_array(b, count, sizeof(BookRepair));
	Selection  *selections = palloc0((count + 1) * sizeof(Selection));

	if (!check_ids(b, "repair", section, "id"))
		return false;
	BUILD_BOOK(b)->repair = array;
	for (int i = 0; i < count; i++)
	{
		const JsonNode *node = section->nodes[i];
		BookRepair	rule = {0};
		char		path[160];

		snprintf(path, sizeof(path), "$.repair[%d]", i);
		if (!build_basis(b, node, path, &rule.basis) || !build_selection(b, node, path,
																		 &selections[i]))
			return false;
		rule.id = build_text(b, node_text(node, "id"));
		rule.in_force = build_range(node);
		rule.min_months = node_int(node, "min_months", 0);
		rule.false_papers_months = node_int(node, "false_papers_months", 0);
		rule.anchor = node_word(node, "anchor", anchor_words, 0);
		rule.needs = needs_of(node);
		rule.never = node_bool(node, "never", false);
		rule.without_application = node_bool(node, "without_application", false);
		if (rule.never && (rule.min_months || rule.needs || rule.false_papers_months ||
						   rule.without_application))
			return rulebook_json_fail(b->error, path,
									  "A rule that says \"never\" has no other condition.");
		BUILD_AT(b, BookRepair, array)[i] = rule;
	}
	build_uses(b, selections, count, offsetof(BookItem, repair));
	return check_repair(b);
}

static bool
build_deadlines(Build *b)
{
	JsonNode   *section = rulebook_json_get(b->root, "objection");
	int			count = section ? section->count : 0;
	BookArray	array = build_array(b, count, sizeof(BookDeadline));

	if (!check_ids(b, "objection", section, "id"))
		return false;
	BUILD_BOOK(b)->deadlines = array;
	for (int i = 0; i < count; i++)
	{
		const JsonNode *node = section->nodes[i];
		BookDeadline rule = {0};
		char		path[160];

		snprintf(path, sizeof(path), "$.objection[%d]", i);
		if (!build_basis(b, node, path, &rule.basis))
			return false;
		rule.id = build_text(b, node_text(node, "id"));
		rule.step = build_text(b, node_text(node, "step"));
		rule.procedure = build_text(b, node_text(node, "procedure"));
		rule.in_force = build_range(node);
		rule.days = node_int(node, "days", 0);
		rule.workdays = strcmp(node_text(node, "unit"), "workday") == 0;
		BUILD_AT(b, BookDeadline, array)[i] = rule;
	}
	return true;
}

/* Measures are read by the relational views alone; here they are only checked. */
static bool
check_measures(Build *b)
{
	JsonNode   *section = rulebook_json_get(b->root, "measures");

	if (!check_ids(b, "measures", section, "id"))
		return false;
	for (int i = 0; section && i < section->count; i++)
	{
		const JsonNode *node = section->nodes[i];
		BookBasis	basis;
		char		path[160];

		snprintf(path, sizeof(path), "$.measures[%d]", i);
		if (!build_basis(b, node, path, &basis))
			return false;
		if (strcmp(node_text(node, "kind"), "restriction") == 0 &&
			node_text(node, "least_severity") == NULL)
			return rulebook_json_fail(b->error, path, "A restriction must say \"least_severity\": "
									  "it is never heavier than the finding.");
	}
	return true;
}

static bool
check_lists(Build *b)
{
	const JsonNode *lists = rulebook_json_get(b->root, "lists");

	for (int l = 0; lists && l < lists->count; l++)
	{
		char		section[120];

		snprintf(section, sizeof(section), "lists.%s", lists->keys[l]);
		if (!check_ids(b, section, lists->nodes[l], "code"))
			return false;
	}
	return true;
}

static bool
build_all(Build *b)
{
	return check_lists(b) && build_documents(b) && build_items(b) && build_display(b) &&
		build_repair(b) && build_deadlines(b) && check_measures(b) &&
		check_ids(b, "cases", rulebook_json_get(b->root, "cases"), "name") &&
		build_calendar(b) && build_score(b);
}

Rulebook *
rulebook_compile(const char *json, size_t length, BookError *error)
{
	Build		b = {.error = error};
	StringInfoData canonical;
	BookText	id,
				text;

	memset(error, 0, sizeof(*error));
	b.root = rulebook_json_parse(json, length, error);
	if (b.root == NULL || !rulebook_shape_check(b.root, error))
		return NULL;
	initStringInfo(&b.out);
	(void) build_array(&b, 1, sizeof(Rulebook));
	BUILD_BOOK(&b)->format = RULEBOOK_FORMAT;
	if (!build_all(&b))
		return NULL;
	build_slots(&b);
	initStringInfo(&canonical);
	rulebook_json_print(&canonical, b.root);
	/* In two steps: the value moves as texts are added. */
	id = build_text(&b, node_text(b.root, "id"));
	text = build_text(&b, canonical.data);
	BUILD_BOOK(&b)->id = id;
	BUILD_BOOK(&b)->json = text;
	SET_VARSIZE(b.out.data, b.out.len);
	return BUILD_BOOK(&b);
}

/* --- the item table --- */

/* FNV-1a; frozen only as long as RULEBOOK_FORMAT is. */
uint32
rulebook_hash(const char *s, size_t length)
{
	uint32		h = 2166136261U;

	for (size_t i = 0; i < length; i++)
		h = (h ^ (unsigned char) s[i]) * 16777619U;
	return h ^ h >> 15;
}

const BookItem *
rulebook_find_item(const Rulebook *book, const char *s, size_t length)
{
	const BookItem *items = BOOK_AT(book, BookItem, book->items);
	const uint16 *slots = BOOK_AT(book, uint16, book->item_slots);
	uint32		mask = book->item_slots.count - 1;

	for (uint32 h = rulebook_hash(s, length) & mask; slots[h] != 0; h = (h + 1) & mask)
	{
		const BookItem *item = &items[slots[h] - 1];

		if (item->id.length == length && memcmp(BOOK_CHARS(book, item->id), s, length) == 0)
			return item;
	}
	return NULL;
}
