/*
 * access_whole.c
 *		Plans without a filter, for mandates that reach every row, and the guard
 *		above them.
 *
 * Any qualification costs a scan about an eighth of its time, however cheap it
 * is.  So where a mandate of now reaches every row, may_see() becomes true in
 * policies when the query is planned; and as a plan may meet other mandates than
 * those it was made for (in the next transaction, or under a portal that is half
 * read), a node above the whole plan asks before each row of the answer.  The
 * filter stays where that node would not do: in cursors, whose rows can be
 * updated where they stand, and in statements that change data.
 *
 * A filter stands where rows are read.  A plan that keeps them before it hands
 * them out (sorted, summed, hashed) gets the node, too: it ends the answer when
 * the mandates are no longer those under which it began.  What a function has
 * read by itself is the function's: no plan here knows of it.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "executor/executor.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/planner.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "access.h"

#define GUARD_NAME "credit mandate"

/* Options of every DECLARE CURSOR, in SQL and in PL/pgSQL. */
#define CURSOR_OPTIONS \
	(CURSOR_OPT_FAST_PLAN | CURSOR_OPT_SCROLL | CURSOR_OPT_HOLD)

/* What is looked for in a query, and what was found. */
typedef struct Whole
{
	int			unlimited;		/* duties that reach every row now */
	RangeTblEntry *table;		/* the one whose policies are looked at */
	List	   *duties;			/* of the calls of may_see() that went */
} Whole;

/* A foreign partition may have NULL where its parent says NOT NULL: nobody enforces it. */
static bool
has_foreign_part(Oid table)
{
	ListCell   *cell;

	foreach(cell, find_all_inheritors(table, NoLock, NULL))
		if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_FOREIGN_TABLE)
			return true;
	return false;
}

/*
 * A NULL denies, whoever asks: only what cannot be NULL lets a call become true.
 * In its policies a table's columns are those of its rows, whatever it is joined
 * to.  Children by inheritance, unlike partitions, may lack the NOT NULL of their
 * parent.
 */
static bool
is_certain(RangeTblEntry *table, Node *argument)
{
	Var		   *column = (Var *) argument;
	Relation	relation;
	bool		certain;

	while (IsA(column, RelabelType))
		column = (Var *) ((RelabelType *) column)->arg;
	if (IsA(column, Const))
		return !((Const *) column)->constisnull;
	if (!IsA(column, Var) || column->varlevelsup != 0 || column->varattno <= 0 ||
		(table->inh && (table->relkind == RELKIND_PARTITIONED_TABLE ?
						has_foreign_part(table->relid) : has_subclass(table->relid))))
		return false;
	relation = table_open(table->relid, NoLock);	/* locked, as it is being planned */
	certain = credit_is_not_null(RelationGetDescr(relation), column->varattno);
	table_close(relation, NoLock);
	return certain;
}

/* Is this call in a policy of the table true of every row? */
static bool
is_true(FuncExpr *call, Whole *whole)
{
	Const	   *duties = linitial(call->args);

	if (!IsA(duties, Const) || duties->constisnull ||
		!(DatumGetInt32(duties->constvalue) & whole->unlimited))
		return false;
	for (int argument = SEE_DIVISION; argument <= SEE_MINOR; argument++)
		if (!is_certain(whole->table, list_nth(call->args, argument)))
			return false;
	whole->duties = list_append_unique_int(whole->duties, DatumGetInt32(duties->constvalue));
	return true;
}

/* Policies with true in place of such calls; sub-queries have tables of their own. */
static Node *
without_calls(Node *node, void *whole)
{
	if (!node || IsA(node, Query))
		return node;
	if (IsA(node, FuncExpr) && access_is_may_see(((FuncExpr *) node)->funcid) &&
		is_true((FuncExpr *) node, whole))
		return makeBoolConst(true, false);
	return expression_tree_mutator(node, without_calls, whole);
}

/*
 * Takes the filters from the tables of a query, wherever they stand.  Only what
 * policies call goes: a call that somebody wrote himself may stand above an outer
 * join or a grouping, where the same columns can be NULL.
 */
static bool
take_filters(Node *node, void *whole)
{
	if (!node)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, take_filters, whole, QTW_EXAMINE_RTES_BEFORE);
	if (IsA(node, RangeTblEntry))
	{
		RangeTblEntry *table = (RangeTblEntry *) node;

		if (table->rtekind == RTE_RELATION && table->securityQuals != NIL)
		{
			((Whole *) whole)->table = table;
			table->securityQuals = (List *) without_calls((Node *) table->securityQuals, whole);
		}
		return false;			/* what is in it comes next */
	}
	return expression_tree_walker(node, take_filters, whole);
}

static bool
calls_may_see(Node *node, void *unused)
{
	if (!node)
		return false;
	if (IsA(node, FuncExpr) && access_is_may_see(((FuncExpr *) node)->funcid))
		return true;
	return expression_tree_walker(node, calls_may_see, unused);
}

/* Does a query read a table, wherever it stands, whose policies call may_see()? */
static bool
reads_filtered(Node *node, void *unused)
{
	if (!node)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, reads_filtered, unused,
								 QTW_EXAMINE_RTES_BEFORE);
	if (IsA(node, RangeTblEntry))
		return ((RangeTblEntry *) node)->rtekind == RTE_RELATION &&
			calls_may_see((Node *) ((RangeTblEntry *) node)->securityQuals, NULL);
	return expression_tree_walker(node, reads_filtered, unused);
}

/*
 * May a plan keep rows that it read before it hands them out?  Of what is not
 * known here it is taken to.
 */
static bool
keeps_rows(Plan *plan)
{
	ListCell   *cell;

	if (!plan)
		return false;
	switch (nodeTag(plan))
	{
		case T_SeqScan:
		case T_SampleScan:
		case T_IndexScan:
		case T_IndexOnlyScan:
		case T_BitmapHeapScan:
		case T_TidScan:
		case T_TidRangeScan:
		case T_ValuesScan:
			return false;
		case T_Result:
		case T_Limit:
		case T_LockRows:
		case T_ProjectSet:
			return keeps_rows(plan->lefttree);
		case T_SubqueryScan:
			return keeps_rows(((SubqueryScan *) plan)->subplan);
		case T_Append:
			foreach(cell, ((Append *) plan)->appendplans)
				if (keeps_rows(lfirst(cell)))
					return true;
			return false;
		default:
			return true;
	}
}

/* The duties by which a query that is to be planned lost filters. */
static List *
taken_from(Query *query, int options)
{
	const AccessContext *context;
	Whole		whole = {0};

	if (query->commandType != CMD_SELECT || query->hasModifyingCTE ||
		(options & CURSOR_OPTIONS) || !credit_state.context || !*credit_state.context ||
		(context = access_context()) == NULL || context->unlimited == 0)
		return NIL;
	whole.unlimited = context->unlimited;
	take_filters((Node *) query, &whole);
	if (whole.duties != NIL)
		access_note_whole();
	return whole.duties;
}

/* Among the duties of a node: the plan keeps rows, so mandates stay the same. */
#define KEEPS	(-1)

/* The node, and the signature of the context under which its first row was asked for. */
typedef struct Guard
{
	CustomScanState node;
	bool		begun;
	bool		entered;
	char		signature[2 * ACCESS_MAC_LENGTH];
} Guard;

/* Raises if the mandates are no longer those of the first row; of none there is nothing to keep. */
static void
check_same(Guard *guard, const AccessContext *context)
{
	const char *signature = access_state()->taken;

	if (!guard->begun)
	{
		guard->begun = true;
		guard->entered = context != NULL;
		memcpy(guard->signature, signature, sizeof(guard->signature));
	}
	else if (guard->entered &&
			 (!context || memcmp(guard->signature, signature, sizeof(guard->signature)) != 0))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the mandates changed while this result was being read"),
				 errhint("Close it, and ask again after credit.enter().")));
}

/*
 * Raises unless mandates of now still reach every row, by each call that went.
 * At the end of a transaction such plans are kept, as the next one mostly enters
 * with the same mandates; who does not enter has the plan made anew here.
 */
static void
check_mandates(Guard *guard, List *duties)
{
	const AccessContext *context = access_context();
	ListCell   *cell;

	foreach(cell, duties)
		if (lfirst_int(cell) == KEEPS)
			check_same(guard, context);
		else if (!context || !(lfirst_int(cell) & context->unlimited))
		{
			access_plan_anew();
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("this plan was made for wider mandates than those of now"),
					 errhint("Enter again with credit.enter(), or repeat the statement: "
							 "its plan is made anew.")));
		}
}

static void
begin_guard(CustomScanState *guard, EState *estate, int flags)
{
	outerPlanState(guard) = ExecInitNode(outerPlan(guard->ss.ps.plan), estate, flags);
}

static TupleTableSlot *
next_row(CustomScanState *guard)
{
	check_mandates((Guard *) guard, ((CustomScan *) guard->ss.ps.plan)->custom_private);
	return ExecProcNode(outerPlanState(guard));
}

static void
end_guard(CustomScanState *guard)
{
	ExecEndNode(outerPlanState(guard));
}

static void
rescan_guard(CustomScanState *guard)
{
	if (outerPlanState(guard)->chgParam == NULL)
		ExecReScan(outerPlanState(guard));
}

static Node *
create_guard(CustomScan *plan)
{
	static const CustomExecMethods methods = {
		.CustomName = GUARD_NAME, .BeginCustomScan = begin_guard, .ExecCustomScan = next_row,
		.EndCustomScan = end_guard, .ReScanCustomScan = rescan_guard
	};
	Guard	   *guard = (Guard *) newNode(sizeof(Guard), T_CustomScanState);

	guard->node.methods = &methods;
	return (Node *) guard;
}

static const CustomScanMethods guard_methods = {
	.CustomName = GUARD_NAME, .CreateCustomScanState = create_guard
};

/* The columns of a plan, as those of a node that passes its rows on. */
static List *
columns_of(List *targets, int varno)
{
	List	   *columns = NIL;
	ListCell   *cell;

	foreach(cell, targets)
	{
		TargetEntry *target = lfirst(cell);
		TargetEntry *column = flatCopyTargetEntry(target);

		column->expr = (Expr *) makeVar(varno, target->resno, exprType((Node *) target->expr),
										exprTypmod((Node *) target->expr),
										exprCollation((Node *) target->expr), 0);
		columns = lappend(columns, column);
	}
	return columns;
}

static Plan *
add_guard(Plan *plan, List *duties)
{
	CustomScan *guard = makeNode(CustomScan);
	Plan	   *node = &guard->scan.plan;

	node->startup_cost = plan->startup_cost;
	node->total_cost = plan->total_cost;
	node->plan_rows = plan->plan_rows;
	node->plan_width = plan->plan_width;
	node->plan_node_id = -1;	/* only parallel nodes are found by it */
	node->extParam = bms_copy(plan->extParam);
	node->allParam = bms_copy(plan->allParam);
	node->lefttree = plan;
	node->targetlist = columns_of(plan->targetlist, INDEX_VAR);
	guard->custom_scan_tlist = columns_of(plan->targetlist, OUTER_VAR);
	guard->custom_private = duties;
	guard->flags = ExecSupportsBackwardScan(plan) ? CUSTOMPATH_SUPPORT_BACKWARD_SCAN : 0;
	guard->methods = &guard_methods;
	return node;
}

/* planner_hook. */
static PlannedStmt *
plan_query(Query *query, const char *text, int options, ParamListInfo params)
{
	List	   *duties = taken_from(query, options);
	/* Asked now, as the planner scribbles on it. */
	bool		filtered = reads_filtered((Node *) query, NULL);
	PlannedStmt *planned;

	planned = (credit_state.next_planner_hook ? credit_state.next_planner_hook :
			   standard_planner) (query, text, options, params);
	/* A function that was drawn into the query may have brought a filter. */
	filtered |= planned->dependsOnRole;
	if (filtered && planned->commandType == CMD_SELECT &&
		(planned->subplans != NIL || keeps_rows(planned->planTree)))
		duties = lappend_int(duties, KEEPS);
	if (duties != NIL)
		planned->planTree = add_guard(planned->planTree, duties);
	return planned;
}

void
access_whole_install(void)
{
	RegisterCustomScanMethods(&guard_methods);
	credit_state.next_planner_hook = planner_hook;
	planner_hook = plan_query;
}
