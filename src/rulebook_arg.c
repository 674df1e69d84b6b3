/*
 * rulebook_arg.c
 *		How functions get at a rulebook argument, its items and severities,
 *		without paying for it on every row.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "lib/stringinfo.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "mb/pg_wchar.h"

#include "credit_compat.h"
#include "rulebook.h"

/*
 * Is this the datum that use->book was made from?  A toast pointer names its
 * content: an out-of-line value is never changed in place, and its OID cannot
 * come back within one query.  An inline value may sit in a buffer that is used
 * again, so its content is compared, by the digest at its head.
 */
static inline bool
same_datum(const BookUse *use, Datum datum)
{
	const struct varlena *v = (const struct varlena *) DatumGetPointer(datum);

	if (VARATT_IS_EXTERNAL_ONDISK(v))
		return memcmp(use->stamp, VARDATA_EXTERNAL(v), sizeof(use->stamp)) == 0;
	if (VARATT_IS_4B_U(v))
		return VARSIZE_4B(v) >= sizeof(Rulebook) &&
			memcmp(((const Rulebook *) v)->digest, use->book->digest, RULEBOOK_DIGEST) == 0;
	return false;
}

/* The book that this function held, if any, is no longer needed. */
static void
let_go(void *arg)
{
	BookUse    *use = arg;

	if (use->pinned)
		rulebook_unpin(use->pinned);
	if (use->copy)
		pfree(use->copy);
	use->pinned = NULL;
	use->copy = NULL;
	use->book = NULL;
	use->item = NULL;
	use->item_length = -1;
}

static inline bool
same_book(const BookUse *use, const Rulebook *book)
{
	return use->book && memcmp(use->book->digest, book->digest, RULEBOOK_DIGEST) == 0;
}

/* From a table: the backend's own, as long as this function's other state lives. */
static bool
keep_pinned(BookUse *use, struct varlena *stored)
{
	const Rulebook *book;

	if (!use->unpins)
	{
		MemoryContextCallback *callback = MemoryContextAlloc(use->context, sizeof(*callback));

		callback->func = let_go;
		callback->arg = use;
		MemoryContextRegisterResetCallback(use->context, callback);
		use->unpins = true;
	}
	book = rulebook_pin(stored);
	if (!book)
		return false;
	if (same_book(use, book))
		rulebook_unpin(book);
	else
	{
		let_go(use);
		use->book = use->pinned = book;
	}
	return true;
}

/* Any other: a copy. */
static void
keep_copy(BookUse *use, Datum datum)
{
	const Rulebook *book = rulebook_of_datum(datum);	/* another one, if of an older form */

	if (!same_book(use, book))
	{
		Rulebook   *copy = MemoryContextAlloc(use->context, VARSIZE(book));

		memcpy(copy, book, VARSIZE(book));
		let_go(use);
		use->book = use->copy = copy;
	}
	if ((Pointer) book != DatumGetPointer(datum))
		pfree(unconstify(Rulebook *, book));
}

/*
 * The same book as another datum (another toast pointer, a copy in memory) leaves
 * the first one in place: what callers made of it points into it.
 */
static void
keep_book(BookUse *use, Datum datum)
{
	struct varlena *v = (struct varlena *) DatumGetPointer(datum);
	bool		stored = VARATT_IS_EXTERNAL_ONDISK(v);

	StaticAssertStmt(sizeof(use->stamp) == sizeof(struct varatt_external),
					 "a toast pointer is 16 bytes");
	memset(use->stamp, 0, sizeof(use->stamp));
	if (!stored || !keep_pinned(use, v))
		keep_copy(use, datum);
	if (stored)
		memcpy(use->stamp, VARDATA_EXTERNAL(v), sizeof(use->stamp));
}

BookUse *
rulebook_arg(FunctionCallInfo fcinfo, int n, Size size)
{
	BookUse    *use = fcinfo->flinfo->fn_extra;
	Datum		datum = PG_GETARG_DATUM(n);

	if (likely(use && use->book && same_datum(use, datum)))
		return use;
	if (use == NULL)
	{
		use = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, size);
		use->context = fcinfo->flinfo->fn_mcxt;
		fcinfo->flinfo->fn_extra = use;
	}
	keep_book(use, datum);
	return use;
}

/* The text is not shown: what stands in the wrong column may be a person's number. */
static void
unknown_item(const Rulebook *book)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no such item in rulebook \"%.*s\"",
					(int) book->id.length, BOOK_CHARS(book, book->id)),
			 errhint("SELECT id, zh FROM credit.rulebook_items(book) lists the items.")));
}

const BookItem *
rulebook_item_arg(FunctionCallInfo fcinfo, BookUse *use, int n)
{
	const text *arg = PG_GETARG_TEXT_PP(n);
	const char *s = VARDATA_ANY(arg);
	int			length = VARSIZE_ANY_EXHDR(arg);

	if (likely(length == use->item_length && memcmp(s, use->item_copy, length) == 0))
		return use->item;
	use->item = rulebook_find_item(use->book, s, length);
	if (use->item == NULL)
	{
		use->item_length = -1;
		unknown_item(use->book);
	}
	use->item_length = length;	/* an id fits: 63 characters at most */
	memcpy(use->item_copy, s, length);
	return use->item;
}

/* OIDs of an enum's values differ from database to database. */
static void
learn_severities(BookUse *use, Oid type)
{
	static const char *const labels[] = {NULL, "minor", "general", "serious"};

	for (int s = BOOK_MINOR; s < BOOK_SEVERITIES; s++)
	{
		HeapTuple	tuple = SearchSysCache2(ENUMTYPOIDNAME, ObjectIdGetDatum(type),
											CStringGetDatum(labels[s]));

		if (!HeapTupleIsValid(tuple))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("a severity must be of type credit.severity")));
		use->severity[s] = ((Form_pg_enum) GETSTRUCT(tuple))->oid;
		ReleaseSysCache(tuple);
	}
	use->severity[BOOK_ANY] = type;
}

BookSeverity
rulebook_severity_arg(FunctionCallInfo fcinfo, BookUse *use, int n)
{
	Oid			value;

	if (PG_ARGISNULL(n))
		return BOOK_ANY;
	value = PG_GETARG_OID(n);
	if (unlikely(!OidIsValid(use->severity[BOOK_ANY])))
	{
		HeapTuple	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));

		if (!HeapTupleIsValid(tuple))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid value of a severity")));
		value = ((Form_pg_enum) GETSTRUCT(tuple))->enumtypid;
		ReleaseSysCache(tuple);
		learn_severities(use, value);
		value = PG_GETARG_OID(n);
	}
	return value == use->severity[BOOK_GENERAL] ? BOOK_GENERAL :
		value == use->severity[BOOK_SERIOUS] ? BOOK_SERIOUS : BOOK_MINOR;
}

text *
rulebook_text(const Rulebook *book, BookText t)
{
	const char *s = BOOK_CHARS(book, t);
	char	   *server = pg_any_to_server(s, t.length, PG_UTF8);

	return server == s ? cstring_to_text_with_len(s, t.length) : cstring_to_text(server);
}

text *
rulebook_basis_text(const Rulebook *book, const BookBasis *basis)
{
	const BookDocument *d = &BOOK_AT(book, BookDocument, book->documents)[basis->document];
	StringInfoData s;

	initStringInfo(&s);
	appendBinaryStringInfo(&s, BOOK_CHARS(book, d->zh), d->zh.length);
	if (d->number.at)
		appendStringInfo(&s, "（%.*s）", (int) d->number.length, BOOK_CHARS(book, d->number));
	if (basis->article.at)
		appendStringInfo(&s, " %.*s", (int) basis->article.length, BOOK_CHARS(book,
																			  basis->article));
	if (basis->unverified)
		appendStringInfoString(&s, " [unverified]");
	return cstring_to_text(pg_any_to_server(s.data, s.len, PG_UTF8));
}
