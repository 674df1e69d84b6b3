/*
 * access_see.c
 *		The function that row policies call, and what it tells the planner.
 *
 * As a filter may_see() searches the verified grants; where an index leads on
 * divisions or providers, the planner gets "column = ANY (what is granted)"
 * besides, evaluated anew at each execution, or for a login with a single one that
 * value itself: its plans are made anew when it changes (access_context.c).  Who
 * sees all rows needs neither (access_whole.c).
 */
#include "postgres.h"

#include "catalog/pg_am.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "access.h"

PG_FUNCTION_INFO_V1(access_may_see);
PG_FUNCTION_INFO_V1(access_may_see_support);
PG_FUNCTION_INFO_V1(access_granted_divisions);
PG_FUNCTION_INFO_V1(access_granted_providers);
PG_FUNCTION_INFO_V1(access_duty_mask);
PG_FUNCTION_INFO_V1(access_duties);

static bool
in_ranges(const AccessGrant *grant, int division)
{
	int			low = 0;
	int			high = grant->range_count;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (division < grant->ranges[middle].low)
			high = middle;
		else if (division > grant->ranges[middle].high)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

/* A grant that reaches this row.  The arguments are looked at only if need be. */
static bool
reaches(const AccessGrant *grant, FunctionCallInfo fcinfo)
{
	if (!grant->minors && PG_GETARG_BOOL(SEE_MINOR))
		return false;
	if (!grant->any_provider)
	{
		text	   *provider = PG_GETARG_TEXT_PP(SEE_PROVIDER);

		if ((int) VARSIZE_ANY_EXHDR(provider) != grant->provider_length ||
			memcmp(VARDATA_ANY(provider), grant->provider, grant->provider_length) != 0)
			return false;
	}
	if (!grant->any_division)
	{
		text	   *division = PG_GETARG_TEXT_PP(SEE_DIVISION);

		if (!in_ranges(grant, access_parse_division(VARDATA_ANY(division),
													VARSIZE_ANY_EXHDR(division))))
			return false;
	}
	return true;
}

/*
 * may_see(duties int, division text, provider text, minor bool) → bool: does a
 * mandate of this transaction reach a row?  Duties are bits, as duty_mask()
 * makes them.  STRICT: a NULL denies.
 */
Datum
access_may_see(PG_FUNCTION_ARGS)
{
	const AccessContext *context = access_context();
	int			duties = PG_GETARG_INT32(SEE_DUTIES);

	if (!context)
		PG_RETURN_BOOL(false);
	if (duties & context->unlimited)
		PG_RETURN_BOOL(true);
	for (int i = 0; i < context->grant_count; i++)
	{
		const AccessGrant *grant = &context->grants[i];

		if ((duties >> grant->duty & 1) && reaches(grant, fcinfo))
			PG_RETURN_BOOL(true);
	}
	PG_RETURN_BOOL(false);
}

static Datum
text_array(Datum *elements, int count)
{
	return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* duties() → text[]: each by its place. */
Datum
access_duties(PG_FUNCTION_ARGS)
{
	Datum		name[ACCESS_DUTIES];

	for (int duty = 0; duty < ACCESS_DUTIES; duty++)
		name[duty] = CStringGetTextDatum(access_duty_name(duty));
	PG_RETURN_DATUM(text_array(name, ACCESS_DUTIES));
}

/* duty_mask(duties text[]) → int */
Datum
access_duty_mask(PG_FUNCTION_ARGS)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	int			mask = 0;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		int			duty = nulls[i] ? -1 : access_duty(TextDatumGetCString(elements[i]));

		if (duty < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("there is no such duty"),
					 errhint("SELECT credit.duties(); lists them.")));
		mask |= 1 << duty;
	}
	PG_RETURN_INT32(mask);
}

/*
 * Are the grants of these duties a list, by this argument of may_see?  Each has
 * to be restricted by it: else it reaches more.
 */
bool
access_is_narrow(const AccessContext *context, int duties, int argument)
{
	return !context ||
		!(duties & (argument == SEE_PROVIDER ? context->wide_providers : context->wide_divisions));
}

/*
 * A plan for a list of grants, met by grants that are none.  It can only be a
 * cursor's: cached plans are made anew.  Loud, as a short answer would be wrong.
 */
static void
refuse_wide(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the mandates of now are too wide for a list of their divisions or "
					"providers"),
			 errhint("credit.grants() shows them.  A cursor that was opened for narrower ones "
					 "is closed, and opened after credit.enter().")));
}

/* granted_divisions(duties int) → text[]: each division by itself. */
Datum
access_granted_divisions(PG_FUNCTION_ARGS)
{
	const AccessContext *context = access_context();
	int			duties = PG_GETARG_INT32(0);
	Datum	   *elements = palloc(ACCESS_NARROW * ACCESS_DUTIES * sizeof(Datum));
	int			count = 0;

	if (!access_is_narrow(context, duties, SEE_DIVISION))
		refuse_wide();
	for (int i = 0; context && i < context->grant_count; i++)
	{
		const AccessGrant *grant = &context->grants[i];

		for (int r = 0; (duties >> grant->duty & 1) && r < grant->range_count; r++)
			for (int d = grant->ranges[r].low; d <= grant->ranges[r].high; d++)
				elements[count++] = CStringGetTextDatum(psprintf("%06d", d));
	}
	return text_array(elements, count);
}

/* granted_providers(duties int) → text[] */
Datum
access_granted_providers(PG_FUNCTION_ARGS)
{
	const AccessContext *context = access_context();
	int			duties = PG_GETARG_INT32(0);
	Datum	   *elements = palloc(((context ? context->grant_count : 0) + 1) * sizeof(Datum));
	int			count = 0;

	if (!access_is_narrow(context, duties, SEE_PROVIDER))
		refuse_wide();
	for (int i = 0; context && i < context->grant_count; i++)
		if (duties >> context->grants[i].duty & 1)
			elements[count++] = CStringGetTextDatum(context->grants[i].provider);
	return text_array(elements, count);
}

/*
 * Do the grants of these duties name one value alone?  Asked of one duty, as the
 * shape of the grants, which plans are kept by, tells no more.
 */
static bool
is_single(const AccessContext *context, int duties, int argument)
{
	int			held = context ? duties & context->duties : 0;

	return pg_popcount32(held) == 1 &&
		(held & (argument == SEE_PROVIDER ? context->single_providers : context->single_divisions));
}

/* The single value itself. */
static Node *
single_value(const AccessContext *context, int duties, int argument, Oid collation)
{
	for (int i = 0; i < context->grant_count; i++)
	{
		const AccessGrant *grant = &context->grants[i];
		const char *value;

		if (!(duties >> grant->duty & 1) || (argument == SEE_DIVISION && grant->range_count == 0))
			continue;
		value = argument == SEE_PROVIDER ? grant->provider :
			psprintf("%06d", grant->ranges[0].low);
		return (Node *) makeConst(TEXTOID, -1, collation, -1, CStringGetTextDatum(value),
								  false, false);
	}
	pg_unreachable();
}

/*
 * column = ANY (credit.granted_…s(duties)), if the grants of now are a list, or
 * column = VALUE for a single one.
 */
static Node *
granted_clause(Oid may_see, List *arguments, int argument, Oid collation)
{
	static const char *const names[] = {
		[SEE_DIVISION] = "granted_divisions", [SEE_PROVIDER] = "granted_providers"
	};
	const AccessContext *context = access_context();
	Const	   *mask = linitial(arguments);
	Node	   *column = copyObject(list_nth(arguments, argument));
	Oid			integer = INT4OID;
	Oid			function;
	int			duties;
	ScalarArrayOpExpr *clause;

	if (!IsA(mask, Const) || mask->constisnull)
		return NULL;
	duties = DatumGetInt32(mask->constvalue);
	if (!access_is_narrow(context, duties, argument))
		return NULL;
	if (is_single(context, duties, argument))
		return (Node *) make_opclause(TextEqualOperator, BOOLOID, false, (Expr *) column,
									  (Expr *) single_value(context, duties, argument, collation),
									  InvalidOid, collation);
	function = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(names[argument]),
							   PointerGetDatum(buildoidvector(&integer, 1)),
							   ObjectIdGetDatum(get_func_namespace(may_see)));
	if (!OidIsValid(function))
		return NULL;
	clause = makeNode(ScalarArrayOpExpr);
	clause->opno = TextEqualOperator;
	clause->opfuncid = F_TEXTEQ;
	clause->useOr = true;
	clause->inputcollid = collation;
	clause->args = list_make2(column,
							  makeFuncExpr(function, TEXTARRAYOID, list_make1(copyObject(mask)),
										   InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
	clause->location = -1;
	return (Node *) clause;
}

static Node *
index_condition(SupportRequestIndexCondition *request)
{
	Node	   *clause;

	access_note_plan();
	if (!is_funcclause(request->node) || request->opfamily != TEXT_BTREE_FAM_OID ||
		(request->indexarg != SEE_DIVISION && request->indexarg != SEE_PROVIDER))
		return NULL;
	clause = granted_clause(request->funcid, ((FuncExpr *) request->node)->args,
							request->indexarg, request->indexcollation);
	request->lossy = true;
	return clause ? (Node *) list_make1(clause) : NULL;
}

/* The share of rows that the list has by the column's statistics; else all. */
static bool
estimate(SupportRequestSelectivity *request)
{
	double		share = 1.0;

	access_note_plan();
	if (request->is_join)
		return false;
	access_hide_indexes(request->root, request->args);
	for (int argument = SEE_DIVISION; argument <= SEE_PROVIDER; argument++)
	{
		Node	   *column = list_nth(request->args, argument);
		Node	   *clause;

		if (IsA(column, Const))
			continue;
		clause = granted_clause(request->funcid, request->args, argument, exprCollation(column));
		if (clause)
			share = Min(share, clause_selectivity(request->root, clause, request->varRelid,
												  request->jointype, request->sjinfo));
	}
	request->selectivity = share;
	return true;
}

/* may_see_support(internal) → internal */
Datum
access_may_see_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestIndexCondition))
		PG_RETURN_POINTER(index_condition((SupportRequestIndexCondition *) request));
	if (IsA(request, SupportRequestSimplify))
		access_note_plan();
	if (IsA(request, SupportRequestSelectivity) &&
		estimate((SupportRequestSelectivity *) request))
		PG_RETURN_POINTER(request);
	PG_RETURN_POINTER(NULL);
}
