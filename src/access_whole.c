/*
 * access_whole.c
 *		Plans without a filter, for mandates that reach every row, and the guard
 *		above them.
 *
 * Any qualification costs a scan about an eighth of its time, however cheap it
 * is.  So where a mandate of now reaches every row, may_see() becomes true when
 * the query is planned; and as a plan may meet other mandates than those it was
 * made for (leave() between two executions, or under a portal that is half
 * read), a node above the whole plan asks before each row of the answer.  The
 * filter stays where that node would not do: in cursors, whose rows can be
 * updated where they stand, and in statements that change data.
 */
#include "postgres.h"

#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/planner.h"
#include "parser/parsetree.h"
#include "utils/syscache.h"

#include "access.h"

#define GUARD_NAME "credit mandate"

/* Options of every DECLARE CURSOR, in SQL and in PL/pgSQL. */
#define CURSOR_OPTIONS \
	(CURSOR_OPT_FAST_PLAN | CURSOR_OPT_SCROLL | CURSOR_OPT_HOLD)

/*
 * A NULL denies, whoever asks: only what cannot be NULL lets a call become true.
 * Children by inheritance, unlike partitions, may lack the NOT NULL of their
 * parent.
 */
static bool
is_certain(PlannerInfo *root, Node *argument)
{
	Var		   *column = (Var *) argument;
	RangeTblEntry *table;
	HeapTuple	attribute;
	bool		certain;

	while (IsA(column, RelabelType))
		column = (Var *) ((RelabelType *) column)->arg;
	if (IsA(column, Const))
		return !((Const *) column)->constisnull;
	if (!IsA(column, Var) || column->varlevelsup != 0 || column->varattno <= 0)
		return false;
	table = planner_rt_fetch(column->varno, root);
	if (table->rtekind != RTE_RELATION || table->securityQuals == NIL ||
		(table->inh && table->relkind != RELKIND_PARTITIONED_TABLE))
		return false;
	attribute = SearchSysCacheAttNum(table->relid, column->varattno);
	certain = HeapTupleIsValid(attribute) &&
		((Form_pg_attribute) GETSTRUCT(attribute))->attnotnull;
	if (HeapTupleIsValid(attribute))
		ReleaseSysCache(attribute);
	return certain;
}

/* true in place of a call of may_see() in the query that is being planned, or NULL. */
Node *
access_whole(PlannerInfo *root, FuncExpr *call)
{
	AccessState *state = access_state();
	const AccessContext *context = access_context();
	Const	   *duties = linitial(call->args);

	access_note_plan();
	if (!root || !state->guarded || !context || !IsA(duties, Const) || duties->constisnull ||
		!(DatumGetInt32(duties->constvalue) & context->unlimited))
		return NULL;
	for (int argument = SEE_DIVISION; argument <= SEE_MINOR; argument++)
		if (!is_certain(root, list_nth(call->args, argument)))
			return NULL;
	state->whole = list_append_unique_int(state->whole, DatumGetInt32(duties->constvalue));
	return makeBoolConst(true, false);
}

/* Raises unless mandates of now still reach every row, by each call that went. */
static void
check_mandates(List *duties)
{
	const AccessContext *context = access_context();
	ListCell   *cell;

	foreach(cell, duties)
		if (!context || !(lfirst_int(cell) & context->unlimited))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("this plan was made for wider mandates than those of now"),
					 errhint("Call credit.enter(): it has plans made anew.")));
}

static void
begin_guard(CustomScanState *guard, EState *estate, int flags)
{
	outerPlanState(guard) = ExecInitNode(outerPlan(guard->ss.ps.plan), estate, flags);
}

static TupleTableSlot *
next_row(CustomScanState *guard)
{
	check_mandates(((CustomScan *) guard->ss.ps.plan)->custom_private);
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
	CustomScanState *guard = (CustomScanState *) newNode(sizeof(CustomScanState),
														 T_CustomScanState);

	guard->methods = &methods;
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

/* planner_hook.  Functions that run while a query is planned plan theirs in it. */
static PlannedStmt *
plan_query(Query *query, const char *text, int options, ParamListInfo params)
{
	AccessState *state = access_state();
	bool		outer_guarded = state->guarded;
	List	   *outer_whole = state->whole;
	PlannedStmt *planned;

	state->guarded = query->commandType == CMD_SELECT && !query->hasModifyingCTE &&
		!(options & CURSOR_OPTIONS);
	state->whole = NIL;
	PG_TRY();
	{
		planned = (credit_state.next_planner_hook ? credit_state.next_planner_hook :
				   standard_planner) (query, text, options, params);
		if (state->whole != NIL)
			planned->planTree = add_guard(planned->planTree, state->whole);
	}
	PG_FINALLY();
	{
		state->guarded = outer_guarded;
		state->whole = outer_whole;
	}
	PG_END_TRY();
	return planned;
}

void
access_whole_install(void)
{
	RegisterCustomScanMethods(&guard_methods);
	credit_state.next_planner_hook = planner_hook;
	planner_hook = plan_query;
}
