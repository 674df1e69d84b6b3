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

/* Names the form: another form gets another name, and old events stay valid. */
static const char event_form[] = "credit audit event 1";
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
 * anew for every event.
 */
static EVP_MD_CTX *
begin_digest(void)
{
	AuditState *state = audit_state();

	if (!state->method)
		state->method = unconstify(EVP_MD *, EVP_sha256());
	if (!state->digest)
		state->digest = EVP_MD_CTX_new();
	check_openssl(state->digest != NULL);
	check_openssl(EVP_DigestInit_ex(state->digest, state->method, NULL));
	return state->digest;
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

static void
put_part(EVP_MD_CTX *digest, AuditBytes part)
{
	uint32		length = pg_hton32(part.data ? (uint32) part.length : NULL_LENGTH);

	check_openssl(EVP_DigestUpdate(digest, &length, sizeof(length)));
	if (part.data)
		check_openssl(EVP_DigestUpdate(digest, part.data, part.length));
}

void
audit_event_digest(const AuditEvent *event, uint8 *result)
{
	EVP_MD_CTX *digest = begin_digest();
	uint64		number[4];

	check_openssl(EVP_DigestUpdate(digest, event_form, sizeof(event_form)));
	number[0] = pg_hton64((uint64) event->node);
	number[1] = pg_hton64((uint64) event->xid);
	number[2] = pg_hton64((uint64) (uint32) event->n << 32 | (uint32) event->changes);
	number[3] = pg_hton64((uint64) event->at);
	check_openssl(EVP_DigestUpdate(digest, number, sizeof(number)));
	for (int i = 0; i < (int) lengthof(event->part); i++)
		put_part(digest, event->part[i]);
	check_openssl(EVP_DigestFinal_ex(digest, result, NULL));
}

static void
put_array(EVP_MD_CTX *digest, ArrayType *array)
{
	Datum	   *element;
	int			count;
	uint32		length;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &element, NULL, &count);
	length = pg_hton32((uint32) count);
	check_openssl(EVP_DigestUpdate(digest, &length, sizeof(length)));
	for (int i = 0; i < count; i++)
	{
		text	   *value = DatumGetTextPP(element[i]);

		put_part(digest, (AuditBytes)
				 {
					 VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)
				 });
	}
}

/* A layout is named by what it says, so a layout that was changed is found. */
pg_uuid_t
audit_layout_digest(AuditBytes relation, ArrayType *names, ArrayType *types, text *flags)
{
	EVP_MD_CTX *digest = begin_digest();
	uint8		result[AUDIT_DIGEST_LENGTH];
	pg_uuid_t	id;

	check_openssl(EVP_DigestUpdate(digest, layout_form, sizeof(layout_form)));
	put_part(digest, relation);
	put_array(digest, names);
	put_array(digest, types);
	put_part(digest, (AuditBytes)
			 {
				 VARDATA_ANY(flags), VARSIZE_ANY_EXHDR(flags)
			 });
	check_openssl(EVP_DigestFinal_ex(digest, result, NULL));
	memcpy(id.data, result, UUID_LEN);
	return id;
}
