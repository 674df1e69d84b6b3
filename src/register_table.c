/*
 * register_table.c
 *		Tables of schema credit_register for functions that read them without SQL:
 *		past row security and rights, so each of them answers for what it shows.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_collation.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "register.h"

/* The table, and where in it the columns are; NULL where there is none. */
Relation
register_try_open(const char *table, const RegisterColumn *column, int count, AttrNumber *number)
{
	Oid			schema = get_namespace_oid("credit_register", true);
	Oid			relation = OidIsValid(schema) ? get_relname_relid(table, schema) : InvalidOid;
	Relation	rel = OidIsValid(relation) ? try_table_open(relation, AccessShareLock) : NULL;

	/* Scans from below know one table, not its partitions. */
	if (rel && rel->rd_rel->relkind != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("credit_register.%s is no ordinary table", table),
				 errhint("This one cannot be partitioned: it is read by functions in C.")));
	for (int i = 0; rel && i < count; i++)
	{
		number[i] = get_attnum(relation, column[i].name);
		if (number[i] <= 0 ||
			(column[i].type &&
			 TupleDescAttr(RelationGetDescr(rel), number[i] - 1)->atttypid != column[i].type))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("column \"%s\" of table credit_register.%s is not as "
							"credit.create_register() made it", column[i].name, table)));
	}
	return rel;
}

Relation
register_open(const char *table, const RegisterColumn *column, int count, AttrNumber *number)
{
	Relation	rel = register_try_open(table, column, count, number);

	if (!rel)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is no register in this database"),
				 errhint("A superuser makes it with SELECT credit.create_register().")));
	return rel;
}

/* An index that finds a value of this column, whatever it is called; 0: there is none. */
Oid
register_index(Relation rel, AttrNumber first)
{
	Oid			type = TupleDescAttr(RelationGetDescr(rel), first - 1)->atttypid;
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *cell;
	Oid			found = InvalidOid;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index->rd_rel->relam == BTREE_AM_OID && index->rd_index->indisvalid &&
			!index->rd_index->indcheckxmin && index->rd_index->indkey.values[0] == first &&
			index->rd_opcintype[0] == type &&
			(!OidIsValid(index->rd_indcollation[0]) ||
			 index->rd_indcollation[0] == C_COLLATION_OID) &&
			RelationGetIndexPredicate(index) == NIL)
			found = lfirst_oid(cell);
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return found;
}
