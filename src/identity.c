/*
 * identity.c
 *		The identity vault's functions over envelopes, and the rotation of keys.
 *
 * Each subject has a data key of its own, which lies in its row in the envelope
 * of a master key of the key file.  Rotation rewraps data keys; the envelopes
 * of number and name stay as they are.  Erasing a data key erases both.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"

#include "identity_envelope.h"
#include "pseudonym.h"
#include "pseudonym_key.h"

PG_FUNCTION_INFO_V1(identity_new_key);
PG_FUNCTION_INFO_V1(identity_rewrap);
PG_FUNCTION_INFO_V1(identity_seal);
PG_FUNCTION_INFO_V1(identity_unseal);
PG_FUNCTION_INFO_V1(identity_key_version);
PG_FUNCTION_INFO_V1(identity_current_version);
PG_FUNCTION_INFO_V1(identity_rotate_keys);

static const Key *
current_master(void)
{
	return key_find(key_ring(), KEY_IDENTITY, 0);
}

static EnvelopeKind
kind_of(const text *field)
{
	const char *name = VARDATA_ANY(field);
	int			length = VARSIZE_ANY_EXHDR(field);

	if (length == 6 && memcmp(name, "number", 6) == 0)
		return ENVELOPE_NUMBER;
	if (length == 4 && memcmp(name, "name", 4) == 0)
		return ENVELOPE_NAME;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown field of an identity"),
			 errdetail("The fields are number and name.")));
}

Datum
identity_new_key(PG_FUNCTION_ARGS)
{
	DataKey		key;
	const Key  *master = current_master();
	bytea	   *envelope;

	data_key_make(&key);
	envelope = data_key_wrap(PG_GETARG_PSEUDONYM(0), &key, master);
	explicit_bzero(&key, sizeof(key));
	if (envelope == NULL)
		envelope_not_made();
	PG_RETURN_BYTEA_P(envelope);
}

/* The same data key in the envelope of the current master key. */
Datum
identity_rewrap(PG_FUNCTION_ARGS)
{
	CreditPseudonym subject = PG_GETARG_PSEUDONYM(0);
	DataKey		key;
	bytea	   *envelope;

	data_key_unwrap(subject, PG_GETARG_BYTEA_PP(1), &key);
	envelope = data_key_wrap(subject, &key, current_master());
	explicit_bzero(&key, sizeof(key));
	if (envelope == NULL)
		envelope_not_made();
	PG_RETURN_BYTEA_P(envelope);
}

Datum
identity_seal(PG_FUNCTION_ARGS)
{
	CreditPseudonym subject = PG_GETARG_PSEUDONYM(0);
	EnvelopeKind kind = kind_of(PG_GETARG_TEXT_PP(1));
	text	   *clear = PG_GETARG_TEXT_PP(2);
	size_t		length = VARSIZE_ANY_EXHDR(clear);
	DataKey		key;
	bytea	   *envelope;

	if (length > ENVELOPE_TEXT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("name is too long for the identity vault"),
				 errdetail("It takes %d bytes.", ENVELOPE_TEXT_MAX)));
	data_key_unwrap(subject, PG_GETARG_BYTEA_PP(3), &key);
	envelope = envelope_seal(subject, kind, VARDATA_ANY(clear), length, &key);
	explicit_bzero(&key, sizeof(key));
	if (envelope == NULL)
		envelope_not_made();
	PG_RETURN_BYTEA_P(envelope);
}

Datum
identity_unseal(PG_FUNCTION_ARGS)
{
	CreditPseudonym subject = PG_GETARG_PSEUDONYM(0);
	EnvelopeKind kind = kind_of(PG_GETARG_TEXT_PP(1));
	bytea	   *envelope = PG_GETARG_BYTEA_PP(2);
	DataKey		key;
	text	   *clear;

	data_key_unwrap(subject, PG_GETARG_BYTEA_PP(3), &key);
	clear = envelope_open(subject, kind, envelope, &key);
	explicit_bzero(&key, sizeof(key));
	if (clear == NULL)
		envelope_not_opened();
	PG_RETURN_TEXT_P(clear);
}

Datum
identity_key_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(envelope_key_version(PG_GETARG_BYTEA_PP(0)));
}

Datum
identity_current_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(current_master()->version);
}

/* ------------------------------------------------------------------------
 * Rotation
 * ------------------------------------------------------------------------
 */

/*
 * One chunk behind a subject (a text, or NULL at first); false if none was
 * left.  The definer function does the work: the caller needs no right on the
 * table.
 */
static bool
rotate_chunk(char **after, int32 size, int64 *total)
{
	Oid			types[2] = {TEXTOID, INT4OID};
	Datum		values[2];
	char		nulls[2] = {*after ? ' ' : 'n', ' '};
	bool		null;

	values[0] = *after ? CStringGetTextDatum(*after) : (Datum) 0;
	values[1] = Int32GetDatum(size);
	if (SPI_execute_with_args(
		"SELECT last, rotated FROM credit.rotate_keys_chunk(CAST($1 AS credit.pseudonym), $2)",
							  2, types, values, nulls, false, 1) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "rotate_keys_chunk() gave no row");
	*after = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	*total += DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0],
										  SPI_tuptable->tupdesc, 2, &null));
	SPI_freetuptable(SPI_tuptable);
	return *after != NULL;
}

/*
 * A procedure in C, for it must commit and may not be looked up in the caller's
 * search_path: PL/pgSQL can do one or the other.
 */
Datum
identity_rotate_keys(PG_FUNCTION_ARGS)
{
	int32		size = PG_GETARG_INT32(0);
	int			version = current_master()->version;
	char	   *after = NULL;
	int64		total = 0;

	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("rotate_keys() cannot run inside a transaction block"),
				 errhint("It commits after each chunk: call it by itself.")));
	if (size < 1 || size > 1000000)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("size of a chunk is out of range"),
				 errdetail("A chunk has 1 to 1000000 subjects.")));
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");
	while (rotate_chunk(&after, size, &total))
	{
		SPI_commit();
		CHECK_FOR_INTERRUPTS();
	}
	SPI_finish();
	ereport(NOTICE,
			(errmsg("%lld data keys were moved to key version %d",
					(long long) total, version)));
	PG_RETURN_VOID();
}
