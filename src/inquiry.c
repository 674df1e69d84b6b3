/*
 * inquiry.c
 *		Register first, then read: an inquiry answers only when it cannot vanish
 *		any more.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lwlock.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access.h"
#include "credit_compat.h"
#include "register.h"

PG_FUNCTION_INFO_V1(inquirer_grant);
PG_FUNCTION_INFO_V1(inquiry_settled);
PG_FUNCTION_INFO_V1(inquiry_subject);

/* Is a purpose among those of a mandate, which are words between commas? */
static bool
has_purpose(const char *purposes, const char *purpose, size_t length)
{
	if (purposes[0] == '*')
		return true;
	for (const char *word = purposes; purpose && word; word = strchr(word, ','))
	{
		word += *word == ',';
		if (strncmp(word, purpose, length) == 0 && (word[length] == ',' || word[length] == '\0'))
			return true;
	}
	return false;
}

/*
 * inquirer_grant(purpose text) → text: the provider for which the person who
 * entered may inquire, empty for none in particular, NULL if he may not.  Asked
 * twice an inquiry; as a query it cost as much as all the rest.
 */
Datum
inquirer_grant(PG_FUNCTION_ARGS)
{
	const AccessContext *context = access_context();
	const char *purpose = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));
	size_t		length = purpose ? strlen(purpose) : 0;
	const char *least = NULL;

	for (int i = 0; context && i < context->grant_count; i++)
	{
		const AccessGrant *grant = &context->grants[i];
		const char *provider = grant->any_provider ? "" : grant->provider;

		if (access_inquires(grant->duty) && has_purpose(grant->purposes, purpose, length) &&
			(!least || strcmp(provider, least) < 0))
			least = provider;
	}
	if (!least)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(least));
}

/*
 * Where the log has to be on disk before this transaction cannot be lost.  What
 * is older than the transaction log kept for status was flushed long ago.
 */
static XLogRecPtr
commit_position(TransactionId xid)
{
	XLogRecPtr	position = InvalidXLogRecPtr;

	LWLockAcquire(XactTruncationLock, LW_SHARED);
	if (!TransactionIdPrecedes(xid, CREDIT_TRANSAM->oldestClogXid))
		position = TransactionIdGetCommitLSN(xid);
	LWLockRelease(XactTruncationLock);
	return position;
}

/*
 * Was the row version that carries this xmin, and that the caller can see,
 * committed by another transaction, and does it survive a crash?  A row of one's
 * own transaction, subtransactions included, is not settled; one that is prepared
 * cannot be seen.  Commits made with synchronous_commit = off are flushed here,
 * before the answer.  A standby holds only what its primary had flushed.
 */
static bool
settled(TransactionId xid)
{
	XLogRecPtr	position;

	if (!TransactionIdIsNormal(xid))
		return true;			/* frozen */
	if (TransactionIdIsCurrentTransactionId(xid))
		return false;
	if (RecoveryInProgress())
		return true;
	position = commit_position(xid);
	if (!XLogRecPtrIsInvalid(position))
		XLogFlush(position);
	return true;
}

/* inquiry_settled(version xid) → bool */
Datum
inquiry_settled(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(settled(PG_GETARG_TRANSACTIONID(0)));
}

/* Columns of credit_register.inquiry. */
enum
{
	INQUIRY, SUBJECT, PERSON, APPLICATION, STATE, OPENED_AT, EXPIRES_AT, COLUMNS
};

static const RegisterColumn column[COLUMNS] = {
	[INQUIRY] = {"inquiry", UUIDOID}, [SUBJECT] = {"subject", InvalidOid},
	[PERSON] = {"person", TEXTOID}, [APPLICATION] = {"application", TEXTOID},
	[STATE] = {"state", TEXTOID}, [OPENED_AT] = {"opened_at", TIMESTAMPTZOID},
	[EXPIRES_AT] = {"expires_at", TIMESTAMPTZOID}
};

/* What of an inquiry decides. */
typedef struct Inquiry
{
	bool		found;			/* and of this person, through this application */
	TransactionId version;
	Datum		subject;
	char	   *state;
	TimestampTz opened_at;
	TimestampTz expires_at;
} Inquiry;

/*
 * By its number alone, in a snapshot of now, so that a review counts at once.
 * Another's inquiry is as if it were not there.
 */
static Inquiry
find_inquiry(Datum number, const char *person, const char *application)
{
	AttrNumber	at[COLUMNS];
	Relation	rel = register_open("inquiry", column, COLUMNS, at);
	Oid			index = register_index(rel, at[INQUIRY]);
	Snapshot	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	Inquiry		found = {false};
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, at[INQUIRY], BTEqualStrategyNumber, F_UUID_EQ, number);
	scan = systable_beginscan(rel, index, OidIsValid(index), snapshot, 1, &key);
	while (!found.found && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Datum		value[COLUMNS];
		bool		isnull[COLUMNS];
		bool		some_null = false;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < COLUMNS; i++)
		{
			value[i] = heap_getattr(tuple, at[i], RelationGetDescr(rel), &isnull[i]);
			some_null |= isnull[i];
		}
		if (some_null || strcmp(TextDatumGetCString(value[PERSON]), person) != 0 ||
			strcmp(TextDatumGetCString(value[APPLICATION]), application) != 0)
			continue;
		found.found = true;
		found.version = HeapTupleHeaderGetXmin(tuple->t_data);
		found.subject = value[SUBJECT]; /* by value, as eight bytes are */
		found.state = TextDatumGetCString(value[STATE]);
		found.opened_at = DatumGetTimestampTz(value[OPENED_AT]);
		found.expires_at = DatumGetTimestampTz(value[EXPIRES_AT]);
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, AccessShareLock);
	return found;
}

/*
 * inquiry_subject(inquiry uuid) → pseudonym: the subject of an inquiry that is
 * open to the person who entered, through the application that opened it, and
 * that can no longer vanish.  Every report begins here.
 */
Datum
inquiry_subject(PG_FUNCTION_ARGS)
{
	const AccessContext *context = access_context();
	Inquiry		inquiry = {false};
	bool		is_open;

	/*
	 * An older snapshot shows what was repaired or withdrawn since, and hides
	 * that an inquiry was refused.
	 */
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a report needs another isolation level"),
				 errhint("BEGIN ISOLATION LEVEL READ COMMITTED.")));
	if (context && !PG_ARGISNULL(0))
		inquiry = find_inquiry(PG_GETARG_DATUM(0), context->person,
							   GetUserNameFromId(GetSessionUserId(), false));
	if (!inquiry.found)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("this inquiry is not open to you"),
				 errhint("Enter as the person who opened it, through the same application.")));
	if (!settled(inquiry.version))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the inquiry is not committed yet"),
				 errhint("Commit credit.open_inquiry() in a transaction of its own, "
						 "then read.")));
	is_open = strcmp(inquiry.state, "open") == 0;
	/* What was opened under this name before its mandates were given, another opened. */
	if (!is_open || inquiry.expires_at < GetCurrentTimestamp() ||
		inquiry.opened_at < context->inquires_since)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the inquiry is %s", is_open ? "over" : inquiry.state),
				 strcmp(inquiry.state, "pending") == 0 ?
				 errhint("Another person with a mandate as credit_reviewer calls "
						 "credit.review_inquiry().") :
				 errhint("Open another one; what rested on a consent that was withdrawn "
						 "needs a new consent.")));
	PG_RETURN_DATUM(inquiry.subject);
}
