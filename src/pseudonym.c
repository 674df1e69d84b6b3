/*
 * pseudonym.c
 *		The type credit.pseudonym, and the way from a code to it and back.
 *
 * Comparison and hashing are those of credit.code (code.c): both are unsigned
 * 64-bit numbers, and both hashes are frozen.
 *
 * The permutation works on all 2^64 numbers, so nothing has to be walked: a
 * code always gives a pseudonym, and a number that no code gives reveals to no
 * code, which is an error.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "code.h"
#include "credit_compat.h"
#include "pseudonym.h"
#include "pseudonym_ff1.h"
#include "pseudonym_key.h"
#include "pseudonym_key_noted.h"

PG_FUNCTION_INFO_V1(pseudonym_in);
PG_FUNCTION_INFO_V1(pseudonym_out);
PG_FUNCTION_INFO_V1(pseudonym_recv);
PG_FUNCTION_INFO_V1(pseudonym_send);
PG_FUNCTION_INFO_V1(pseudonym_of_code);
PG_FUNCTION_INFO_V1(pseudonym_reveal);
PG_FUNCTION_INFO_V1(pseudonym_code_behind);

#define SCOPE_MAX	63

/* ------------------------------------------------------------------------
 * Input and output
 * ------------------------------------------------------------------------
 */

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* A digit of base 32, as Crockford reads it: O is 0, I and L are 1. */
static int
digit_value(char c)
{
	const char *found;

	if (c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	if (c == 'O')
		return 0;
	if (c == 'I' || c == 'L')
		return 1;
	found = c ? strchr(digits, c) : NULL;
	return found ? found - digits : -1;
}

/* The number of a text; false if it is no pseudonym. */
static bool
read_pseudonym(const char *text, CreditPseudonym *value)
{
	CreditPseudonym number = 0;
	int			check = 0;

	if (strlen(text) != PSEUDONYM_LENGTH || (text[0] != 'P' && text[0] != 'p'))
		return false;
	for (int i = 1; i < PSEUDONYM_LENGTH; i++)
	{
		int			digit = digit_value(text[i]);

		if (digit < 0 || (i == 1 && digit > 15))
			return false;		/* 13 digits hold one bit more than 64 */
		if (i <= PSEUDONYM_DIGITS)
			number = number << 5 | digit;
		else
			check = check << 5 | digit;
	}
	*value = number;
	return check == (int) (number % PSEUDONYM_MODULUS);
}

/*
 * Refused text is never repeated: it may be a person's number.  The likeliest
 * mistake is a code where a pseudonym belongs, credit.pseudonym('...') with a
 * bare literal among them, which SQL reads as a cast.
 */
Datum
pseudonym_in(PG_FUNCTION_ARGS)
{
	CreditPseudonym value;

	if (!read_pseudonym(PG_GETARG_CSTRING(0), &value))
		ereturn(credit_soft_context(fcinfo), (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid pseudonym"),
				 errdetail("A pseudonym is P, 13 digits of base 32 and two check digits."),
				 errhint("For the pseudonym of a code write credit.pseudonym(credit.code '...')."),
				 errhidestmt(true)));
	PG_RETURN_PSEUDONYM(value);
}

Datum
pseudonym_out(PG_FUNCTION_ARGS)
{
	CreditPseudonym value = PG_GETARG_PSEUDONYM(0);
	int			check = value % PSEUDONYM_MODULUS;
	char	   *text = palloc(PSEUDONYM_LENGTH + 1);

	text[0] = 'P';
	for (int i = PSEUDONYM_DIGITS; i > 0; i--, value >>= 5)
		text[i] = digits[value & 31];
	text[PSEUDONYM_LENGTH - 2] = digits[check >> 5];
	text[PSEUDONYM_LENGTH - 1] = digits[check & 31];
	text[PSEUDONYM_LENGTH] = '\0';
	PG_RETURN_CSTRING(text);
}

/* Any 8 bytes are a pseudonym; fewer or more the server refuses. */
Datum
pseudonym_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_PSEUDONYM(pq_getmsgint64((StringInfo) PG_GETARG_POINTER(0)));
}

Datum
pseudonym_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint64(&buf, PG_GETARG_PSEUDONYM(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* ------------------------------------------------------------------------
 * Code to pseudonym and back
 * ------------------------------------------------------------------------
 */

/*
 * What one call site keeps between rows: the key schedule, the scope it was
 * prepared for, and the last answer, so that a constant argument is computed
 * once also where the planner asks for it row by row.
 */
typedef struct Site
{
	Ff1			ff1;
	uint64		generation;		/* of the keys the schedule comes from */
	int			scope_length;	/* -1: no scope is prepared */
	char		scope[SCOPE_MAX];
	bool		remembers;
	uint64		from;
	uint64		to;
	MemoryContextCallback gone;
} Site;

/* The schedule lies in libcrypto's memory: it goes, wiped, with the site. */
static void
end_site(void *arg)
{
	ff1_end(&((Site *) arg)->ff1);
}

static void
crypto_failed(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
			 errmsg("AES failed in libcrypto")));
}

/* The site with the schedule of the keys as they are now. */
static Site *
site_begin(FunctionCallInfo fcinfo)
{
	Site	   *site = fcinfo->flinfo->fn_extra;
	const KeyRing *ring;
	const Key  *key;

	if (site != NULL && site->generation == key_generation())
		return site;
	ring = key_ring();
	key_check_noted(ring);
	key = key_find(ring, KEY_PSEUDONYM, 0);
	if (site == NULL)
	{
		site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Site));
		site->gone.func = end_site;
		site->gone.arg = site;
		MemoryContextRegisterResetCallback(fcinfo->flinfo->fn_mcxt, &site->gone);
		fcinfo->flinfo->fn_extra = site;
	}
	else
		ff1_end(&site->ff1);
	site->generation = 0;		/* not usable until all is done */
	site->scope_length = -1;
	if (!ff1_begin(&site->ff1, key->bytes, KEY_BYTES, 2, 64))
		crypto_failed();
	site->generation = key_generation();
	return site;
}

/*
 * The scope is the tweak, byte for byte.  Only names that look the same in
 * every encoding and case: two spellings would be two scopes, unnoticed.
 */
static void
check_scope(const char *scope, int length)
{
	bool		good = length >= 1 && length <= SCOPE_MAX;

	for (int i = 0; good && i < length; i++)
		good = (scope[i] >= 'a' && scope[i] <= 'z') || scope[i] == '_' ||
			(scope[i] >= '0' && scope[i] <= '9');
	if (!good)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid scope of pseudonyms"),
				 errdetail("A scope has 1 to %d characters a-z, 0-9 and _.", SCOPE_MAX)));
}

static Site *
site_of(FunctionCallInfo fcinfo)
{
	text	   *scope = PG_GETARG_TEXT_PP(1);
	const char *bytes = VARDATA_ANY(scope);
	int			length = VARSIZE_ANY_EXHDR(scope);
	Site	   *site = site_begin(fcinfo);

	if (likely(site->scope_length == length &&
			   memcmp(site->scope, bytes, length) == 0))
		return site;
	check_scope(bytes, length);
	site->scope_length = -1;
	site->remembers = false;
	if (!ff1_tweak(&site->ff1, (const uint8 *) bytes, length))
		crypto_failed();
	memcpy(site->scope, bytes, length);
	site->scope_length = length;
	return site;
}

/* One number through the permutation, or the last answer again. */
static uint64
permute(Site *site, uint64 from,
		bool (*way) (const Ff1 *, uint64_t *, uint64_t *))
{
	uint64_t	left = from >> 32;
	uint64_t	right = from & PG_UINT32_MAX;

	if (site->remembers && site->from == from)
		return site->to;
	if (!way(&site->ff1, &left, &right))
		crypto_failed();
	site->from = from;
	site->to = left << 32 | right;
	site->remembers = true;
	return site->to;
}

Datum
pseudonym_of_code(PG_FUNCTION_ARGS)
{
	PG_RETURN_PSEUDONYM(permute(site_of(fcinfo), PG_GETARG_CODE(0),
								ff1_encrypt));
}

/*
 * A number that no code gave (another scope, another key) is refused if it
 * falls outside the values of codes, 15 of 100 do; the rest read as organisations
 * that do not exist, and 64 bits leave no room for a mark to tell.
 */
Datum
pseudonym_reveal(PG_FUNCTION_ARGS)
{
	CreditCode	code = permute(site_of(fcinfo), PG_GETARG_PSEUDONYM(0),
							   ff1_decrypt);

	if (!code_is_value(code))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("pseudonym reveals no code"),
				 errdetail("It was not made by this register in this scope.")));
	PG_RETURN_CODE(code);
}

/*
 * The same for who has to go on where nobody is behind a pseudonym: an error
 * caught in SQL costs a subtransaction for each row, and no parallel worker may
 * begin one.
 */
Datum
pseudonym_code_behind(PG_FUNCTION_ARGS)
{
	CreditCode	code = permute(site_of(fcinfo), PG_GETARG_PSEUDONYM(0),
							   ff1_decrypt);

	if (!code_is_value(code))
		PG_RETURN_NULL();
	PG_RETURN_CODE(code);
}
