/*
 * audit_insert.c
 *		Rows into the audit's tables without SQL: whoever changes an audited table
 *		needs no privilege here, and nobody can be given one to write events.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "executor/executor.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/memutils.h"
#include "utils/partcache.h"
#include "utils/relcache.h"
#include "utils/timestamp.h"

#include "audit.h"

/*
 * An executor for a row would cost more than the row, so it is made only if the
 * indexes are not plain ones.
 */
void
audit_insert_begin(AuditInsert *insert, Relation rel)
{
	AuditPlace *place = &audit_state()->place;

	insert->rel = rel;
	insert->place = place->leaf == RelationGetRelid(rel) && place->indexes >= 0 ? place : NULL;
	insert->estate = NULL;
	if (insert->place)
		for (int i = 0; i < place->indexes; i++)
			insert->index[i] = index_open(place->index[i], RowExclusiveLock);
	/* Locking may have shown that the indexes are others now. */
	if (insert->place && place->leaf != RelationGetRelid(rel))
	{
		for (int i = 0; i < place->indexes; i++)
			index_close(insert->index[i], NoLock);
		insert->place = NULL;
	}
	if (!insert->place)
	{
		insert->estate = CreateExecutorState();
		insert->result = makeNode(ResultRelInfo);
		InitResultRelInfo(insert->result, rel, 0, NULL, 0);
		ExecOpenIndices(insert->result, false);
	}
	insert->slot = table_slot_create(rel, NULL);
	insert->bulk = NULL;
}

static void
insert_entries(AuditInsert *insert)
{
	Datum		value[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS];

	for (int i = 0; i < insert->place->indexes; i++)
	{
		IndexInfo	info = *insert->place->info[i];

		info.ii_Context = CurrentMemoryContext;
		FormIndexDatum(&info, insert->slot, NULL, value, isnull);
		index_insert(insert->index[i], value, isnull, &insert->slot->tts_tid, insert->rel,
					 info.ii_Unique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO, false, &info);
	}
}

/* The indexes too; unlike INSERT it fires no triggers and checks no policies. */
void
audit_insert_row(AuditInsert *insert, const Datum *value, const bool *isnull)
{
	int			natts = RelationGetNumberOfAttributes(insert->rel);

	ExecClearTuple(insert->slot);
	memcpy(insert->slot->tts_values, value, natts * sizeof(Datum));
	memcpy(insert->slot->tts_isnull, isnull, natts * sizeof(bool));
	ExecStoreVirtualTuple(insert->slot);
	table_tuple_insert(insert->rel, insert->slot, GetCurrentCommandId(true), 0, insert->bulk);
	if (insert->place)
	{
		insert_entries(insert);
		return;
	}
	if (insert->result->ri_NumIndices > 0)
		list_free(credit_insert_index_tuples(insert->result, insert->slot, insert->estate));
	ResetPerTupleExprContext(insert->estate);
}

void
audit_insert_end(AuditInsert *insert)
{
	if (insert->bulk)
		FreeBulkInsertState(insert->bulk);
	ExecDropSingleTupleTableSlot(insert->slot);
	if (insert->place)
	{
		for (int i = 0; i < insert->place->indexes; i++)
			index_close(insert->index[i], NoLock);
		return;
	}
	ExecCloseIndices(insert->result);
	FreeExecutorState(insert->estate);
}

/*
 * Plain indexes are those whose entries need no executor: B-trees over columns,
 * for all rows, checked at once.
 */
static void
find_indexes(AuditPlace *place, Relation rel)
{
	MemoryContext old;
	List	   *oids = RelationGetIndexList(rel);
	ListCell   *cell;

	place->indexes = -1;
	if (list_length(oids) > AUDIT_INDEXES)
		return;
	if (place->context)
		MemoryContextReset(place->context);
	else
		place->context = AllocSetContextCreate(CacheMemoryContext, "credit audit indexes",
											   ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(place->context);
	foreach(cell, oids)
	{
		Relation	index = index_open(lfirst_oid(cell), RowExclusiveLock);
		IndexInfo  *info = BuildIndexInfo(index);
		bool		plain = index->rd_rel->relam == BTREE_AM_OID && info->ii_ReadyForInserts &&
			info->ii_Expressions == NIL && info->ii_Predicate == NIL &&
			info->ii_ExclusionOps == NULL && index->rd_index->indimmediate;
		int			i = foreach_current_index(cell);

		place->index[i] = RelationGetRelid(index);
		place->info[i] = info;
		index_close(index, NoLock);
		if (!plain)
			break;
		if (i == list_length(oids) - 1)
			place->indexes = i + 1;
	}
	MemoryContextSwitchTo(old);
}

static void
refuse_table(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s.%s\" is not as credit.create_register_audit() made it",
					AUDIT_SCHEMA, name)));
}

/* A bound between two partitions; none is endless. */
static TimestampTz
bound(PartitionBoundInfo info, int i, TimestampTz endless)
{
	if (i < 0 || i >= info->ndatums || info->kind[i][0] != PARTITION_RANGE_DATUM_VALUE)
		return endless;
	return DatumGetTimestampTz(info->datums[i][0]);
}

/*
 * The partition for a time, as an INSERT would choose it; audit_event is
 * partitioned by ranges of one column.
 */
static void
find_partition(AuditPlace *place, TimestampTz at)
{
	Relation	root = table_open(audit_relid("audit_event"), RowExclusiveLock);
	PartitionKey key = root->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ?
		RelationGetPartitionKey(root) : NULL;
	PartitionDesc desc;
	Datum		value = TimestampTzGetDatum(at);
	bool		is_equal;
	int			offset = -1;
	int			index = -1;

	if (!key || key->strategy != PARTITION_STRATEGY_RANGE || key->partnatts != 1 ||
		key->partattrs[0] != EVENT_AT + 1)
		refuse_table("audit_event");
	desc = RelationGetPartitionDesc(root, false);
	if (desc->boundinfo)
	{
		offset = partition_range_datum_bsearch(key->partsupfunc, key->partcollation,
											   desc->boundinfo, 1, &value, &is_equal);
		index = desc->boundinfo->indexes[offset + 1];
		if (index < 0)
			index = desc->boundinfo->default_index;
	}
	if (index < 0 || !desc->is_leaf[index])
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("the audit has no partition for this month"),
				 errhint("Call credit.audit_months().")));
	place->root = RelationGetRelid(root);
	place->from = bound(desc->boundinfo, offset, DT_NOBEGIN);
	place->before = bound(desc->boundinfo, offset + 1, DT_NOEND);
	place->leaf = desc->oids[index];
	table_close(root, NoLock);
}

/*
 * Opens it.  The one of the last event is tried first: whatever happens to it or
 * to its table makes it unknown, at the latest when it is locked.
 */
Relation
audit_open_partition(TimestampTz at)
{
	AuditPlace *place = &audit_state()->place;
	Relation	rel;

	if (OidIsValid(place->leaf) && at >= place->from && at < place->before)
	{
		Oid			leaf = place->leaf;

		rel = try_table_open(leaf, RowExclusiveLock);
		if (rel && place->leaf == leaf)
			return rel;
		if (rel)
			table_close(rel, RowExclusiveLock);
	}
	find_partition(place, at);
	rel = table_open(place->leaf, RowExclusiveLock);
	if (RelationGetNumberOfAttributes(rel) != EVENT_COLUMNS)
		refuse_table(RelationGetRelationName(rel));
	find_indexes(place, rel);
	return rel;
}
