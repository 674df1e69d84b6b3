/*
 * scoring.c
 *		The procedure that scores all who consented, chunk by chunk.
 *
 * What a chunk does is in SQL (credit.score_chunk); here is the loop around it,
 * in C, for it must commit and may not be looked up in the caller's
 * search_path: PL/pgSQL can do one or the other.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(scoring_score_all);

/* Between two notices of progress, in milliseconds. */
#define NOTICE_EVERY 5000

/* How far a job is. */
typedef struct Progress
{
	int64		done,
				total,
				scored;
} Progress;

/* The job of a day, begun or taken up again. */
static void
begin_job(Datum day, bool no_day, pg_uuid_t *job)
{
	Oid			type = DATEOID;
	char		null = no_day ? 'n' : ' ';
	bool		is_null;

	if (SPI_execute_with_args("SELECT credit.score_begin($1)", 1, &type, &day, &null,
							  false, 1) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "score_begin() gave no row");
	memcpy(job, DatumGetUUIDP(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
											&is_null)), sizeof(*job));
	SPI_freetuptable(SPI_tuptable);
}

/* A count that the last query gave; as it was where the query gave none. */
static void
take_count(int column, int64 *count)
{
	bool		null;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &null);

	if (!null)
		*count = DatumGetInt64(value);
}

/* One chunk; false if nobody was left. */
static bool
next_chunk(pg_uuid_t *job, int32 size, Progress *progress)
{
	Oid			types[2] = {UUIDOID, INT4OID};
	Datum		values[2] = {UUIDPGetDatum(job), Int32GetDatum(size)};
	bool		more,
				null;

	if (SPI_execute_with_args("SELECT more, done, total, scored FROM credit.score_chunk($1, $2)",
							  2, types, values, NULL, false, 1) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "score_chunk() gave no row");
	more = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
	take_count(2, &progress->done);
	take_count(3, &progress->total);
	take_count(4, &progress->scored);
	SPI_freetuptable(SPI_tuptable);
	return more;
}

/* score_all(as_of date, chunk integer) */
Datum
scoring_score_all(PG_FUNCTION_ARGS)
{
	int32		size = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
	pg_uuid_t	job;
	Progress	progress = {0};
	TimestampTz told = GetCurrentTimestamp();

	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("score_all() cannot run inside a transaction block"),
				 errhint("It commits after each chunk: call it by itself.")));
	if (size < 1 || size > 100000)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("size of a chunk is out of range"),
				 errdetail("A chunk has 1 to 100000 subjects.")));
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");
	begin_job(PG_GETARG_DATUM(0), PG_ARGISNULL(0), &job);
	SPI_commit();
	while (next_chunk(&job, size, &progress))
	{
		SPI_commit();
		CHECK_FOR_INTERRUPTS();
		if (TimestampDifferenceExceeds(told, GetCurrentTimestamp(), NOTICE_EVERY))
		{
			told = GetCurrentTimestamp();
			ereport(NOTICE,
					(errmsg("%lld of %lld persons are done",
							(long long) progress.done, (long long) progress.total)));
		}
	}
	SPI_finish();
	ereport(NOTICE,
			(errmsg("%lld persons were scored", (long long) progress.scored)));
	PG_RETURN_VOID();
}
