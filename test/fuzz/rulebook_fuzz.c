/*
 * rulebook_fuzz.c
 *		libFuzzer target: any text as a rulebook, outside the server.
 *
 * What is accepted must hold together: every reference lies inside the value,
 * and its canonical JSON gives the same value again.
 */
#include "rulebook_json.h"

#define CHECK(what)  do { if (!(what)) __builtin_trap(); } while (0)

/* Every allocation of an input is freed with it; exact sizes, so that ASAN sees overruns. */
static void **held;
static size_t held_count, held_room;

static void *
hold(void *p)
{
	if (held_count == held_room)
	{
		held_room = held_room ? held_room * 2 : 1024;
		held = realloc(held, held_room * sizeof(void *));
	}
	return held[held_count++] = p;
}

static void
free_all(void)
{
	while (held_count > 0)
		free(held[--held_count]);
}

void *palloc(Size size) { return hold(malloc(size ? size : 1)); }
void *palloc0(Size size) { return hold(calloc(1, size ? size : 1)); }
void *palloc_extended(Size size, int flags) { return palloc0(size); }
void *pg_malloc(size_t size) { return palloc(size); }
void *pg_malloc0(size_t size) { return palloc0(size); }
void *pg_malloc_extended(size_t size, int flags) { return palloc0(size); }
char *pstrdup(const char *s) { return hold(strdup(s)); }
char *pg_strdup(const char *s) { return pstrdup(s); }
char *pnstrdup(const char *s, Size n) { return hold(strndup(s, n)); }
void pfree(void *p) {}
void pg_free(void *p) {}

void *
repalloc(void *p, Size size)
{
	for (size_t i = held_count; i-- > 0;)
		if (held[i] == p)
			return held[i] = realloc(p, size);
	__builtin_trap();
}

void *pg_realloc(void *p, size_t size) { return p ? repalloc(p, size) : palloc(size); }

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
size_of(const Rulebook *book)
{
	return (uint32) book->vl_len_ >> 2;
}

static void
check_text(const Rulebook *book, BookText t)
{
	CHECK(t.at == 0 || (t.at >= sizeof(Rulebook) && (size_t) t.at + t.length <= size_of(book)));
}

static void
check_array(const Rulebook *book, BookArray a, size_t element)
{
	CHECK(a.count == 0 || (a.at >= sizeof(Rulebook) && a.at % 8 == 0 &&
						   a.at + a.count * element <= size_of(book)));
}

static void
check_uses(const Rulebook *book, BookArray uses, uint32 rules)
{
	check_array(book, uses, sizeof(uint16));
	for (uint32 u = 0; u < uses.count; u++)
		CHECK(BOOK_AT(book, uint16, uses)[u] < rules);
}

static void
check_items(const Rulebook *book)
{
	check_array(book, book->items, sizeof(BookItem));
	for (uint32 i = 0; i < book->items.count; i++)
	{
		const BookItem *item = &BOOK_AT(book, BookItem, book->items)[i];

		check_text(book, item->id);
		CHECK(item->basis.document < book->documents.count);
		CHECK(rulebook_find_item(book, BOOK_CHARS(book, item->id), item->id.length) == item);
		for (int s = 0; s < BOOK_SEVERITIES; s++)
		{
			check_uses(book, item->display[s], book->display.count);
			check_uses(book, item->repair[s], book->repair.count);
			check_uses(book, item->score[s], book->score.rules.count);
			CHECK(item->stance != BOOK_BAD || item->display[s].count > 0);
		}
	}
}

static void
check_rules(const Rulebook *book)
{
	check_array(book, book->display, sizeof(BookDisplay));
	for (uint32 r = 0; r < book->display.count; r++)
		check_text(book, BOOK_AT(book, BookDisplay, book->display)[r].id);
	check_array(book, book->score.rules, sizeof(BookScoreRule));
	for (uint32 r = 0; r < book->score.rules.count; r++)
	{
		const BookScoreRule *rule = &BOOK_AT(book, BookScoreRule, book->score.rules)[r];

		check_array(book, rule->tiers, sizeof(BookTier));
		CHECK(rule->months > 0);
		CHECK(rule->dimension == BOOK_NONE || rule->dimension < book->score.dimensions.count);
	}
	CHECK(book->calendar.to < book->calendar.from ||
		  book->calendar.before + (book->calendar.count + 1) * sizeof(uint32) <= size_of(book));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BookError	error;
	char	   *json = palloc(size + 1);
	Rulebook   *book;

	memcpy(json, data, size);
	json[size] = '\0';
	book = rulebook_compile(json, size, &error);
	if (book)
	{
		Rulebook   *again = rulebook_compile(BOOK_CHARS(book, book->json), book->json.length,
											 &error);

		check_text(book, book->json);
		check_items(book);
		check_rules(book);
		CHECK(again && size_of(again) == size_of(book) && memcmp(again, book, size_of(book)) == 0);
	}
	else
		CHECK(error.path[0] == '$' && error.message[0] != '\0');
	free_all();
	return 0;
}
