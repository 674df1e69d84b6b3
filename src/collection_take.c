/*
 * collection_take.c
 *		Trigger of credit_register.batch_in: rows of a batch on their way in.
 *
 * COPY does not write to tables under row security, but it does to a view with
 * an INSTEAD OF trigger.  Whether the batch is one's own is asked once a
 * statement; the lock taken then keeps loaders away until the transaction ends.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#include "credit.h"
#include "credit_compat.h"

PG_FUNCTION_INFO_V1(collection_take_row);

/* Kept in fn_extra, for one statement: the batch that may be written to. */
typedef struct Intake
{
	pg_uuid_t	batch;
	bool		known;
} Intake;

static const char find_batch[] =
"SELECT FROM credit_register.batch b"
" WHERE b.batch OPERATOR(pg_catalog.=) $1 AND credit.may_hand_in(b.provider, b.division)"
" FOR KEY SHARE";
static const char insert_row[] =
"INSERT INTO credit_register.batch_row (batch, line, raw) VALUES ($1, $2, $3)";

/* The same words as credit.own_batch(), for an unknown batch and for another's. */
static void
find_own_batch(Intake *state, Datum batch)
{
	Oid			types[] = {UUIDOID};

	if (state->known && memcmp(&state->batch, DatumGetUUIDP(batch), UUID_LEN) == 0)
		return;
	if (SPI_execute_with_args(find_batch, 1, types, &batch, NULL, false, 1) != SPI_OK_SELECT ||
		SPI_processed != 1)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("there is no such batch"),
				 errhint("Call credit.enter() first; a batch is seen by those who may hand in "
						 "for its provider.")));
	memcpy(&state->batch, DatumGetUUIDP(batch), UUID_LEN);
	state->known = true;
}

/* Prepared once a session; the server plans it anew when the tables change. */
static SPIPlanPtr
insert_plan(void)
{
	Oid			types[] = {UUIDOID, INT4OID, JSONBOID};
	SPIPlanPtr	plan;

	if (credit_state.take_row == NULL)
	{
		plan = SPI_prepare(insert_row, 3, types);
		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "rows of batches cannot be written");
		credit_state.take_row = plan;
	}
	return credit_state.take_row;
}

/*
 * The index's own words for a line that is there are no help.  ON CONFLICT would
 * cost every line; the error ends the transaction either way.
 */
static void
insert_line(Datum *value)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile int done = 0;

	PG_TRY();
	{
		done = SPI_execute_plan(insert_plan(), value, NULL, false, 0);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_UNIQUE_VIOLATION)
			PG_RE_THROW();
		MemoryContextSwitchTo(caller);
		FlushErrorState();
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("the batch has this line already"),
				 errdetail("Line %d waits or is held.", DatumGetInt32(value[1])),
				 errhint("Number the lines of a batch so that each has its own. "
						 "credit.correct_row() puts another content in place of a held one.")));
	}
	PG_END_TRY();
	if (done != SPI_OK_INSERT)
		elog(ERROR, "a row of a batch was not written");
}

/*
 * Line and content are not left to the table's constraints: their errors would
 * show the row.
 */
Datum
collection_take_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Intake	   *state = fcinfo->flinfo->fn_extra;
	Datum		value[3];
	bool		null[3];

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_INSTEAD(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		trigger->tg_relation->rd_att->natts != 3 ||
		TupleDescAttr(trigger->tg_relation->rd_att, 0)->atttypid != UUIDOID ||
		TupleDescAttr(trigger->tg_relation->rd_att, 1)->atttypid != INT4OID ||
		TupleDescAttr(trigger->tg_relation->rd_att, 2)->atttypid != JSONBOID)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("credit.take_batch_row() is for credit_register.batch_in alone")));
	if (state == NULL)
		fcinfo->flinfo->fn_extra = state =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Intake));
	heap_deform_tuple(trigger->tg_trigtuple, trigger->tg_relation->rd_att, value, null);
	if (null[1] || null[2] || DatumGetInt32(value[1]) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a row has a line from 1 on and a content")));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	/* A batch that is NULL is none. */
	if (null[0])
		value[0] = DirectFunctionCall1(uuid_in,
									   CStringGetDatum("00000000-0000-0000-0000-000000000000"));
	find_own_batch(state, value[0]);
	insert_line(value);
	SPI_finish();
	return PointerGetDatum(trigger->tg_trigtuple);
}
