/*
 * access_hide.c
 *		What the planner must not use under a policy: indexes and statistics that
 *		tell whether a hidden row exists.
 *
 * A policy that is only a filter hides content.  An index that finds hidden
 * rows first shows their number in EXPLAIN ANALYZE and in the counters of
 * pg_stat_xact_user_tables, and most common values show it in EXPLAIN.  So,
 * while the mandates of now are a list, an index is left out of the plan if a
 * better one holds the same column behind the column that is granted; and of
 * statistics only the averages are left.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_statistic.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/plancat.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/selfuncs.h"
#include "utils/syscache.h"

#include "access.h"

/* A column of the relation itself, as it stands in a call of may_see; or 0. */
static AttrNumber
column_of(Node *argument)
{
	while (IsA(argument, RelabelType))
		argument = (Node *) ((RelabelType *) argument)->arg;
	return IsA(argument, Var) && ((Var *) argument)->varlevelsup == 0 ?
		((Var *) argument)->varattno : 0;
}

/* The column that a list of grants restricts: providers are fewer, so they lead. */
static AttrNumber
leading_column(List *arguments)
{
	Const	   *duties = linitial(arguments);
	AttrNumber	column;

	if (!IsA(duties, Const) || duties->constisnull)
		return 0;
	for (int argument = SEE_PROVIDER; argument >= SEE_DIVISION; argument--)
		if ((column = column_of(list_nth(arguments, argument))) > 0 &&
			access_is_narrow(access_context(), DatumGetInt32(duties->constvalue), argument))
			return column;
	return 0;
}

static bool
leads_with(const IndexOptInfo *index, AttrNumber column)
{
	return index->relam == BTREE_AM_OID && index->indexkeys[0] == column &&
		index->opfamily[0] == TEXT_BTREE_FAM_OID && index->indpred == NIL;
}

/* What an index searches by, expressions too, without what the policy reads. */
static Bitmapset *
searched_by(const IndexOptInfo *index, Bitmapset *policy)
{
	Bitmapset  *columns = NULL;

	pull_varattnos((Node *) index->indexprs, index->rel->relid, &columns);
	for (int i = 0; i < index->nkeycolumns; i++)
		if (index->indexkeys[i] != 0)
			columns = bms_add_member(columns, index->indexkeys[i] -
									 FirstLowInvalidHeapAttributeNumber);
	return bms_del_members(columns, policy);
}

/* The relation whose policies hold: of a partition, its root's. */
static RangeTblEntry *
policy_holder(PlannerInfo *root, Index relid)
{
	while (root->append_rel_array && root->append_rel_array[relid])
		relid = root->append_rel_array[relid]->parent_relid;
	return root->simple_rte_array[relid];
}

/*
 * Called while the size of a relation is estimated, so before there is any
 * path.  Other than a hook it needs no preloading: where the policy is, it is.
 */
void
access_hide_indexes(PlannerInfo *root, List *arguments)
{
	AttrNumber	leading = leading_column(arguments);
	Bitmapset  *policy = NULL;
	Bitmapset  *covered = NULL;
	List	   *kept = NIL;
	Relids		relids = pull_varnos(root, (Node *) arguments);
	RelOptInfo *rel;
	ListCell   *cell;
	int			relid;

	if (leading <= 0 || !bms_get_singleton_member(relids, &relid) ||
		policy_holder(root, relid)->securityQuals == NIL)
		return;
	rel = find_base_rel(root, relid);
	pull_varattnos((Node *) arguments, relid, &policy);
	foreach(cell, rel->indexlist)
		if (leads_with(lfirst(cell), leading))
			covered = bms_join(covered, searched_by(lfirst(cell), policy));
	foreach(cell, rel->indexlist)
		if (leads_with(lfirst(cell), leading) ||
			!bms_overlap(searched_by(lfirst(cell), policy), covered))
			kept = lappend(kept, lfirst(cell));
	rel->indexlist = kept;
}

/* Is it may_see()?  Known by its support function, whatever the schema. */
bool
access_is_may_see(Oid function)
{
	AccessState *state = access_state();
	Oid			support;
	FmgrInfo	info;

	if (function == state->may_see)
		return true;
	support = get_func_support(function);
	if (!OidIsValid(support) || function < FirstNormalObjectId)
		return false;
	fmgr_info(support, &info);
	if (info.fn_addr != access_may_see_support)
		return false;
	state->may_see = function;
	return true;
}

/* The call of may_see in a policy. */
static bool
find_may_see(Node *node, List **arguments)
{
	if (!node)
		return false;
	if (IsA(node, FuncExpr) && access_is_may_see(((FuncExpr *) node)->funcid))
	{
		*arguments = ((FuncExpr *) node)->args;
		return true;
	}
	return expression_tree_walker(node, find_may_see, arguments);
}

/* The call of may_see that hides rows of this relation now, if one does. */
static List *
hiding_call(PlannerInfo *root, Index relid)
{
	List	   *arguments = NIL;
	RangeTblEntry *holder = policy_holder(root, relid);

	if (holder->securityQuals == NIL ||
		!find_may_see((Node *) holder->securityQuals, &arguments) ||
		leading_column(arguments) <= 0)
		return NIL;
	return arguments;
}

/* Is this column none that the policy reads, of a table with hidden rows? */
static bool
is_hidden(PlannerInfo *root, RangeTblEntry *rte, AttrNumber column)
{
	for (Index relid = 1; relid < (Index) root->simple_rel_array_size; relid++)
	{
		AppendRelInfo *parent;
		List	   *call;

		if (root->simple_rte_array[relid] != rte)
			continue;
		if ((call = hiding_call(root, relid)) == NIL)
			return false;
		while (root->append_rel_array && (parent = root->append_rel_array[relid]) != NULL)
		{
			if (column < 1 || column > parent->num_child_cols)
				return false;
			column = parent->parent_colnos[column - 1];
			relid = parent->parent_relid;
		}
		for (int argument = SEE_DIVISION; argument <= SEE_MINOR; argument++)
			if (column_of(list_nth(call, argument)) == column)
				return false;
		return true;
	}
	return false;
}

/* Statistics with the averages alone: no value, no bound of a histogram. */
static HeapTuple
averages(HeapTuple statistics)
{
	Datum		values[Natts_pg_statistic] = {0};
	bool		nulls[Natts_pg_statistic] = {false};
	bool		replace[Natts_pg_statistic] = {false};
	HeapTuple	copy = heap_copytuple(statistics);
	Form_pg_statistic form = (Form_pg_statistic) GETSTRUCT(copy);
	Relation	catalogue = table_open(StatisticRelationId, AccessShareLock);

	for (int slot = 0; slot < STATISTIC_NUM_SLOTS; slot++)
	{
		int			numbers = Anum_pg_statistic_stanumbers1 - 1 + slot;
		int			listed = Anum_pg_statistic_stavalues1 - 1 + slot;

		(&form->stakind1)[slot] = 0;
		replace[numbers] = replace[listed] = true;
		nulls[numbers] = nulls[listed] = true;
	}
	copy = heap_modify_tuple(copy, RelationGetDescr(catalogue), values, nulls, replace);
	table_close(catalogue, AccessShareLock);
	return copy;
}

/* get_relation_stats_hook */
static bool
hide_statistics(PlannerInfo *root, RangeTblEntry *rte, AttrNumber column, VariableStatData *data)
{
	HeapTuple	statistics;

	if (credit_state.next_stats_hook &&
		credit_state.next_stats_hook(root, rte, column, data))
		return true;
	if (rte->rtekind != RTE_RELATION || !is_hidden(root, rte, column))
		return false;
	statistics = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(rte->relid),
								 Int16GetDatum(column), BoolGetDatum(rte->inh));
	if (!HeapTupleIsValid(statistics))
		return false;
	data->statsTuple = averages(statistics);
	data->freefunc = heap_freetuple;
	ReleaseSysCache(statistics);
	return true;
}

/* get_index_stats_hook: those of an expression are not used at all. */
static bool
hide_index_statistics(PlannerInfo *root, Oid index, AttrNumber column, VariableStatData *data)
{
	if (credit_state.next_index_stats_hook &&
		credit_state.next_index_stats_hook(root, index, column, data))
		return true;
	return data->rel && data->rel->rtekind == RTE_RELATION &&
		hiding_call(root, data->rel->relid) != NIL;
}

/* get_relation_info_hook: extended statistics, which no other hook reaches. */
static void
hide_extended_statistics(PlannerInfo *root, Oid relation, bool is_parent, RelOptInfo *rel)
{
	if (credit_state.next_relation_info_hook)
		credit_state.next_relation_info_hook(root, relation, is_parent, rel);
	if (rel->statlist != NIL && hiding_call(root, rel->relid) != NIL)
		rel->statlist = NIL;
}

void
access_hide_install(void)
{
	credit_state.next_stats_hook = get_relation_stats_hook;
	get_relation_stats_hook = hide_statistics;
	credit_state.next_index_stats_hook = get_index_stats_hook;
	get_index_stats_hook = hide_index_statistics;
	credit_state.next_relation_info_hook = get_relation_info_hook;
	get_relation_info_hook = hide_extended_statistics;
}
