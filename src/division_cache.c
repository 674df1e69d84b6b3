/*
 * division_cache.c
 *		The divisions in the backend's memory, true to the statement's snapshot.
 *
 * A batch checks millions of codes against a few thousand rows that change
 * once a year, so each backend keeps them: 16 bytes an interval, sorted, and a
 * page of 100 places for each four digits; under 400 kB.  The table is read without SPI and
 * without regard to privileges: every role may check codes.
 *
 * A cache that forgets snapshots lies: built by a statement that does not yet
 * see a change, it would hide the change from all later ones; built after the
 * change, it would show it to a REPEATABLE READ transaction that must not see
 * it.  So the cache remembers which transactions wrote to the table, and
 * whether its content has their work in it.  It serves a snapshot that sees
 * the same ones; for any other it is built again.  Writers that came after
 * are announced by a relcache invalidation, sent by the table's triggers.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/procarray.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "credit_compat.h"
#include "division_cache.h"

/* Columns of credit.division_history, in the order of the install script. */
enum
{
	COL_CODE = 1, COL_NAME, COL_FIRST_YEAR, COL_LAST_YEAR, COL_ORIGIN,
	COL_COUNT = COL_ORIGIN
};

static const char *const heading_utf8[HEADING_COUNT] = {
	"市辖区", "县", "市", "省直辖县级行政区划", "自治区直辖县级行政区划"
};

/* ---------------------------------------------------------------------
 * Which snapshots the content fits
 * ---------------------------------------------------------------------
 */

static SnapshotKey
key_of(Snapshot snapshot)
{
	SnapshotKey key;

	key.xmin = snapshot->xmin;
	key.xmax = snapshot->xmax;
	key.xcnt = snapshot->xcnt;
	key.subxcnt = snapshot->subxcnt;
	key.curcid = snapshot->curcid;
	key.suboverflowed = snapshot->suboverflowed;
	return key;
}

/*
 * Does the snapshot see exactly the writers whose work is in the content?
 * "No" may be wrong and costs a rebuild; "yes" must be right.
 */
static bool
content_fits(const DivisionCache *cache, Snapshot snapshot)
{
	const DivisionContent *content = cache->content;

	if (key_matches(&content->built_for, snapshot))
		return true;
	if (content->too_many)
		return false;

	/* Own work is seen by commands after the one that did it. */
	if (content->own_writes &&
		(!TransactionIdIsValid(cache->own_xid) ||
		 cache->own_xid != GetTopTransactionIdIfAny() ||
		 content->built_for.curcid <= cache->own_cid ||
		 snapshot->curcid <= cache->own_cid))
		return false;

	if (TransactionIdIsValid(content->settled) &&
		!TransactionIdPrecedes(content->settled, snapshot->xmin))
		return false;

	for (int i = 0; i < content->writer_count; i++)
	{
		if (XidInMVCCSnapshot(content->writer[i].xid, snapshot) ==
			content->writer[i].seen)
			return false;
	}
	return true;
}

/* Enters one transaction that wrote a row version, seen or not. */
static void
note_writer(DivisionContent *content, TransactionId xid, Snapshot snapshot)
{
	bool		seen;

	if (!TransactionIdIsNormal(xid))
		return;
	if (TransactionIdIsCurrentTransactionId(xid))
	{
		content->own_writes = true;
		return;
	}
	if (TransactionIdPrecedes(xid, snapshot->xmin))
	{
		if (!TransactionIdIsValid(content->settled) ||
			TransactionIdFollows(xid, content->settled))
			content->settled = xid;
		return;
	}
	for (int i = 0; i < content->writer_count; i++)
	{
		if (content->writer[i].xid == xid)
			return;
	}
	seen = !XidInMVCCSnapshot(xid, snapshot);
	/* In this order: a transaction is marked before it ceases to run. */
	if (!TransactionIdIsInProgress(xid) && !TransactionIdDidCommit(xid))
		return;					/* rolled back: nobody will ever see it */
	if (content->writer_count == WRITERS_MAX)
	{
		content->too_many = true;
		return;
	}
	content->writer[content->writer_count].xid = xid;
	content->writer[content->writer_count].seen = seen;
	content->writer_count++;
}

/*
 * Finds the writers by looking at every row version, also those that the
 * snapshot does not see.  What VACUUM has taken away was deleted before any
 * snapshot that is still in use.
 */
static void
read_writers(DivisionContent *content, Relation rel, Snapshot snapshot)
{
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan(rel, SnapshotAny, 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		should_free;
		HeapTuple	tuple = ExecFetchSlotHeapTuple(slot, false, &should_free);
		HeapTupleHeader header = tuple->t_data;

		CHECK_FOR_INTERRUPTS();
		if (!HeapTupleHeaderXminFrozen(header))
			note_writer(content, HeapTupleHeaderGetRawXmin(header), snapshot);
		if (!(header->t_infomask & HEAP_XMAX_INVALID) &&
			!HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask))
			note_writer(content, HeapTupleHeaderGetUpdateXid(header), snapshot);
		if (should_free)
			heap_freetuple(tuple);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
}

/* ---------------------------------------------------------------------
 * Reading the table
 * ---------------------------------------------------------------------
 */

/* The scan trusts the column order, so it looks whether that still holds. */
static void
check_columns(Relation rel)
{
	static const Oid type[COL_COUNT] = {TEXTOID, TEXTOID, INT4OID, INT4OID, TEXTOID};
	TupleDesc	desc = RelationGetDescr(rel);
	bool		ok = desc->natts >= COL_COUNT && rel->rd_rel->relam == HEAP_TABLE_AM_OID;

	for (int i = 0; ok && i < COL_COUNT; i++)
		ok = !TupleDescAttr(desc, i)->attisdropped &&
			TupleDescAttr(desc, i)->atttypid == type[i];
	if (!ok)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s.%s\" is not as the extension made it",
						"credit", "division_history"),
				 errhint("Its first five columns and its storage must stay as installed.")));
}

static int
compare_intervals(const void *a, const void *b)
{
	const DivisionInterval *x = a;
	const DivisionInterval *y = b;

	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	if (x->first_year != y->first_year)
		return x->first_year < y->first_year ? -1 : 1;
	return (int) y->is_local - (int) x->is_local;
}

/* Sorts, and lets local rows replace shipped ones. */
static void
sort_intervals(DivisionContent *content)
{
	DivisionInterval *interval = content->intervals;
	int			kept = 0;

	qsort(interval, content->count, sizeof(DivisionInterval), compare_intervals);
	for (int i = 0; i < content->count; i++)
	{
		if (kept > 0 && interval[kept - 1].code == interval[i].code &&
			interval[kept - 1].first_year == interval[i].first_year)
			continue;
		interval[kept++] = interval[i];
	}
	content->count = kept;
}

/* Fills the pages. */
static void
index_intervals(DivisionContent *content)
{
	DivisionInterval *interval = content->intervals;
	int			next = 0;
	int			pages = 1;		/* page 0 is the empty one */

	for (int i = 0; i < content->count; i++)
		pages += i == 0 || interval[i].code / 100 != interval[i - 1].code / 100;
	content->page = palloc0(pages * sizeof(DivisionPage));
	pages = 1;
	for (int prefix = 0; prefix < PREFIXES; prefix++)
	{
		content->start[prefix] = next;
		if (next == content->count || interval[next].code / 100 != prefix)
			continue;
		content->page_of[prefix] = pages;
		for (; next < content->count && interval[next].code / 100 == prefix; next++)
		{
			uint16	   *first = &content->page[pages].first[interval[next].code % 100];

			if (next - content->start[prefix] >= PG_UINT16_MAX)
				ereport(ERROR,
						(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						 errmsg("too many rows for divisions %04d.. in table \"%s.%s\"",
								prefix, "credit", "division_history")));
			if (*first == 0)
				*first = next - content->start[prefix] + 1;
		}
		pages++;
	}
	content->start[PREFIXES] = next;
}

static void
add_interval(DivisionContent *content, TupleTableSlot *slot, StringInfo names)
{
	DivisionInterval *interval = &content->intervals[content->count++];
	const DivisionLabel *city = &content->heading[HEADING_CITIES];
	bool		isnull;
	text	   *code = DatumGetTextPP(slot_getattr(slot, COL_CODE, &isnull));
	text	   *name = DatumGetTextPP(slot_getattr(slot, COL_NAME, &isnull));
	text	   *origin = DatumGetTextPP(slot_getattr(slot, COL_ORIGIN, &isnull));
	Datum		last;

	interval->code = 0;
	for (int i = 0; i < (int) VARSIZE_ANY_EXHDR(code); i++)
		interval->code = interval->code * 10 + (VARDATA_ANY(code)[i] - '0');
	interval->first_year = DatumGetInt32(slot_getattr(slot, COL_FIRST_YEAR, &isnull));
	last = slot_getattr(slot, COL_LAST_YEAR, &isnull);
	interval->last_year = isnull ? OPEN_END : DatumGetInt32(last);
	interval->name = names->len;
	interval->name_length = VARSIZE_ANY_EXHDR(name);
	interval->is_city = interval->name_length >= city->length &&
		memcmp(VARDATA_ANY(name) + interval->name_length - city->length,
			   city->text, city->length) == 0;
	/* The table's CHECK allows two origins: local and shipped. */
	interval->is_local = VARDATA_ANY(origin)[0] == 'l';
	appendBinaryStringInfo(names, VARDATA_ANY(name), interval->name_length);
}

static void
read_intervals(DivisionContent *content, Relation rel, Snapshot snapshot)
{
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
	StringInfoData names;
	int			room = 8192;

	initStringInfo(&names);
	enlargeStringInfo(&names, 128 * 1024);
	content->intervals = palloc(room * sizeof(DivisionInterval));
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		if (content->count == room)
		{
			room *= 2;
			content->intervals = repalloc(content->intervals,
										  room * sizeof(DivisionInterval));
		}
		add_interval(content, slot, &names);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	content->names = repalloc(names.data, names.len + 1);
	sort_intervals(content);
	content->intervals = repalloc(content->intervals,
								  Max(content->count, 1) * sizeof(DivisionInterval));
	index_intervals(content);
}

static void
read_headings(DivisionContent *content)
{
	for (int i = 0; i < HEADING_COUNT; i++)
	{
		char	   *text = pg_any_to_server(pstrdup(heading_utf8[i]),
											strlen(heading_utf8[i]), PG_UTF8);

		content->heading[i].text = text;
		content->heading[i].length = strlen(text);
	}
}

/*
 * Reads the table under the snapshot.  The memory belongs to the caller's
 * context until all is read, so an error on the way leaves the cache as it was.
 */
static void
build_content(DivisionCache *cache, Snapshot snapshot)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "credit divisions",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	DivisionContent *content = palloc0(sizeof(DivisionContent));
	Oid			schema = get_namespace_oid("credit", true);
	Oid			relid = OidIsValid(schema) ?
		get_relname_relid("division_history", schema) : InvalidOid;
	Relation	rel;
	uint64		changes;

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s.%s\" does not exist", "credit", "division_history"),
				 errhint("It comes with CREATE EXTENSION credit.")));

	/* From here on the callback counts; opening takes what was pending. */
	cache->relid = relid;
	rel = table_open(relid, AccessShareLock);
	changes = cache->changes;
	check_columns(rel);
	content->context = context;
	content->built_for = key_of(snapshot);
	read_headings(content);
	read_intervals(content, rel, snapshot);
	read_writers(content, rel, snapshot);
	table_close(rel, AccessShareLock);
	MemoryContextSwitchTo(old);

	MemoryContextSetParent(context, CacheMemoryContext);
	if (cache->content)
		MemoryContextDelete(cache->content->context);
	cache->content = content;
	cache->built_at = changes;
	cache->checked = content->built_for;
}

static void
division_relcache_callback(Datum arg, Oid relid)
{
	DivisionCache *cache = credit_state.division;

	if (relid == InvalidOid || relid == cache->relid)
		cache->changes++;
}

DivisionCache *
division_make_cache(void)
{
	DivisionCache *cache;

	cache = MemoryContextAllocZero(CacheMemoryContext, sizeof(DivisionCache));
	credit_state.division = cache;
	CacheRegisterRelcacheCallback(division_relcache_callback, (Datum) 0);
	return cache;
}

/* When the snapshot is not the one of the last call. */
const DivisionContent *
division_check_content(DivisionCache *cache)
{
	bool		pushed = !ActiveSnapshotSet();
	Snapshot	snapshot;

	if (pushed)
		PushActiveSnapshot(GetTransactionSnapshot());
	snapshot = GetActiveSnapshot();

	/* A commit that the snapshot sees is announced: hear it. */
	AcceptInvalidationMessages();
	if (cache->content && cache->built_at == cache->changes &&
		content_fits(cache, snapshot))
		cache->checked = key_of(snapshot);
	else
		build_content(cache, snapshot);
	if (pushed)
		PopActiveSnapshot();
	return cache->content;
}

/*
 * A statement of this transaction has changed the table: tell this backend
 * (at the end of the command) and all others (at commit).
 */
void
division_cache_note_change(Oid relid)
{
	DivisionCache *cache = credit_state.division;

	if (!cache)
		cache = division_make_cache();
	cache->own_xid = GetTopTransactionIdIfAny();
	cache->own_cid = GetCurrentCommandId(false);
	CacheInvalidateRelcacheByRelid(relid);
}
