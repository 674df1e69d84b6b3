/*
 * subject.c
 *		Under which subject a file is kept.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "pseudonym.h"
#include "register.h"

PG_FUNCTION_INFO_V1(subject_current);

/* No chain is longer: credit.merge_subjects() takes files that are kept. */
#define MOST_MERGES	100

/* Columns of credit_register.subject_link. */
enum
{
	SUBJECT, OTHER, KIND, UNDONE_AT, COLUMNS
};

static const RegisterColumn column[COLUMNS] = {
	[SUBJECT] = {"subject", InvalidOid}, [OTHER] = {"other", InvalidOid},
	[KIND] = {"kind", TEXTOID}, [UNDONE_AT] = {"undone_at", TIMESTAMPTZOID}
};

typedef struct LinkTable
{
	Relation	rel;
	AttrNumber	at[COLUMNS];
	Oid			index;
	FmgrInfo   *equal;			/* of pseudonyms */
} LinkTable;

/* Is this link a merge in force?  Into which subject? */
static bool
is_merge(const LinkTable *links, HeapTuple tuple, CreditPseudonym *into)
{
	TupleDesc	desc = RelationGetDescr(links->rel);
	bool		isnull;
	Datum		kind = heap_getattr(tuple, links->at[KIND], desc, &isnull);

	if (isnull || strcmp(TextDatumGetCString(kind), "merged_into") != 0)
		return false;
	(void) heap_getattr(tuple, links->at[UNDONE_AT], desc, &isnull);
	if (!isnull)
		return false;
	*into = DatumGetPseudonym(heap_getattr(tuple, links->at[OTHER], desc, &isnull));
	return !isnull;
}

/* One step: the subject that this one was merged into, if it was. */
static bool
find_merge(const LinkTable *links, CreditPseudonym subject, CreditPseudonym *into)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyEntryInitializeWithInfo(&key, 0, links->at[SUBJECT], BTEqualStrategyNumber, InvalidOid,
								   InvalidOid, links->equal, PseudonymGetDatum(subject));
	scan = systable_beginscan(links->rel, links->index, OidIsValid(links->index),
							  GetActiveSnapshot(), 1, &key);
	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		found = is_merge(links, tuple, into);
	}
	systable_endscan(scan);
	return found;
}

/*
 * current_subject(subject pseudonym) → pseudonym: the subject under which a file is
 * kept now, another one if it was merged.  Asked by every inquiry; as a query, planned
 * or not, it cost as much as the pseudonym and the mandate together.
 */
Datum
subject_current(PG_FUNCTION_ARGS)
{
	CreditPseudonym subject = PG_GETARG_PSEUDONYM(0);
	LinkTable	links;

	links.rel = register_try_open("subject_link", column, COLUMNS, links.at);
	if (!links.rel)				/* a vault by itself */
		PG_RETURN_PSEUDONYM(subject);
	links.index = register_index(links.rel, links.at[SUBJECT]);
	links.equal = &lookup_type_cache(TupleDescAttr(RelationGetDescr(links.rel),
												   links.at[SUBJECT] - 1)->atttypid,
									 TYPECACHE_EQ_OPR_FINFO)->eq_opr_finfo;
	for (int n = 0; n < MOST_MERGES && find_merge(&links, subject, &subject); n++)
		;
	table_close(links.rel, AccessShareLock);
	PG_RETURN_PSEUDONYM(subject);
}
