/*
 * identity_envelope.c
 *		Envelopes of the identity vault: AES-256-GCM, bound to row and column.
 *
 * OpenSSL's GCM and not pgcrypto: pgcrypto's encrypt() is not authenticated,
 * its pgp_sym_encrypt() takes no associated data, and both take the key as an
 * SQL value.
 *
 * Nothing raises an error while a key or a clear text lies in a buffer: what
 * fails gives NULL, the buffer is wiped, and then the error is raised.
 */
#include "postgres.h"

#include <openssl/evp.h>

#include "port/pg_bswap.h"
#include "utils/builtins.h"

#include "identity_envelope.h"

/* What a data key's envelope holds: id and key. */
#define DATA_KEY_SIZE	(4 + KEY_BYTES)

/* The longest clear text: two bytes of length, the text, padding. */
#define PLAIN_MAX		(2 + ENVELOPE_TEXT_MAX + ENVELOPE_BLOCK)

StaticAssertDecl(ENVELOPE_OVERHEAD == 34, "the envelope is an on-disk format");

void
envelope_not_made(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
			 errmsg("AES-GCM or the random numbers failed in a library")));
}

/* The same words for every way of being wrong: they are no help for forgers. */
void
envelope_not_opened(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("an envelope of the identity vault cannot be opened"),
			 errdetail("It was changed, or belongs to another row, column or key.")));
}

/* What the tag covers besides the ciphertext. */
static void
associated_data(const uint8 *head, CreditPseudonym subject,
				uint8 out[ENVELOPE_HEAD + 8])
{
	uint64		big = pg_hton64(subject);

	memcpy(out, head, ENVELOPE_HEAD);
	memcpy(out + ENVELOPE_HEAD, &big, 8);
}

/* Encrypts (to: nonce is set) or decrypts; false if libcrypto says no. */
static bool
run_gcm(bool encrypt, const uint8 *key, const uint8 *data, int data_length,
		const uint8 *nonce, const uint8 *in, int length, uint8 *out, uint8 *tag)
{
	EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
	int			done = 0;
	bool		good = gcm != NULL &&
		EVP_CipherInit_ex(gcm, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) == 1 &&
		EVP_CipherUpdate(gcm, NULL, &done, data, data_length) == 1 &&
		EVP_CipherUpdate(gcm, out, &done, in, length) == 1 && done == length;

	if (good && !encrypt)
		good = EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_SET_TAG, ENVELOPE_TAG, tag) == 1;
	good = good && EVP_CipherFinal_ex(gcm, out + length, &done) == 1;
	if (good && encrypt)
		good = EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_GET_TAG, ENVELOPE_TAG, tag) == 1;
	EVP_CIPHER_CTX_free(gcm);
	return good;
}

/* The envelope of a clear text, or NULL. */
static bytea *
seal(CreditPseudonym subject, EnvelopeKind kind, uint32 key_id,
	 const uint8 *key, const uint8 *plain, int length)
{
	bytea	   *envelope = palloc(VARHDRSZ + ENVELOPE_OVERHEAD + length);
	uint8	   *head = (uint8 *) VARDATA(envelope);
	uint8	   *nonce = head + ENVELOPE_HEAD;
	uint8	   *cipher = nonce + ENVELOPE_NONCE;
	uint8		data[ENVELOPE_HEAD + 8];
	uint32		big = pg_hton32(key_id);

	SET_VARSIZE(envelope, VARHDRSZ + ENVELOPE_OVERHEAD + length);
	head[0] = ENVELOPE_FORMAT;
	head[1] = kind;
	memcpy(head + 2, &big, 4);
	associated_data(head, subject, data);
	if (!pg_strong_random(nonce, ENVELOPE_NONCE) ||
		!run_gcm(true, key, data, sizeof(data), nonce, plain, length, cipher,
				 cipher + length))
		return NULL;
	return envelope;
}

/*
 * The clear text, of so many bytes at most (with room for a tag behind them);
 * its length, or -1.
 */
static int
unseal(CreditPseudonym subject, const bytea *envelope, const uint8 *key,
	   uint8 *plain, int most)
{
	const uint8 *head = (const uint8 *) VARDATA_ANY(envelope);
	int			length = (int) VARSIZE_ANY_EXHDR(envelope) - ENVELOPE_OVERHEAD;
	const uint8 *nonce = head + ENVELOPE_HEAD;
	const uint8 *cipher = nonce + ENVELOPE_NONCE;
	uint8		data[ENVELOPE_HEAD + 8];
	uint8		tag[ENVELOPE_TAG];

	if (length < 1 || length > most)
		return -1;
	associated_data(head, subject, data);
	memcpy(tag, cipher + length, sizeof(tag));
	return run_gcm(false, key, data, sizeof(data), nonce, cipher, length,
				   plain, tag) ? length : -1;
}

static bool
is_envelope(const bytea *envelope, EnvelopeKind kind)
{
	const uint8 *head = (const uint8 *) VARDATA_ANY(envelope);

	return VARSIZE_ANY_EXHDR(envelope) > ENVELOPE_OVERHEAD &&
		head[0] == ENVELOPE_FORMAT && head[1] == kind;
}

static uint32
read_key_id(const bytea *envelope)
{
	uint32		id;

	memcpy(&id, VARDATA_ANY(envelope) + 2, sizeof(id));
	return pg_ntoh32(id);
}

int32
envelope_key_version(const bytea *envelope)
{
	uint32		version;

	if (!is_envelope(envelope, ENVELOPE_KEY))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("not the envelope of a data key"),
				 errdetail("An envelope names its format and what is inside.")));
	version = read_key_id(envelope);
	return version > PG_INT32_MAX ? 0 : (int32) version;
}

/* ------------------------------------------------------------------------
 * Data keys
 * ------------------------------------------------------------------------
 */

void
data_key_make(DataKey *key)
{
	if (!pg_strong_random(&key->id, sizeof(key->id)) ||
		!pg_strong_random(key->bytes, KEY_BYTES))
		envelope_not_made();
}

bytea *
data_key_wrap(CreditPseudonym subject, const DataKey *key, const Key *master)
{
	uint8		plain[DATA_KEY_SIZE];
	uint32		big = pg_hton32(key->id);
	bytea	   *envelope;

	memcpy(plain, &big, 4);
	memcpy(plain + 4, key->bytes, KEY_BYTES);
	envelope = seal(subject, ENVELOPE_KEY, master->version, master->bytes,
					plain, sizeof(plain));
	explicit_bzero(plain, sizeof(plain));
	return envelope;
}

void
data_key_unwrap(CreditPseudonym subject, const bytea *envelope, DataKey *key)
{
	uint8		plain[DATA_KEY_SIZE + ENVELOPE_TAG];
	int32		version = envelope_key_version(envelope);
	const Key  *master = version == 0 ? NULL :
		key_find(key_ring(), KEY_IDENTITY, version);
	int			length;
	uint32		id;

	if (master == NULL)
		key_missing(version);
	length = unseal(subject, envelope, master->bytes, plain, DATA_KEY_SIZE);
	if (length == DATA_KEY_SIZE)
	{
		memcpy(&id, plain, 4);
		key->id = pg_ntoh32(id);
		memcpy(key->bytes, plain + 4, KEY_BYTES);
	}
	explicit_bzero(plain, sizeof(plain));
	if (length != DATA_KEY_SIZE)
		envelope_not_opened();
}

/* ------------------------------------------------------------------------
 * Texts
 * ------------------------------------------------------------------------
 */

bytea *
envelope_seal(CreditPseudonym subject, EnvelopeKind kind, const char *text,
			  size_t length, const DataKey *key)
{
	uint8		plain[PLAIN_MAX] = {0};
	int			padded = TYPEALIGN(ENVELOPE_BLOCK, 2 + length);
	bytea	   *envelope;

	Assert(length <= ENVELOPE_TEXT_MAX);
	plain[0] = length >> 8;
	plain[1] = length & 0xFF;
	memcpy(plain + 2, text, length);
	envelope = seal(subject, kind, key->id, key->bytes, plain, padded);
	explicit_bzero(plain, sizeof(plain));
	return envelope;
}

text *
envelope_open(CreditPseudonym subject, EnvelopeKind kind,
			  const bytea *envelope, const DataKey *key)
{
	uint8		plain[PLAIN_MAX + ENVELOPE_TAG];
	text	   *result = NULL;
	int			length;

	if (!is_envelope(envelope, kind) || read_key_id(envelope) != key->id)
		return NULL;
	length = unseal(subject, envelope, key->bytes, plain, PLAIN_MAX);
	if (length >= 2 && (plain[0] << 8 | plain[1]) <= length - 2)
		result = cstring_to_text_with_len((char *) plain + 2,
										  plain[0] << 8 | plain[1]);
	explicit_bzero(plain, sizeof(plain));
	return result;
}
