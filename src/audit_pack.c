/*
 * audit_pack.c
 *		Changes are gathered in packs, and a pack becomes an event.
 *
 * A pack belongs to the subtransaction in which it began and is written by it:
 * when the list is long, before the subtransaction ends, or before the
 * transaction commits or is prepared.  So a change that stays has its event, a
 * change that is rolled back has none, and an event that cannot be written
 * stops the commit.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "access.h"
#include "audit.h"

/* An event should fit a page of 8 kB with its other columns. */
#define PACK_BYTES		7600
/* So many packs are kept before they are written together. */
#define PACK_COUNT		16
/* Names of all duties, with commas. */
#define DUTY_LENGTH		(ACCESS_DUTIES * NAMEDATALEN)

typedef struct AuditPack
{
	struct AuditPack *previous;
	struct AuditPack *next;
	SubTransactionId subid;
	CommandId	cid;			/* when the context was looked at last */
	Oid			role;
	TimestampTz at;
	pg_uuid_t	layout;
	char	   *relation;
	int			duties;			/* of the signed context, as bits */
	char	   *person;			/* whose it is; NULL without one */
	int32		n;				/* number in the transaction, in order of beginning */
	int32		changes;
	bool		full;
	bool		has_subject;	/* one and the same for all changes */
	bool		mixed;
	char	   *subject;
	char		operations[8];
	StringInfoData image;
} AuditPack;

/* ---------------------------------------------------------------------
 * Writing
 * ---------------------------------------------------------------------
 */

static AuditBytes
bytes_of(const char *text)
{
	return (AuditBytes)
	{
		text, text ? strlen(text) : 0
	};
}

/* The client's address, NULL over a unix socket; the same for the whole session. */
static const char *
client_name(void)
{
	AuditState *state = audit_state();
	LOCAL_FCINFO(fcinfo, 0);
	Datum		address;

	if (!state->client_known)
	{
		InitFunctionCallInfoData(*fcinfo, NULL, 0, InvalidOid, NULL, NULL);
		address = inet_client_addr(fcinfo);
		if (!fcinfo->isnull)
		{
			char	   *text = DatumGetCString(DirectFunctionCall1(inet_out, address));

			state->client = MemoryContextStrdup(TopMemoryContext, text);
		}
		state->client_known = true;
	}
	return state->client;
}

/* The duties, with commas; NULL for none. */
static const char *
duty_names(int duties, char *names)
{
	char	   *end = names;

	if (duties == 0)
		return NULL;
	for (int i = 0; i < ACCESS_DUTIES; i++)
		if (duties & (1 << i))
			end += sprintf(end, "%s%s", end == names ? "" : ",", access_duty_name(i));
	return names;
}

/* The event as it is hashed; session and transaction are added here. */
static void
describe_event(AuditPack *pack, AuditEvent *event, char *duties)
{
	AuditBytes *part = event->part;

	event->node = audit_this_node();
	event->xid = (int64) U64FromFullTransactionId(GetTopFullTransactionId());
	event->n = pack->n;
	event->changes = pack->changes;
	event->at = pack->at;
	part[EVENT_PART(EVENT_OPERATION)] = bytes_of(pack->operations);
	part[EVENT_PART(EVENT_SESSION_ROLE)] =
		bytes_of(GetUserNameFromId(GetSessionUserId(), true));
	part[EVENT_PART(EVENT_ROLE)] = pack->role == GetSessionUserId() ?
		part[EVENT_PART(EVENT_SESSION_ROLE)] : bytes_of(GetUserNameFromId(pack->role, true));
	part[EVENT_PART(EVENT_PERSON)] = bytes_of(pack->person);
	part[EVENT_PART(EVENT_DUTY)] = bytes_of(duty_names(pack->duties, duties));
	part[EVENT_PART(EVENT_CLIENT)] = bytes_of(client_name());
	part[EVENT_PART(EVENT_RELATION)] = bytes_of(pack->relation);
	part[EVENT_PART(EVENT_LAYOUT)] = (AuditBytes)
	{
		(char *) pack->layout.data, UUID_LEN
	};
	part[EVENT_PART(EVENT_SUBJECT)] =
		bytes_of(pack->has_subject && !pack->mixed ? pack->subject : NULL);
	part[EVENT_PART(EVENT_IMAGE)] = (AuditBytes)
	{
		pack->image.data, pack->image.len
	};
}

static Datum
varlena_of(AuditBytes bytes)
{
	return PointerGetDatum(cstring_to_text_with_len(bytes.data, bytes.length));
}

static void
write_pack(AuditInsert *insert, AuditPack *pack)
{
	AuditEvent	event;
	AuditBytes *part = event.part;
	uint8		digest[AUDIT_DIGEST_LENGTH];
	Datum		value[EVENT_COLUMNS];
	bool		isnull[EVENT_COLUMNS] = {0};
	char		duties[DUTY_LENGTH];

	describe_event(pack, &event, duties);
	audit_event_digest(&event, digest);
	value[EVENT_NODE] = Int64GetDatum(event.node);
	value[EVENT_XID] = Int64GetDatum(event.xid);
	value[EVENT_N] = Int32GetDatum(event.n);
	value[EVENT_CHANGES] = Int32GetDatum(event.changes);
	value[EVENT_AT] = TimestampTzGetDatum(event.at);
	for (int i = EVENT_OPERATION; i <= EVENT_IMAGE; i++)
	{
		isnull[i] = part[EVENT_PART(i)].data == NULL;
		value[i] = isnull[i] ? (Datum) 0 :
			i == EVENT_LAYOUT ? UUIDPGetDatum(&pack->layout) : varlena_of(part[EVENT_PART(i)]);
	}
	value[EVENT_HASH] = varlena_of((AuditBytes)
								   {
									   (char *) digest, AUDIT_DIGEST_LENGTH
								   });
	audit_insert_row(insert, value, isnull);
}

static void
forget_pack(AuditPack *pack)
{
	AuditState *state = credit_state.audit;

	if (pack->previous)
		pack->previous->next = pack->next;
	else
		state->first = pack->next;
	if (pack->next)
		pack->next->previous = pack->previous;
	else
		state->last = pack->previous;
	if (pack->person)
		pfree(pack->person);
	if (pack->subject)
		pfree(pack->subject);
	pfree(pack->relation);
	pfree(pack->image.data);
	pfree(pack);
}

/*
 * Writes the packs of one subtransaction; they are the last ones of the list,
 * since those of a subtransaction that ended are gone.
 */
static void
write_packs(SubTransactionId subid)
{
	AuditState *state = credit_state.audit;
	MemoryContext work,
				old;
	Relation	rel = NULL;
	AuditInsert insert = {0};
	AuditPack  *pack = state->last;
	TimestampTz opened = 0;

	if (!pack || pack->subid != subid)
		return;
	while (pack->previous && pack->previous->subid == subid)
		pack = pack->previous;
	work = AllocSetContextCreate(CurrentMemoryContext, "credit audit events",
								 ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(work);
	while (pack)
	{
		AuditPack  *next = pack->next;

		if (!rel || opened != pack->at)
		{
			if (rel)
				audit_insert_end(&insert);
			if (rel)
				table_close(rel, NoLock);
			rel = audit_open_partition(pack->at);
			opened = pack->at;
			audit_insert_begin(&insert, rel);
			if (pack->full)
				insert.bulk = GetBulkInsertState();
		}
		write_pack(&insert, pack);
		forget_pack(pack);
		pack = next;
	}
	audit_insert_end(&insert);
	table_close(rel, NoLock);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
}

/* ---------------------------------------------------------------------
 * Gathering
 * ---------------------------------------------------------------------
 */

static AuditPack *
make_pack(const char *relation, AuditLayout *layout)
{
	AuditState *state = audit_state();
	const AccessContext *context = access_context();
	MemoryContext old;
	AuditPack  *pack;

	if (!state->context)
		state->context = AllocSetContextCreate(TopTransactionContext, "credit audit packs",
											   ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(state->context);
	pack = palloc0(sizeof(AuditPack));
	pack->relation = pstrdup(relation);
	if (context)
	{
		pack->duties = context->duties;
		pack->person = pstrdup(context->person);
	}
	initStringInfo(&pack->image);
	MemoryContextSwitchTo(old);
	pack->subid = GetCurrentSubTransactionId();
	pack->cid = GetCurrentCommandId(false);
	pack->role = GetUserId();
	pack->at = GetCurrentStatementStartTimestamp();
	pack->n = state->next_n++;
	if (layout)
		pack->layout = layout->id;
	pack->previous = state->last;
	if (state->last)
		state->last->next = pack;
	else
		state->first = pack;
	state->last = pack;
	return pack;
}

/*
 * A function may take another context between two of its statements, all of
 * one time stamp; the command counter tells them apart.
 */
static bool
same_context(AuditPack *pack)
{
	CommandId	cid = GetCurrentCommandId(false);
	const AccessContext *context;

	if (pack->cid == cid)
		return true;
	context = access_context();
	if (context ? pack->duties != context->duties || !pack->person ||
		strcmp(pack->person, context->person) != 0 : pack->person != NULL)
		return false;
	pack->cid = cid;
	return true;
}

static bool
fits(AuditPack *pack, const char *relation, AuditLayout *layout)
{
	static const pg_uuid_t none = {{0}};

	return pack && !pack->full &&
		pack->subid == GetCurrentSubTransactionId() &&
		pack->role == GetUserId() &&
		pack->at == GetCurrentStatementStartTimestamp() &&
		memcmp(&pack->layout, layout ? &layout->id : &none, UUID_LEN) == 0 &&
		(layout || strcmp(pack->relation, relation) == 0) &&
		same_context(pack);
}

static void
note_operation(AuditPack *pack, char operation)
{
	if (pack->operations[0] != operation && !strchr(pack->operations, operation))
		pack->operations[strlen(pack->operations)] = operation;
}

/* Where the next change goes; without a layout it has no columns. */
StringInfo
audit_begin_change(const char *relation, AuditLayout *layout, char operation)
{
	AuditState *state = audit_state();
	AuditPack  *pack = state->last;

	if (!fits(pack, relation, layout))
	{
		int			count = 0;

		for (; pack && pack->subid == GetCurrentSubTransactionId(); pack = pack->previous)
			count++;
		if (count >= PACK_COUNT)
			write_packs(GetCurrentSubTransactionId());
		if (layout)
			audit_keep_layout(layout);
		pack = make_pack(relation, layout);
	}
	note_operation(pack, operation);
	return &pack->image;
}

/* The event names its subject if all its changes are about one. */
static void
note_subject(AuditPack *pack, const AuditLayout *layout, TupleTableSlot *slot)
{
	AuditState *state = credit_state.audit;
	const AuditColumn *column = &layout->column[layout->subject - 1];
	bool		isnull;
	Datum		value = slot_getattr(slot, layout->subject, &isnull);
	MemoryContext old;
	char	   *text;

	if (isnull)
	{
		pack->mixed = true;
		return;
	}
	old = MemoryContextSwitchTo(state->context);
	text = OutputFunctionCall(unconstify(FmgrInfo *, &column->output), value);
	MemoryContextSwitchTo(old);
	if (!pack->has_subject)
	{
		pack->has_subject = true;
		pack->subject = text;
		return;
	}
	pack->mixed = strcmp(text, pack->subject) != 0;
	pfree(text);
}

void
audit_end_change(const AuditLayout *layout, TupleTableSlot *slot, TupleTableSlot *old)
{
	AuditPack  *pack = credit_state.audit->last;

	pack->changes++;
	/* A change that moves a row from one subject to another is about both. */
	if (layout && old && layout->subject &&
		!audit_same_value(&layout->column[layout->subject - 1], old, slot, layout->subject - 1))
		pack->mixed = true;
	if (layout && slot && layout->subject && !pack->mixed)
		note_subject(pack, layout, slot);
	if (pack->image.len >= PACK_BYTES)
		pack->full = true;
}

/* ---------------------------------------------------------------------
 * Ends of transactions
 * ---------------------------------------------------------------------
 */

static void
audit_xact_callback(XactEvent event, void *arg)
{
	AuditState *state = credit_state.audit;

	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			write_packs(TopSubTransactionId);
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			/* The memory goes with the transaction. */
			state->first = state->last = NULL;
			state->context = NULL;
			state->next_n = 0;
			break;
		default:
			break;
	}
}

static void
audit_subxact_callback(SubXactEvent event, SubTransactionId subid, SubTransactionId parent,
					   void *arg)
{
	AuditState *state = credit_state.audit;

	if (event == SUBXACT_EVENT_PRE_COMMIT_SUB)
		write_packs(subid);
	else if (event == SUBXACT_EVENT_ABORT_SUB)
		while (state->last && state->last->subid == subid)
			forget_pack(state->last);
}

void
audit_install_callbacks(void)
{
	RegisterXactCallback(audit_xact_callback, NULL);
	RegisterSubXactCallback(audit_subxact_callback, NULL);
}
