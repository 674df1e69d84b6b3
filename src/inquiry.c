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

#include "credit_compat.h"

PG_FUNCTION_INFO_V1(inquiry_settled);

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
