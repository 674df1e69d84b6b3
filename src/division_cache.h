/*
 * division_cache.h
 *		What the division room keeps in memory; for its own files only.
 */
#ifndef DIVISION_CACHE_H
#define DIVISION_CACHE_H

#include "postgres.h"

#include "access/transam.h"
#include "utils/snapmgr.h"
#include "utils/snapshot.h"

#include "credit.h"
#include "division.h"

#define OPEN_END		PG_INT16_MAX
#define PREFIXES		10000	/* first four digits */
#define WRITERS_MAX		16

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

extern DivisionCache *division_make_cache(void);
extern const DivisionContent *division_check_content(DivisionCache *cache);

/* Field by field: the padding is not set. */
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

/* The divisions as the active snapshot sees them; a few comparisons if warm. */
static inline const DivisionContent *
division_content(void)
{
	DivisionCache *cache = credit_state.division;

	if (unlikely(!cache))
		cache = division_make_cache();
	if (likely(cache->content && cache->built_at == cache->changes &&
			   ActiveSnapshotSet() &&
			   key_matches(&cache->checked, GetActiveSnapshot())))
		return cache->content;
	return division_check_content(cache);
}

#endif							/* DIVISION_CACHE_H */
