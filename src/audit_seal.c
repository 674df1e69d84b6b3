/*
 * audit_seal.c
 *		The root of a set of events, and what the events are found to be.
 *
 * The tree is that of RFC 6962: leaf and inner node are hashed with different
 * first bytes, and a tree of n leaves splits at the largest power of two below
 * n.  One pass in order of the transaction needs a stack of 64 hashes.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/params.h"
#include "port/pg_bswap.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "tcop/dest.h"
#include "utils/timestamp.h"

#include "audit.h"

PG_FUNCTION_INFO_V1(audit_root);
PG_FUNCTION_INFO_V1(audit_link);

#define SHOWN_CHANGED	100		/* so many changed events are named */

typedef struct RootResult
{
	MerkleStack stack;
	int64		changes;
	int64		changed;		/* events that do not have their hash */
	ArrayBuildState *shown;
	MemoryContext context;		/* of the result */
	MemoryContext work;			/* of one event */
} RootResult;

typedef struct RootReceiver
{
	DestReceiver dest;
	RootResult *result;
} RootReceiver;

static void
join_hashes(MerkleStack *stack)
{
	AuditBytes	part[3] = {
		{"\1", 1},
		{(char *) stack->hash[stack->depth - 2], AUDIT_DIGEST_LENGTH},
		{(char *) stack->hash[stack->depth - 1], AUDIT_DIGEST_LENGTH}
	};

	audit_digest(part, 3, stack->hash[stack->depth - 2]);
	stack->depth--;
}

/* A leaf is a hash already: that of an event begins with the zero that RFC 6962 wants. */
void
audit_add_leaf(MerkleStack *stack, const uint8 *hash)
{
	memcpy(stack->hash[stack->depth++], hash, AUDIT_DIGEST_LENGTH);
	/* A one more in the count carries over as many trees as it ends in zeros. */
	for (uint64 n = ++stack->leaves; (n & 1) == 0; n >>= 1)
		join_hashes(stack);
}

void
audit_close_tree(MerkleStack *stack)
{
	if (stack->depth == 0)
		audit_digest(NULL, 0, stack->hash[stack->depth++]);
	while (stack->depth > 1)
		join_hashes(stack);
}

/* An event as the query returns it: the columns of the table, in order. */
static inline void
read_event(const Datum *value, const bool *isnull, AuditEvent *event, const uint8 **hash)
{
	event->node = DatumGetInt64(value[EVENT_NODE]);
	event->xid = DatumGetInt64(value[EVENT_XID]);
	event->n = DatumGetInt32(value[EVENT_N]);
	event->changes = DatumGetInt32(value[EVENT_CHANGES]);
	event->at = DatumGetTimestampTz(value[EVENT_AT]);
	for (int i = EVENT_OPERATION; i <= EVENT_IMAGE; i++)
	{
		AuditBytes *part = &event->part[EVENT_PART(i)];

		*part = (AuditBytes)
		{
			NULL, 0
		};
		if (isnull[i])
			continue;
		if (i == EVENT_LAYOUT)
		{
			part->data = (char *) DatumGetUUIDP(value[i])->data;
			part->length = UUID_LEN;
		}
		else
		{
			text	   *bytes = DatumGetTextPP(value[i]);

			part->data = VARDATA_ANY(bytes);
			part->length = VARSIZE_ANY_EXHDR(bytes);
		}
	}
	*hash = NULL;
	if (!isnull[EVENT_HASH])
	{
		bytea	   *stored = DatumGetByteaPP(value[EVENT_HASH]);

		if (VARSIZE_ANY_EXHDR(stored) == AUDIT_DIGEST_LENGTH)
			*hash = (const uint8 *) VARDATA_ANY(stored);
	}
}

/* Receiver of the query's rows; the memory of fetched values goes row by row. */
static bool
take_event(TupleTableSlot *slot, DestReceiver *self)
{
	RootResult *result = ((RootReceiver *) self)->result;
	MemoryContext old = MemoryContextSwitchTo(result->work);
	AuditEvent	event;
	const uint8 *stored;
	uint8		digest[AUDIT_DIGEST_LENGTH];

	slot_getallattrs(slot);
	read_event(slot->tts_values, slot->tts_isnull, &event, &stored);
	audit_event_digest(&event, digest);
	result->changes += event.changes;
	audit_add_leaf(&result->stack, digest);
	if (unlikely(!stored || memcmp(stored, digest, AUDIT_DIGEST_LENGTH) != 0) &&
		result->changed++ < SHOWN_CHANGED)
		result->shown = accumArrayResult(result->shown,
										 CStringGetTextDatum(psprintf(INT64_FORMAT ":%d",
																	  event.xid, event.n)),
										 false, TEXTOID, result->context);
	MemoryContextSwitchTo(old);
	MemoryContextReset(result->work);
	return true;
}

static void
receiver_starts(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
receiver_ends(DestReceiver *self)
{
}

/* Planned once a session; the parameters are seen by the planner each time. */
static SPIPlanPtr
walk_plan(void)
{
	AuditState *state = audit_state();
	Oid			type[5] = {INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID};
	SPIPlanPtr	plan;

	if (state->walk_plan)
		return state->walk_plan;
	plan = SPI_prepare_cursor("SELECT node, xid, n, changes, at, operation, session_role,"
							  " role, person, duty, client, relation, layout, subject, image, hash"
							  " FROM credit_register.audit_event"
							  " WHERE node OPERATOR(pg_catalog.=) $1"
							  " AND xid OPERATOR(pg_catalog.>=) $2"
							  " AND xid OPERATOR(pg_catalog.<) $3"
							  " AND at OPERATOR(pg_catalog.>=) $4"
							  " AND at OPERATOR(pg_catalog.<) $5"
							  " ORDER BY xid USING OPERATOR(pg_catalog.<),"
							  " n USING OPERATOR(pg_catalog.<), at USING OPERATOR(pg_catalog.<)",
							  5, type, CURSOR_OPT_FAST_PLAN | CURSOR_OPT_CUSTOM_PLAN);
	if (!plan || SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_prepare_cursor failed");
	return state->walk_plan = plan;
}

/*
 * The events of a node with transaction numbers from..before, in a span of
 * time: their number, changes, root, and which are not what their hash says.
 * They stream from the executor; nothing is copied.
 */
static void
walk_events(FunctionCallInfo fcinfo, RootResult *result)
{
	RootReceiver receiver = {
		{take_event, receiver_starts, receiver_ends, receiver_ends, DestTransientRel},
		result
	};
	SPIExecuteOptions options = {.read_only = true,.dest = &receiver.dest};

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	options.params = makeParamList(5);
	for (int i = 0; i < 5; i++)
	{
		ParamExternData *param = &options.params->params[i];

		param->value = PG_GETARG_DATUM(i);
		param->isnull = false;
		param->pflags = PARAM_FLAG_CONST;
		param->ptype = i < 3 ? INT8OID : TIMESTAMPTZOID;
	}
	if (SPI_execute_plan_extended(walk_plan(), &options) < 0)
		elog(ERROR, "SPI_execute_plan_extended failed");
	SPI_finish();
}

Datum
audit_root(PG_FUNCTION_ARGS)
{
	RootResult *result = palloc0(sizeof(RootResult));
	TupleDesc	desc;
	Datum		value[5];
	bool		isnull[5] = {0};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	BlessTupleDesc(desc);
	result->context = CurrentMemoryContext;
	result->work = AllocSetContextCreate(CurrentMemoryContext, "credit audit event",
										 ALLOCSET_DEFAULT_SIZES);
	walk_events(fcinfo, result);
	value[0] = Int64GetDatum((int64) result->stack.leaves);
	value[1] = Int64GetDatum(result->changes);
	audit_close_tree(&result->stack);
	value[2] = PointerGetDatum(cstring_to_text_with_len((char *) result->stack.hash[0],
														AUDIT_DIGEST_LENGTH));
	value[3] = Int64GetDatum(result->changed);
	isnull[4] = result->shown == NULL;
	value[4] = isnull[4] ? (Datum) 0 : makeArrayResult(result->shown, CurrentMemoryContext);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, value, isnull)));
}

/*
 * The hash of a link of the chain: any number of texts, each with its length,
 * NULL unlike the empty one.
 */
Datum
audit_link(PG_FUNCTION_ARGS)
{
	Datum	   *element;
	bool	   *isnull;
	int			count;
	AuditBytes *part;
	uint32	   *length;
	uint8		digest[AUDIT_DIGEST_LENGTH];

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT,
					  &element, &isnull, &count);
	part = palloc(sizeof(AuditBytes) * (count * 2 + 1));
	length = palloc(sizeof(uint32) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		text	   *value = isnull[i] ? NULL : DatumGetTextPP(element[i]);
		int			bytes = value ? VARSIZE_ANY_EXHDR(value) : 0;

		length[i] = pg_hton32(value ? (uint32) bytes : PG_UINT32_MAX);
		part[i * 2] = (AuditBytes)
		{
			(char *) &length[i], sizeof(uint32)
		};
		part[i * 2 + 1] = (AuditBytes)
		{
			value ? VARDATA_ANY(value) : "", bytes
		};
	}
	audit_digest(part, count * 2, digest);
	PG_RETURN_BYTEA_P(cstring_to_text_with_len((char *) digest, AUDIT_DIGEST_LENGTH));
}
