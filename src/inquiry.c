/*
 * inquiry.c
 *		Register first, then read: an inquiry answers only when it cannot vanish
 *		any more.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "fmgr.h"
#include "storage/lwlock.h"
#include "utils/builtins.h"

#include "access.h"
#include "credit_compat.h"

PG_FUNCTION_INFO_V1(inquirer_grant);
PG_FUNCTION_INFO_V1(inquiry_settled);

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
	const int	duties = 1 << access_duty("credit_window") | 1 << access_duty("credit_provider") |
		1 << access_duty("credit_reviewer");
	const AccessContext *context = access_context();
	const char *purpose = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));
	size_t		length = purpose ? strlen(purpose) : 0;
	const char *least = NULL;

	for (int i = 0; context && i < context->grant_count; i++)
	{
		const AccessGrant *grant = &context->grants[i];
		const char *provider = grant->any_provider ? "" : grant->provider;

		if ((duties >> grant->duty & 1) && has_purpose(grant->purposes, purpose, length) &&
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
 * inquiry_settled(version xid) → bool: was the row version that carries this
 * xmin, and that the caller can see, committed by another transaction, and does
 * it survive a crash?  A row of one's own transaction, subtransactions included,
 * is not settled; one that is prepared cannot be seen.  Commits made with
 * synchronous_commit = off are flushed here, before the answer.  A standby holds
 * only what its primary had flushed.
 */
Datum
inquiry_settled(PG_FUNCTION_ARGS)
{
	TransactionId xid = PG_GETARG_TRANSACTIONID(0);

	if (!TransactionIdIsNormal(xid))
		PG_RETURN_BOOL(true);	/* frozen */
	if (TransactionIdIsCurrentTransactionId(xid))
		PG_RETURN_BOOL(false);
	if (!RecoveryInProgress())
	{
		XLogRecPtr	position = commit_position(xid);

		if (!XLogRecPtrIsInvalid(position))
			XLogFlush(position);
	}
	PG_RETURN_BOOL(true);
}
