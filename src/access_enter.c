/*
 * access_enter.c
 *		credit.enter(): reads the mandates of a login, and has them signed.
 *
 * Every transaction begins with it, so it goes to the table itself: as a query
 * in a definer function it cost several times what it found.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rangetypes.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "access.h"
#include "register.h"

PG_FUNCTION_INFO_V1(access_enter);
PG_FUNCTION_INFO_V1(access_enter_token);
PG_FUNCTION_INFO_V1(access_enter_as);

/* Seconds for which a context holds, should its transaction last so long. */
#define CONTEXT_SECONDS		43200

/* Columns of credit_register.mandate. */
enum
{
	LOGIN, VIA, DUTY, PROVIDER, DIVISIONS, PURPOSES, MINORS, SUBJECT, VALID, GRANTED_AT, ENDED_AT,
	ROLE_NUMBER, ROLE_SERVER, COLUMNS
};

static const RegisterColumn column[COLUMNS] = {
	[LOGIN] = {"login", TEXTOID}, [VIA] = {"via", TEXTOID}, [DUTY] = {"duty", TEXTOID},
	[PROVIDER] = {"provider", TEXTOID}, [DIVISIONS] = {"divisions", TEXTARRAYOID},
	[PURPOSES] = {"purposes", TEXTARRAYOID}, [MINORS] = {"minors", BOOLOID},
	[SUBJECT] = {"subject", InvalidOid}, [VALID] = {"valid", DATERANGEOID},
	[GRANTED_AT] = {"granted_at", TIMESTAMPTZOID}, [ENDED_AT] = {"ended_at", TIMESTAMPTZOID},
	[ROLE_NUMBER] = {"role_number", OIDOID}, [ROLE_SERVER] = {"role_server", INT8OID}
};

/*
 * The day in Asia/Shanghai, as credit.today() gives it, but of the statement: a
 * transaction that began yesterday enters with the mandates of today.  Eight hours
 * before UTC, and without summer time since 1991.
 */
static DateADT
today(void)
{
	TimestampTz now = GetCurrentStatementStartTimestamp() + 8 * USECS_PER_HOUR;
	int64		day = now / USECS_PER_DAY;

	return (DateADT) (now % USECS_PER_DAY < 0 ? day - 1 : day);
}

/* Elements with commas between, as array_to_string() does; NULL for NULL. */
static char *
joined(Datum array, bool isnull)
{
	StringInfoData list;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	if (isnull)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	initStringInfo(&list);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			appendStringInfo(&list, "%s%s", list.len ? "," : "", TextDatumGetCString(elements[i]));
	return list.data;
}

static char *
text_or_null(Datum value, bool isnull)
{
	return isnull ? NULL : TextDatumGetCString(value);
}

/* Does a range of days have this one? */
static bool
covers(Datum range, DateADT day)
{
	RangeType  *days = DatumGetRangeTypeP(range);

	return range_contains_elem_internal(lookup_type_cache(RangeTypeGetOid(days),
														  TYPECACHE_RANGE_INFO),
										days, DateADTGetDatum(day));
}

/*
 * Is this person registered as a practitioner, and without a certificate in
 * force today?  Then he inquires and decides no more (county opinion, art. 7).
 */
static bool
certificate_lapsed(const char *login, DateADT day)
{
	static const RegisterColumn certificate[] = {{"login", TEXTOID}, {"valid", DATERANGEOID}};
	AttrNumber	number[lengthof(certificate)];
	bool		known = false;
	bool		holds = false;
	Relation	rel;
	Oid			index;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Snapshot	snapshot;

	if (!OidIsValid(get_relname_relid("practitioner", get_namespace_oid("credit_register", false))))
		return false;			/* a register of an older version */
	rel = register_open("practitioner", certificate, lengthof(certificate), number);
	index = register_index(rel, number[0]);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	ScanKeyInit(&key, number[0], BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(login));
	scan = systable_beginscan(rel, index, OidIsValid(index), snapshot, 1, &key);
	while (!holds && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		isnull;
		Datum		value = heap_getattr(tuple, number[1], RelationGetDescr(rel), &isnull);

		known = true;
		holds = !isnull && covers(value, day);
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, AccessShareLock);
	return known && !holds;
}

/* Duties that end with the certificate of whoever has one. */
static bool
needs_certificate(Datum duty, bool isnull)
{
	char	   *name = text_or_null(duty, isnull);

	return name && (strcmp(name, "credit_window") == 0 || strcmp(name, "credit_reviewer") == 0);
}

/*
 * Was the mandate given to this role, and not to one that had its name before?
 * Elsewhere than where it was given (a restored copy) names are all there is.
 */
static bool
same_role(const Datum *value, const bool *isnull, Oid role)
{
	return isnull[ROLE_NUMBER] || isnull[ROLE_SERVER] ||
		(uint64) DatumGetInt64(value[ROLE_SERVER]) != GetSystemIdentifier() ||
		DatumGetObjectId(value[ROLE_NUMBER]) == role;
}

/* Is a mandate of this login (the index saw to that) through this application, or of itself? */
static bool
same_way(const Datum *value, const bool *isnull, const char *via)
{
	char	   *mine = text_or_null(value[VIA], isnull[VIA]);

	return mine && via ? strcmp(mine, via) == 0 : mine == via;
}

static bool
in_force(const Datum *value, const bool *isnull, DateADT day)
{
	return isnull[ENDED_AT] && !isnull[VALID] && covers(value[VALID], day);
}

/* The subject of a citizen's mandate; of several, the greatest text. */
static void
take_subject(Oid type, Datum value, char **subject)
{
	Oid			output;
	bool		is_varlena;
	char	   *found;

	getTypeOutputInfo(type, &output, &is_varlena);
	found = OidOutputFunctionCall(output, value);
	if (strcmp(found, *subject) > 0)
		*subject = found;
}

/*
 * Enters with the mandates of a login, through an application or (NULL) itself.
 * By a snapshot of now, whatever the transaction sees elsewhere, so that a mandate
 * that was ended is gone at once.
 */
static void
enter_as(const char *login, const char *via)
{
	AttrNumber	number[COLUMNS];
	Relation	rel = register_open("mandate", column, COLUMNS, number);
	Oid			index = register_index(rel, number[LOGIN]);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	DateADT		day = today();
	bool		lapsed = certificate_lapsed(login, day);
	Oid			role = get_role_oid(via ? via : login, true);
	char	   *subject = "";
	TimestampTz inquires_since = DT_NOEND;
	TimestampTz holds_since = DT_NOEND;
	int			count = 0;
	StringInfoData grants;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	initStringInfo(&grants);
	ScanKeyInit(&key, number[LOGIN], BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(login));
	scan = systable_beginscan(rel, index, OidIsValid(index), snapshot, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Datum		value[COLUMNS];
		bool		isnull[COLUMNS];
		bool		inquires;
		TimestampTz granted;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < COLUMNS; i++)
			value[i] = heap_getattr(tuple, number[i], RelationGetDescr(rel), &isnull[i]);
		if (!same_role(value, isnull, role) || !same_way(value, isnull, via))
			continue;
		inquires = access_inquires(access_duty(TextDatumGetCString(value[DUTY])));
		granted = DatumGetTimestampTz(value[GRANTED_AT]);
		if (inquires)
			holds_since = Min(holds_since, granted);
		if (!in_force(value, isnull, day) ||
			(lapsed && needs_certificate(value[DUTY], isnull[DUTY])))
			continue;
		count++;
		if (inquires)
			inquires_since = Min(inquires_since, granted);
		if (!isnull[SUBJECT])
			take_subject(TupleDescAttr(RelationGetDescr(rel), number[SUBJECT] - 1)->atttypid,
						 value[SUBJECT], &subject);
		access_add_grant(&grants, text_or_null(value[DUTY], isnull[DUTY]),
						 text_or_null(value[PROVIDER], isnull[PROVIDER]),
						 joined(value[DIVISIONS], isnull[DIVISIONS]),
						 !isnull[MINORS] && DatumGetBool(value[MINORS]) ? "t" : "f",
						 joined(value[PURPOSES], isnull[PURPOSES]));
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, AccessShareLock);
	if (count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("no mandate is in force for this login"),
				 errhint("A credit_admin gives one with credit.grant_duty().")));
	access_sign(login, via == NULL, inquires_since, holds_since, subject, CONTEXT_SECONDS,
				count, grants.data);
}

/* enter(): under the mandates of the login that is connected. */
Datum
access_enter(PG_FUNCTION_ARGS)
{
	enter_as(GetUserNameFromId(GetSessionUserId(), false), NULL);
	PG_RETURN_VOID();
}

/* enter(token): under those that a person has through the application that is connected. */
Datum
access_enter_token(PG_FUNCTION_ARGS)
{
	Datum		person;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the token is refused")));
	person = DirectFunctionCall1(access_token_person, PG_GETARG_DATUM(0));
	enter_as(TextDatumGetCString(person), GetUserNameFromId(GetSessionUserId(), false));
	PG_RETURN_VOID();
}

/* enter_as(login, via): for the tests of superusers. */
Datum
access_enter_as(PG_FUNCTION_ARGS)
{
	enter_as(PG_ARGISNULL(0) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(0)),
			 PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)));
	PG_RETURN_VOID();
}
