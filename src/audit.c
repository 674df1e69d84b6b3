/*
 * audit.c
 *		Who changed what: the trigger functions, and what SQL needs of the server.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "audit.h"

PG_FUNCTION_INFO_V1(audit_change);
PG_FUNCTION_INFO_V1(audit_keep);
PG_FUNCTION_INFO_V1(audit_layout_id);
PG_FUNCTION_INFO_V1(audit_mark);
PG_FUNCTION_INFO_V1(audit_node);
PG_FUNCTION_INFO_V1(audit_timeline);

AuditState *
audit_state(void)
{
	if (!credit_state.audit)
	{
		credit_state.audit = MemoryContextAllocZero(TopMemoryContext, sizeof(AuditState));
		audit_install_callbacks();
		audit_install_layout_callbacks();
	}
	return credit_state.audit;
}

/* By name, as the tables are ordinary ones and may be restored under another OID. */
Oid
audit_relid(const char *name)
{
	Oid			schema = get_namespace_oid(AUDIT_SCHEMA, true);
	Oid			relid = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s.%s\" does not exist", AUDIT_SCHEMA, name),
				 errdetail("What cannot be audited cannot be changed."),
				 errhint("Call credit.create_register_audit().")));
	return relid;
}

/*
 * Where transaction numbers have a meaning: this database of this server.  A
 * restored dump or a copied database is another node, and numbers anew.
 */
int64
audit_this_node(void)
{
	AuditState *state = audit_state();

	if (state->node == 0)
		state->node = (int64) hash_combine64(GetSystemIdentifier(),
											 DatumGetUInt64(hash_uint32_extended(MyDatabaseId,
																				 0)));
	return state->node;
}

/* Row trigger, and statement trigger of TRUNCATE. */
Datum
audit_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	AuditLayout *layout;
	StringInfo	image;
	int			nargs;
	char	  **args;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) !=
		TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("credit.audit_change() is a trigger AFTER each row, or AFTER TRUNCATE"),
				 errhint("Call credit.audit_table().")));
	nargs = trigger->tg_trigger->tgnargs;
	args = trigger->tg_trigger->tgargs;
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		image = audit_begin_change(nargs > 0 ? args[0] :
								   RelationGetRelationName(trigger->tg_relation), NULL, 'T');
		audit_put_row(image, NULL, 'T', NULL);
		audit_end_change(NULL, NULL, NULL);
		return PointerGetDatum(NULL);
	}
	layout = audit_find_layout(trigger->tg_relation, nargs, args);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
	{
		image = audit_begin_change(layout->relation, layout, 'U');
		audit_put_update(image, layout, trigger->tg_trigslot, trigger->tg_newslot);
		audit_end_change(layout, trigger->tg_newslot, trigger->tg_trigslot);
	}
	else
	{
		char		operation = TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? 'I' : 'D';

		image = audit_begin_change(layout->relation, layout, operation);
		audit_put_row(image, layout, operation, trigger->tg_trigslot);
		audit_end_change(layout, trigger->tg_trigslot, NULL);
	}
	return PointerGetDatum(NULL);
}

/*
 * Trigger of the audit's own tables: what is written stays.  Rows go by whole
 * months, with credit.retain_audit().
 */
Datum
audit_keep(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("credit.audit_keep() is a trigger")));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the audit can only be added to"),
			 errhint("credit.retain_audit() removes whole months that no law wants kept.")));
	return PointerGetDatum(NULL);
}

/* An event that is no change of rows: auditing itself was switched. */
Datum
audit_mark(PG_FUNCTION_ARGS)
{
	char	   *relation = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *operation = text_to_cstring(PG_GETARG_TEXT_PP(1));
	StringInfo	image;

	if (strlen(operation) != 1 || !strchr("AZR", operation[0]))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown operation of the audit")));
	image = audit_begin_change(relation, NULL, operation[0]);
	audit_put_row(image, NULL, operation[0], NULL);
	audit_end_change(NULL, NULL, NULL);
	PG_RETURN_VOID();
}

Datum
audit_node(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(audit_this_node());
}

/* Two servers that go on from the same state differ in this. */
Datum
audit_timeline(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) GetWALInsertionTimeLine());
}

/* The name that a layout has to have. */
Datum
audit_layout_id(PG_FUNCTION_ARGS)
{
	text	   *relation = PG_GETARG_TEXT_PP(0);
	pg_uuid_t  *id = palloc(sizeof(pg_uuid_t));

	*id = audit_layout_digest((AuditBytes)
							  {
								  VARDATA_ANY(relation), VARSIZE_ANY_EXHDR(relation)
							  },
							  PG_GETARG_ARRAYTYPE_P(1), PG_GETARG_ARRAYTYPE_P(2),
							  PG_GETARG_TEXT_PP(3));
	PG_RETURN_UUID_P(id);
}
