/*
 * register.c
 *		DROP EXTENSION never drops a citizen's file: with CASCADE it would take the
 *		columns of our types out of every table, without asking twice.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "credit.h"
#include "register.h"

PG_FUNCTION_INFO_V1(register_refuse_drop);

void
register_define_setting(void)
{
	DefineCustomBoolVariable("credit.allow_drop",
							 "Lets DROP EXTENSION credit CASCADE drop columns and the audit.",
							 NULL,
							 &credit_state.allow_drop,
							 false,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);
}

/* The one text that a query over the catalogue finds, or NULL; taken out of SPI. */
static char *
found_text(const char *query, Oid argument)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid			type = OIDOID;
	Datum		value = ObjectIdGetDatum(argument);
	char	   *found = NULL;

	SPI_connect();
	if (SPI_execute_with_args(query, 1, &type, &value, NULL, true, 1) == SPI_OK_SELECT &&
		SPI_processed == 1)
	{
		char	   *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);

		if (text)
			found = MemoryContextStrdup(caller, text);
	}
	SPI_finish();
	return found;
}

/* Does DROP OWNED name the role that owns the extension? */
static bool
drops_of_owner(const DropOwnedStmt *drop)
{
	ListCell   *cell;

	foreach(cell, drop->roles)
	{
		Oid			role = get_rolespec_oid(lfirst_node(RoleSpec, cell), true);

		if (OidIsValid(role) &&
			found_text("SELECT e.extname::pg_catalog.text FROM pg_catalog.pg_extension e "
					   "WHERE e.extname OPERATOR(pg_catalog.=) 'credit'::pg_catalog.name "
					   "AND e.extowner OPERATOR(pg_catalog.=) $1", role))
			return true;
	}
	return false;
}

/*
 * Would the command take the extension with all that depends on it?  Without
 * CASCADE the server refuses by itself.
 */
static bool
drops_everything(const Node *command)
{
	const DropStmt *drop = (const DropStmt *) command;
	ListCell   *cell;

	if (IsA(command, DropOwnedStmt))
		return ((const DropOwnedStmt *) command)->behavior == DROP_CASCADE &&
			drops_of_owner((const DropOwnedStmt *) command);
	if (!IsA(command, DropStmt) || drop->behavior != DROP_CASCADE ||
		(drop->removeType != OBJECT_EXTENSION && drop->removeType != OBJECT_SCHEMA))
		return false;
	foreach(cell, drop->objects)
		if (strcmp(strVal(lfirst(cell)), "credit") == 0 ||
			(drop->removeType == OBJECT_SCHEMA &&
			 strcmp(strVal(lfirst(cell)), "credit_register") == 0))
			return true;
	return false;
}

/* refuse_drop() → event_trigger, at the start of DROP EXTENSION, SCHEMA and OWNED */
Datum
register_refuse_drop(PG_FUNCTION_ARGS)
{
	char	   *held;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("refuse_drop() is the function of an event trigger")));
	if (credit_state.allow_drop ||
		!drops_everything(((EventTriggerData *) fcinfo->context)->parsetree))
		PG_RETURN_NULL();
	held = found_text("SELECT credit.held_by_users() WHERE $1 IS NOT NULL", TEXTOID);
	if (held)
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("extension credit holds data that CASCADE would drop"),
				 errdetail("Among it is %s.", held),
				 errhint("Drop it yourself, or make a dump and SET credit.allow_drop = on.")));
	PG_RETURN_NULL();
}
