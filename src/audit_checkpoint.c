/*
 * audit_checkpoint.c
 *		Heads of the chain: the tree over all seals, proofs that one head goes on
 *		from another, and the signature.
 *
 * The tree is that of RFC 6962 over the hashes of the seals, so that a proof
 * has as many hashes as the number of seals has bits.
 */
#include "postgres.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "audit.h"
#include "pseudonym_key.h"

PG_FUNCTION_INFO_V1(audit_tree);
PG_FUNCTION_INFO_V1(audit_proof);
PG_FUNCTION_INFO_V1(audit_proves);
PG_FUNCTION_INFO_V1(audit_sign);
PG_FUNCTION_INFO_V1(audit_signed);

#define PROOF_LENGTH	64		/* bits of a number of seals, at most */

typedef struct Leaves
{
	const uint8 **hash;
	int			count;
} Leaves;

/* Another length is a corruption (code) of what is stored, and a wrong argument of who asks. */
static const uint8 *
digest_bytes(Datum value, int code)
{
	bytea	   *bytes = DatumGetByteaPP(value);

	if (VARSIZE_ANY_EXHDR(bytes) != AUDIT_DIGEST_LENGTH)
		ereport(ERROR,
				(errcode(code),
				 errmsg("a hash of the audit has the wrong length")));
	return (const uint8 *) VARDATA_ANY(bytes);
}

static Leaves
read_leaves(ArrayType *array, int code)
{
	Leaves		leaves;
	Datum	   *element;
	bool	   *isnull;

	deconstruct_array(array, BYTEAOID, -1, false, TYPALIGN_INT, &element, &isnull, &leaves.count);
	leaves.hash = palloc(sizeof(uint8 *) * Max(leaves.count, 1));
	for (int i = 0; i < leaves.count; i++)
	{
		if (isnull[i])
			ereport(ERROR,
					(errcode(code),
					 errmsg("a hash of the audit is missing")));
		leaves.hash[i] = digest_bytes(element[i], code);
	}
	return leaves;
}

/* The root of the leaves from..before. */
static void
tree_root(const Leaves *leaves, int from, int before, uint8 *root)
{
	MerkleStack *stack = palloc0(sizeof(MerkleStack));

	for (int i = from; i < before; i++)
		audit_add_leaf(stack, leaves->hash[i]);
	audit_close_tree(stack);
	memcpy(root, stack->hash[0], AUDIT_DIGEST_LENGTH);
	pfree(stack);
}

static Datum
bytea_of(const uint8 *hash)
{
	return PointerGetDatum(cstring_to_text_with_len((const char *) hash, AUDIT_DIGEST_LENGTH));
}

Datum
audit_tree(PG_FUNCTION_ARGS)
{
	Leaves		leaves = read_leaves(PG_GETARG_ARRAYTYPE_P(0), ERRCODE_DATA_CORRUPTED);
	uint8		root[AUDIT_DIGEST_LENGTH];

	tree_root(&leaves, 0, leaves.count, root);
	PG_RETURN_DATUM(bytea_of(root));
}

/* The largest power of two below n. */
static int
split(int n)
{
	int			k = 1;

	while (k < n - k)
		k *= 2;
	return k;
}

/*
 * RFC 6962, 2.1.2: the hashes from which both roots, of the first ones and of
 * all, can be computed.
 */
Datum
audit_proof(PG_FUNCTION_ARGS)
{
	Leaves		leaves = read_leaves(PG_GETARG_ARRAYTYPE_P(0), ERRCODE_DATA_CORRUPTED);
	int			first = PG_GETARG_INT32(1);
	int			from = 0,
				before = leaves.count,
				count = 0;
	bool		whole = true;	/* the first ones are a subtree that needs no hash */
	Datum		proof[PROOF_LENGTH];
	uint8		root[AUDIT_DIGEST_LENGTH];

	if (first < 1 || first > leaves.count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no such seal")));
	while (first < before - from)
	{
		int			k = split(before - from);

		if (first <= k)
		{
			tree_root(&leaves, from + k, before, root);
			before = from + k;
		}
		else
		{
			tree_root(&leaves, from, from + k, root);
			from += k;
			first -= k;
			whole = false;
		}
		proof[count++] = bytea_of(root);
	}
	if (!whole)
	{
		tree_root(&leaves, from, before, root);
		proof[count++] = bytea_of(root);
	}
	/* From the leaves to the root. */
	for (int i = 0; i < count / 2; i++)
	{
		Datum		swap = proof[i];

		proof[i] = proof[count - 1 - i];
		proof[count - 1 - i] = swap;
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(proof, count, BYTEAOID, -1, false, TYPALIGN_INT));
}

static void
join(const uint8 *left, const uint8 *right, uint8 *result)
{
	AuditBytes	part[3] = {
		{"\1", 1},
		{(const char *) left, AUDIT_DIGEST_LENGTH},
		{(const char *) right, AUDIT_DIGEST_LENGTH}
	};

	audit_digest(part, 3, result);
}

/* RFC 9162, 2.1.4.2: does the proof lead to both roots? */
static bool
proof_holds(int64 first, int64 second, const uint8 *first_root, const uint8 *second_root,
			const Leaves *proof)
{
	uint8		one[AUDIT_DIGEST_LENGTH],
				two[AUDIT_DIGEST_LENGTH];
	int64		fn = first - 1,
				sn = second - 1;
	int			at = 0;

	if (first < 1 || first > second)
		return false;
	if (first == second)
		return proof->count == 0 && memcmp(first_root, second_root, AUDIT_DIGEST_LENGTH) == 0;
	for (; fn & 1; fn >>= 1)
		sn >>= 1;
	/* A power of two is a subtree whose hash is known already. */
	if (fn != 0 && proof->count == 0)
		return false;
	memcpy(one, fn == 0 ? first_root : proof->hash[at++], AUDIT_DIGEST_LENGTH);
	memcpy(two, one, AUDIT_DIGEST_LENGTH);
	for (; at < proof->count; at++)
	{
		if (sn == 0)
			return false;
		if ((fn & 1) || fn == sn)
		{
			join(proof->hash[at], one, one);
			join(proof->hash[at], two, two);
			for (; !(fn & 1) && fn != 0; fn >>= 1)
				sn >>= 1;
		}
		else
			join(two, proof->hash[at], two);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(one, first_root, AUDIT_DIGEST_LENGTH) == 0 &&
		memcmp(two, second_root, AUDIT_DIGEST_LENGTH) == 0;
}

Datum
audit_proves(PG_FUNCTION_ARGS)
{
	const int	code = ERRCODE_INVALID_PARAMETER_VALUE;
	Leaves		proof = read_leaves(PG_GETARG_ARRAYTYPE_P(4), code);

	PG_RETURN_BOOL(proof_holds(PG_GETARG_INT64(0), PG_GETARG_INT64(1),
							   digest_bytes(PG_GETARG_DATUM(2), code),
							   digest_bytes(PG_GETARG_DATUM(3), code), &proof));
}

/* ---------------------------------------------------------------------
 * Signatures
 * ---------------------------------------------------------------------
 */

static void
sign(const Key *key, bytea *digest, uint8 *mac)
{
	unsigned int length = AUDIT_DIGEST_LENGTH;

	if (!HMAC(EVP_sha256(), key->bytes, KEY_BYTES, (const uint8 *) VARDATA_ANY(digest),
			  VARSIZE_ANY_EXHDR(digest), mac, &length) || length != AUDIT_DIGEST_LENGTH)
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("HMAC of OpenSSL failed")));
}

/* The key of a version, 0 for the current one; NULL without a file or without it. */
static const Key *
signing_key(int version)
{
	if (!credit_state.key_file || !credit_state.key_file[0])
		return NULL;
	return key_find(key_ring(), KEY_AUDIT, version);
}

/* Version of the key and HMAC-SHA-256; NULLs if there is no key of audit. */
Datum
audit_sign(PG_FUNCTION_ARGS)
{
	const Key  *key = signing_key(0);
	TupleDesc	desc;
	Datum		value[2] = {0};
	bool		isnull[2] = {true, true};
	uint8		mac[AUDIT_DIGEST_LENGTH];

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	BlessTupleDesc(desc);
	if (key)
	{
		value[0] = Int32GetDatum(key->version);
		sign(key, PG_GETARG_BYTEA_PP(0), mac);
		value[1] = bytea_of(mac);
		isnull[0] = isnull[1] = false;
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, value, isnull)));
}

/* Whether this is the signature; NULL if the key is not here. */
Datum
audit_signed(PG_FUNCTION_ARGS)
{
	const Key  *key = signing_key(PG_GETARG_INT32(1));
	bytea	   *mac = PG_GETARG_BYTEA_PP(2);
	uint8		expected[AUDIT_DIGEST_LENGTH];

	/* Version 0 would mean the current key, whichever that is. */
	if (!key || PG_GETARG_INT32(1) < 1)
		PG_RETURN_NULL();
	sign(key, PG_GETARG_BYTEA_PP(0), expected);
	PG_RETURN_BOOL(VARSIZE_ANY_EXHDR(mac) == AUDIT_DIGEST_LENGTH &&
				   CRYPTO_memcmp(expected, VARDATA_ANY(mac), AUDIT_DIGEST_LENGTH) == 0);
}
