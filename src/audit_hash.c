/*
 * audit_hash.c
 *		The one canonical form of an event, and its SHA-256.
 *
 * Every part is preceded by its length, and a NULL has a length of its own, so
 * that no two events have the same bytes.  Only stored values go in, none of
 * this server's own (OIDs, LSN, physical order): a restored dump verifies.
 */
#include "postgres.h"

#include <openssl/evp.h>

#include "port/pg_bswap.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "audit.h"

#define NULL_LENGTH		PG_UINT32_MAX

/*
 * Names the form: another form gets another name, and old events stay valid.
 * The zero before it makes the hash of an event a leaf hash of RFC 6962.
 */
static const char event_form[] = "\0credit audit event 1";
static const char layout_form[] = "credit audit layout 1";

StaticAssertDecl(AUDIT_DIGEST_LENGTH == 32, "the digest is SHA-256");

static void
check_openssl(int ok)
{
	if (ok != 1)
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("SHA-256 of OpenSSL failed")));
}

/*
 * Context and method are OpenSSL's own memory and are kept for the session:
 * the server's pg_cryptohash would belong to a resource owner and make both
 * anew for every event.  A method that was not fetched would be looked for, under
 * locks, at each use.
 */
static EVP_MD_CTX *
begin_digest(void)
{
	AuditState *state = audit_state();

	if (unlikely(!state->method))
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
		state->method = EVP_MD_fetch(NULL, "SHA256", NULL);
#else
		state->method = unconstify(EVP_MD *, EVP_sha256());
#endif
	if (unlikely(!state->digest))
		state->digest = EVP_MD_CTX_new();
	check_openssl(state->digest != NULL && state->method != NULL);
	check_openssl(EVP_DigestInit_ex(state->digest, state->method, NULL));
	return state->digest;
}

/* Small parts are gathered: a call of OpenSSL costs more than their bytes. */
typedef struct Gatherer
{
	EVP_MD_CTX *digest;
	size_t		used;
	uint8		bytes[1024];
} Gatherer;

static inline void
gather_flush(Gatherer *gather)
{
	if (gather->used > 0)
		check_openssl(EVP_DigestUpdate(gather->digest, gather->bytes, gather->used));
	gather->used = 0;
}

static inline void
gather_put(Gatherer *gather, const void *bytes, size_t length)
{
	if (unlikely(length > sizeof(gather->bytes) - gather->used))
	{
		gather_flush(gather);
		if (length > sizeof(gather->bytes))
		{
			check_openssl(EVP_DigestUpdate(gather->digest, bytes, length));
			return;
		}
	}
	memcpy(gather->bytes + gather->used, bytes, length);
	gather->used += length;
}

/* Of the parts one after another, as they are. */
void
audit_digest(const AuditBytes *part, int count, uint8 *result)
{
	EVP_MD_CTX *digest = begin_digest();

	for (int i = 0; i < count; i++)
		check_openssl(EVP_DigestUpdate(digest, part[i].data, part[i].length));
	check_openssl(EVP_DigestFinal_ex(digest, result, NULL));
}

static inline void
put_part(Gatherer *gather, AuditBytes part)
{
	uint32		length = pg_hton32(part.data ? (uint32) part.length : NULL_LENGTH);

	gather_put(gather, &length, sizeof(length));
	if (part.data)
		gather_put(gather, part.data, part.length);
}

void
audit_event_digest(const AuditEvent *event, uint8 *result)
{
	Gatherer	gather;
	uint64		number[4];

	gather.digest = begin_digest();
	gather.used = 0;
	gather_put(&gather, event_form, sizeof(event_form));
	number[0] = pg_hton64((uint64) event->node);
	number[1] = pg_hton64((uint64) event->xid);
	number[2] = pg_hton64((uint64) (uint32) event->n << 32 | (uint32) event->changes);
	number[3] = pg_hton64((uint64) event->at);
	gather_put(&gather, number, sizeof(number));
	for (int i = 0; i < (int) lengthof(event->part); i++)
		put_part(&gather, event->part[i]);
	gather_flush(&gather);
	check_openssl(EVP_DigestFinal_ex(gather.digest, result, NULL));
}

static void
put_array(Gatherer *gather, ArrayType *array)
{
	Datum	   *element;
	int			count;
	uint32		length;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &element, NULL, &count);
	length = pg_hton32((uint32) count);
	gather_put(gather, &length, sizeof(length));
	for (int i = 0; i < count; i++)
	{
		text	   *value = DatumGetTextPP(element[i]);

		put_part(gather, (AuditBytes)
				 {
					 VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)
				 });
	}
}

/* A layout is named by what it says, so a layout that was changed is found. */
pg_uuid_t
audit_layout_digest(AuditBytes relation, ArrayType *names, ArrayType *types, text *flags)
{
	Gatherer	gather;
	uint8		result[AUDIT_DIGEST_LENGTH];
	pg_uuid_t	id;

	gather.digest = begin_digest();
	gather.used = 0;
	gather_put(&gather, layout_form, sizeof(layout_form));
	put_part(&gather, relation);
	put_array(&gather, names);
	put_array(&gather, types);
	put_part(&gather, (AuditBytes)
			 {
				 VARDATA_ANY(flags), VARSIZE_ANY_EXHDR(flags)
			 });
	gather_flush(&gather);
	check_openssl(EVP_DigestFinal_ex(gather.digest, result, NULL));
	memcpy(id.data, result, UUID_LEN);
	return id;
}
