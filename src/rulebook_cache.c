/*
 * rulebook_cache.c
 *		Rulebooks fetched from a table, kept from one query to the next.
 *
 * The shipped one is 150 kB in some seventy pieces: to fetch them for every
 * report took a twentieth of it.  What is kept is found by the digest at the head
 * of the stored value, so that one piece tells; never by its toast pointer, which
 * may come back with another content.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "utils/memutils.h"

#include "credit.h"
#include "credit_compat.h"
#include "rulebook.h"

/* More than a report, its display and its score under an old and a new law need. */
#define KEPT_BOOKS	4
#define KEPT_BYTES	(1024 * 1024)	/* a longer one is fetched anew */

typedef struct KeptBook
{
	const Rulebook *book;		/* NULL: a free place */
	int			pins;			/* functions at work with it */
	uint64		used;
} KeptBook;

typedef struct RulebookCache
{
	MemoryContext context;
	uint64		clock;
	KeptBook	kept[KEPT_BOOKS];
} RulebookCache;

static RulebookCache *
cache(void)
{
	if (!credit_state.rulebooks)
	{
		MemoryContext context = AllocSetContextCreate(CacheMemoryContext, "credit rulebooks",
													  ALLOCSET_SMALL_SIZES);

		credit_state.rulebooks = MemoryContextAllocZero(context, sizeof(RulebookCache));
		credit_state.rulebooks->context = context;
	}
	return credit_state.rulebooks;
}

static KeptBook *
find(const uint8 *digest)
{
	for (int i = 0; i < KEPT_BOOKS; i++)
	{
		KeptBook   *k = &cache()->kept[i];

		if (k->book && memcmp(k->book->digest, digest, RULEBOOK_DIGEST) == 0)
			return k;
	}
	return NULL;
}

/* A free place, else the one that was used longest ago; NULL if all are in use. */
static KeptBook *
free_place(void)
{
	KeptBook   *oldest = NULL;

	for (int i = 0; i < KEPT_BOOKS; i++)
	{
		KeptBook   *k = &cache()->kept[i];

		if (k->pins == 0 && (!oldest || k->used < oldest->used))
			oldest = k;
	}
	if (oldest && oldest->book)
	{
		const Rulebook *old = oldest->book;

		memset(oldest, 0, sizeof(*oldest));
		pfree(unconstify(Rulebook *, old));
	}
	return oldest;
}

/* The digest of a stored value, from its first piece; false if its form is another. */
static bool
stored_digest(struct varlena *v, uint8 *digest)
{
	struct varlena *head = detoast_attr_slice(v, 0, offsetof(Rulebook, json) - VARHDRSZ);
	const Rulebook *book = (const Rulebook *) head;
	bool		known = VARSIZE(head) == offsetof(Rulebook, json) &&
		book->format == RULEBOOK_FORMAT;

	if (known)
		memcpy(digest, book->digest, RULEBOOK_DIGEST);
	pfree(head);
	return known;
}

/*
 * The book of a value in a table, pinned until rulebook_unpin(); NULL if it is
 * not for keeping.
 */
const Rulebook *
rulebook_pin(struct varlena *stored)
{
	uint8		digest[RULEBOOK_DIGEST];
	KeptBook   *k;

	if (toast_raw_datum_size(PointerGetDatum(stored)) > KEPT_BYTES ||
		!stored_digest(stored, digest))
		return NULL;
	k = find(digest);
	if (!k)
	{
		struct varlena *whole;

		k = free_place();
		if (!k)
			return NULL;
		whole = detoast_attr(stored);
		k->book = memcpy(MemoryContextAlloc(cache()->context, VARSIZE(whole)), whole,
						 VARSIZE(whole));
		pfree(whole);
	}
	k->used = ++cache()->clock;
	k->pins++;
	return k->book;
}

void
rulebook_unpin(const Rulebook *book)
{
	KeptBook   *k = find(book->digest);

	Assert(k && k->book == book && k->pins > 0);
	k->pins--;
}
