/*
 * division_cache.c
 *		The divisions in the backend's memory, true to the statement's snapshot.
 *
 * A batch checks millions of codes against a few thousand rows that change
 * once a year, so each backend keeps them: 16 bytes an interval, sorted, with
 * an index on the first four digits.  The table is read without SPI and
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
#include "access/transam.h"
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
#include "utils/snapmgr.h"

#include "credit.h"
#include "credit_compat.h"
#include "division.h"

#define OPEN_END		PG_INT16_MAX
#define PREFIXES		10000	/* first four digits */
#define WRITERS_MAX		16

/* Columns of credit.division_history, in the order of the install script. */
enum
{
	COL_CODE = 1, COL_NAME, COL_FIRST_YEAR, COL_LAST_YEAR, COL_ORIGIN,
	COL_COUNT = COL_ORIGIN
};

typedef struct DivisionInterval
{
	int32		code;
	int16		first_year;
	int16		last_year;		/* or OPEN_END */
	uint32		name;			/* offset in names */
	uint16		name_length;
	bool		is_city;		/* the name ends in 市 */
	bool		is_local;		/* takes the place of the shipped row */
} DivisionInterval;

StaticAssertDecl(sizeof(DivisionInterval) == 16, "an interval is 16 bytes");

/*
 * What a snapshot sees is fixed by these numbers: below the same xmax the
 * running transactions can only become fewer, so an equal count is an equal
 * set.
 */
typedef struct SnapshotKey
{
	TransactionId xmin;
	TransactionId xmax;
	uint32		xcnt;
	int32		subxcnt;
	CommandId	curcid;
	bool		suboverflowed;
} SnapshotKey;

typedef struct DivisionWriter
{
	TransactionId xid;
	bool		seen;
} DivisionWriter;

/* The headings of GB/T 2260, in the server's encoding. */
typedef enum DivisionHeading
{
	HEADING_DISTRICTS,
	HEADING_COUNTIES,
	HEADING_CITIES,
	HEADING_OF_PROVINCE,
	HEADING_OF_REGION,
	HEADING_COUNT,
	NO_HEADING = HEADING_COUNT
} DivisionHeading;

static const char *const heading_utf8[HEADING_COUNT] = {
	"市辖区", "县", "市", "省直辖县级行政区划", "自治区直辖县级行政区划"
};

/*
 * Where the intervals of each code begin, counted from the prefix's start plus
 * one; 0: none.  A search would cost more in mispredicted branches than all
 * else together.
 */
typedef struct DivisionPage
{
	uint16		first[100];
} DivisionPage;

typedef struct DivisionContent
{
	MemoryContext context;
	int			count;
	DivisionInterval *intervals;	/* by code, first year */
	char	   *names;
	DivisionLabel heading[HEADING_COUNT];
	int32		start[PREFIXES + 1];	/* of each prefix in intervals */
	uint16		page_of[PREFIXES];	/* of each prefix that has intervals, or 0 */
	DivisionPage *page;

	/* For which snapshots this is the truth. */
	SnapshotKey built_for;
	TransactionId settled;		/* newest writer that was long finished */
	bool		own_writes;		/* the building transaction has written */
	bool		too_many;		/* writers: only built_for is sure */
	int			writer_count;
	DivisionWriter writer[WRITERS_MAX];
} DivisionContent;

typedef struct DivisionCache
{
	Oid			relid;			/* of the table; the callback compares it */
	uint64		changes;		/* invalidations so far */
	uint64		built_at;		/* their number when content was read */
	SnapshotKey checked;		/* last snapshot that content was found to fit */
	DivisionContent *content;

	/* This transaction's last change of the table. */
	TransactionId own_xid;
	CommandId	own_cid;
} DivisionCache;

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

static inline bool
key_matches(const SnapshotKey *key, Snapshot snapshot)
{
	return key->xmin == snapshot->xmin &&
		key->xmax == snapshot->xmax &&
		key->xcnt == snapshot->xcnt &&
		key->subxcnt == snapshot->subxcnt &&
		key->curcid == snapshot->curcid &&
		key->suboverflowed == snapshot->suboverflowed;
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

static DivisionCache *
make_cache(void)
{
	DivisionCache *cache;

	cache = MemoryContextAllocZero(CacheMemoryContext, sizeof(DivisionCache));
	credit_state.division = cache;
	CacheRegisterRelcacheCallback(division_relcache_callback, (Datum) 0);
	return cache;
}

/* When the snapshot is not the one of the last call. */
static pg_noinline const DivisionContent *
check_content(DivisionCache *cache)
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

/* The divisions as the active snapshot sees them; two comparisons if warm. */
static inline const DivisionContent *
get_content(void)
{
	DivisionCache *cache = credit_state.division;

	if (unlikely(!cache))
		cache = make_cache();
	if (likely(cache->content && cache->built_at == cache->changes &&
			   ActiveSnapshotSet() &&
			   key_matches(&cache->checked, GetActiveSnapshot())))
		return cache->content;
	return check_content(cache);
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
		cache = make_cache();
	cache->own_xid = GetTopTransactionIdIfAny();
	cache->own_cid = GetCurrentCommandId(false);
	CacheInvalidateRelcacheByRelid(relid);
}

/* ---------------------------------------------------------------------
 * Lookup
 * ---------------------------------------------------------------------
 */

/* First interval of the code, and how many there are. */
static inline const DivisionInterval *
find_code(const DivisionContent *content, int code, int *count)
{
	const DivisionInterval *interval;
	int			prefix = code / 100;
	int			first;
	int			room;

	*count = 0;
	if (code < 0 || code >= PREFIXES * 100)
		return NULL;
	first = content->page[content->page_of[prefix]].first[code % 100];
	if (first == 0)
		return NULL;
	interval = &content->intervals[content->start[prefix] + first - 1];
	room = content->start[prefix + 1] - (content->start[prefix] + first - 1);
	while (*count < room && interval[*count].code == code)
		(*count)++;
	return interval;
}

/* Was the interval in force at some time of the years, give or take a year? */
static inline bool
meets(const DivisionInterval *interval, int from_year, int to_year)
{
	return (interval->first_year == DIVISION_FIRST_LIST ||
			interval->first_year - DIVISION_SLACK <= to_year) &&
		(interval->last_year == OPEN_END ||
		 interval->last_year + DIVISION_SLACK >= from_year);
}

/*
 * The heading of the standard that the code is, if it is one.  The yearly
 * lists leave headings out, registration codes use them: 330201 is "the
 * districts of Ningbo", 110100 those of Beijing, 419000 the county-level
 * cities directly under Henan.
 */
static DivisionHeading
heading_of(int code)
{
	int			province = code / 10000;
	int			prefecture = code / 100 % 100;

	if (code < 0 || code >= PREFIXES * 100)
		return NO_HEADING;
	if (code % 100 == 1 && prefecture != 0)
		return HEADING_DISTRICTS;
	if (code % 100 != 0)
		return NO_HEADING;
	if (prefecture == 90)
		return province == 15 || province == 45 || province == 54 ||
			province == 64 || province == 65 ?
			HEADING_OF_REGION : HEADING_OF_PROVINCE;
	if (province != 11 && province != 12 && province != 31 && province != 50)
		return NO_HEADING;
	if (prefecture == 1)
		return HEADING_DISTRICTS;
	if (prefecture == 2)
		return HEADING_COUNTIES;
	return prefecture == 3 && province == 50 ? HEADING_CITIES : NO_HEADING;
}

/*
 * Is the heading in use in these years?  XXXX01 with its city, any other with
 * one of the divisions below it.
 */
static bool
heading_meets(const DivisionContent *content, int code, int from_year, int to_year)
{
	const DivisionInterval *interval;
	int			count;

	if (code % 100 == 1)
		interval = find_code(content, code - 1, &count);
	else
	{
		interval = &content->intervals[content->start[code / 100]];
		count = content->start[code / 100 + 1] - content->start[code / 100];
	}
	for (int i = 0; i < count; i++)
	{
		if ((code % 100 == 0 || interval[i].is_city) &&
			meets(&interval[i], from_year, to_year))
			return true;
	}
	return false;
}

static bool
listed_between(const DivisionContent *content, int code, int from_year, int to_year)
{
	int			count;
	const DivisionInterval *interval = find_code(content, code, &count);

	for (int i = count - 1; i >= 0; i--)
	{
		if (meets(&interval[i], from_year, to_year))
			return true;
	}
	return heading_of(code) != NO_HEADING &&
		heading_meets(content, code, from_year, to_year);
}

bool
division_listed_between(int code6, int from_year, int to_year)
{
	return listed_between(get_content(), code6, from_year, to_year);
}

/*
 * LISTED in as_of_year; else RETIRED if listed at some time since from_year
 * (birth or founding); else UNLISTED.
 */
DivisionStatus
division_status(int code6, int from_year, int as_of_year)
{
	const DivisionContent *content = get_content();

	if (listed_between(content, code6, as_of_year, as_of_year))
		return DIVISION_LISTED;
	if (from_year < as_of_year &&
		listed_between(content, code6, from_year, as_of_year))
		return DIVISION_RETIRED;
	return DIVISION_UNLISTED;
}

/* The name that the lists give for the very year; where two rows hold
 * (a change within the year), the one that begins later. */
static DivisionLabel
listed_label(const DivisionContent *content, int code, int year)
{
	DivisionLabel label = {NULL, 0};
	const DivisionInterval *found = NULL;
	int			count;
	const DivisionInterval *interval = find_code(content, code, &count);

	for (int i = count - 1; i >= 0 && !found; i--)
	{
		if (interval[i].first_year <= year &&
			(interval[i].last_year == OPEN_END || interval[i].last_year >= year))
			found = &interval[i];
	}
	for (int i = 0; i < count && !found; i++)
	{
		if (interval[i].first_year == DIVISION_FIRST_LIST && year < DIVISION_FIRST_LIST)
			found = &interval[i];
	}
	if (found)
	{
		label.text = content->names + found->name;
		label.length = found->name_length;
	}
	return label;
}

static bool
same_label(DivisionLabel a, DivisionLabel b)
{
	return a.text && b.text && a.length == b.length &&
		memcmp(a.text, b.text, a.length) == 0;
}

/*
 * The name in force in a year.  A single missing year between two with the
 * same name is a hole in the lists (Anhui is not in that of 1987), not in
 * history.
 */
DivisionLabel
division_label(int code6, int year)
{
	const DivisionContent *content = get_content();
	DivisionLabel label = listed_label(content, code6, year);
	DivisionHeading heading;

	if (label.text)
		return label;
	if (year > PG_INT16_MIN && year < PG_INT16_MAX)
	{
		label = listed_label(content, code6, year - 1);
		if (same_label(label, listed_label(content, code6, year + 1)))
			return label;
	}
	label.text = NULL;
	heading = heading_of(code6);
	if (heading != NO_HEADING && heading_meets(content, code6, year, year))
		label = content->heading[heading];
	return label;
}

/* The same with a year of slack: for the places above a listed one. */
DivisionLabel
division_label_near(int code6, int year)
{
	DivisionLabel label = division_label(code6, year);

	if (!label.text && year < PG_INT16_MAX)
		label = division_label(code6, year + DIVISION_SLACK);
	if (!label.text && year > PG_INT16_MIN)
		label = division_label(code6, year - DIVISION_SLACK);
	return label;
}

bool
division_is_heading(int code6, int year)
{
	const DivisionContent *content = get_content();

	return heading_of(code6) != NO_HEADING &&
		!listed_label(content, code6, year).text &&
		heading_meets(content, code6, year, year);
}
