/*
 * access_context.c
 *		The setting credit.context: signed, bound to one transaction of one
 *		session, verified once per value.
 *
 * A setting travels to parallel workers and ends with its transaction; a static
 * variable does neither.  Anybody may set it; only credit.enter() can sign it.
 */
#include "postgres.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/timestamp.h"

#include "access.h"
#include "credit.h"
#include "credit_compat.h"

#define HEX_LENGTH (2 * ACCESS_MAC_LENGTH)

/* Hash functions of GB/T 32905 and of FIPS 180-4, for the setting credit.mac. */
enum
{
	MAC_SHA256, MAC_SM3
};

static const char *const mac_digest[] = {[MAC_SHA256] = "SHA256", [MAC_SM3] = "SM3"};

static const struct config_enum_entry mac_options[] = {
	{"sha256", MAC_SHA256, false}, {"sm3", MAC_SM3, false}, {NULL, 0, false}
};

static const char *const access_duty_names[ACCESS_DUTIES] = {
	"credit_admin", "credit_provider", "credit_window", "credit_reviewer",
	"credit_publisher", "credit_auditor", "credit_citizen", "credit_analyst"
};

AccessState *
access_state(void)
{
	if (!credit_state.access)
		credit_state.access = MemoryContextAllocZero(TopMemoryContext, sizeof(AccessState));
	return credit_state.access;
}

/* Cached plans are made anew.  Neither fails nor reads anything. */
void
access_plan_anew(void)
{
	AccessState *state = access_state();

	ResetPlanCache();
	state->whole = false;
	state->planned = state->entered;
}

/*
 * A new value, also one that comes back after a subtransaction: look at it anew.
 * Before the transaction ends, plans go that may not do for it: without filters
 * when mandates go, made after leave() when they come back, any when it cannot be
 * told, as of a value that was not signed last.  At its end that would cost whoever
 * enters again a plan each time.
 */
static void
context_assigned(const char *value, void *extra)
{
	AccessState *state = credit_state.access;

	if (!state)
		return;
	if (!IsTransactionState() ? GetCurrentTransactionNestLevel() > 1 :
		(state->whole && state->context) || state->planned != state->entered ||
		(value && *value && strncmp(value, state->last, HEX_LENGTH) != 0))
		access_plan_anew();
	state->checked = false;
}

/* A library of OpenSSL may lack a function, or be forbidden to use it. */
static bool
check_mac(int *value, void **extra, GucSource source)
{
	uint8		mac[EVP_MAX_MD_SIZE];
	unsigned int length = 0;
	const EVP_MD *digest = EVP_get_digestbyname(mac_digest[*value]);

	if (digest && HMAC(digest, "", 0, (const uint8 *) "", 0, mac, &length) &&
		length == ACCESS_MAC_LENGTH)
		return true;
	GUC_check_errdetail("This OpenSSL does not offer %s.", mac_digest[*value]);
	return false;
}

void
access_define_setting(void)
{
	DefineCustomEnumVariable("credit.mac",
							 "Hash function of the signatures of contexts and tokens.",
							 NULL,
							 &credit_state.mac,
							 MAC_SHA256,
							 mac_options,
							 PGC_SIGHUP,
							 0,
							 check_mac, NULL, NULL);
	DefineCustomStringVariable("credit.context",
							   "Signed mandates of this transaction; set by credit.enter().",
							   NULL,
							   &credit_state.context,
							   "",
							   PGC_USERSET,
							   GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE |
							   GUC_SUPERUSER_ONLY,
							   NULL, context_assigned, NULL);
}

/* The place of a duty role among the duties, or -1. */
int
access_duty(const char *name)
{
	for (int i = 0; i < ACCESS_DUTIES; i++)
		if (strcmp(name, access_duty_names[i]) == 0)
			return i;
	return -1;
}

const char *
access_duty_name(int duty)
{
	return access_duty_names[duty];
}

/* May a mandate with this duty inquire? */
bool
access_inquires(int duty)
{
	return duty == access_duty("credit_window") || duty == access_duty("credit_provider") ||
		duty == access_duty("credit_reviewer");
}

void
access_bytes_to_hex(const uint8 *bytes, int count, char *hex)
{
	hex[hex_encode((const char *) bytes, count, hex)] = '\0';
}

static void
compute_hmac(const uint8 *key, int key_length, const char *text, uint8 *mac)
{
	if (!HMAC(credit_state.mac == MAC_SM3 ? EVP_get_digestbyname(mac_digest[MAC_SM3]) :
			  EVP_sha256(), key, key_length, (const uint8 *) text, strlen(text), mac, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute an HMAC")));
}

/*
 * The MAC of a text, by a key of this cluster.  The secret is the random nonce
 * that initdb leaves in the control file: no SQL reaches it, every backend,
 * parallel worker and standby has it, and no table has to be read for it.
 * Each use has a key of its own.
 */
void
access_mac(const char *use, const char *text, uint8 *mac)
{
	uint8		key[ACCESS_MAC_LENGTH];

	compute_hmac((const uint8 *) GetMockAuthenticationNonce(), 32, use, key);
	compute_hmac(key, sizeof(key), text, mac);
	explicit_bzero(key, sizeof(key));
}

/* The MAC of a text by a text, in hexadecimal digits. */
char *
access_hmac_hex(const char *key, const char *text)
{
	uint8		mac[ACCESS_MAC_LENGTH];
	char	   *hex = palloc(HEX_LENGTH + 1);

	compute_hmac((const uint8 *) key, strlen(key), text, mac);
	access_bytes_to_hex(mac, ACCESS_MAC_LENGTH, hex);
	return hex;
}

/* In constant time: how far two MACs agree is nobody's business. */
bool
access_same_mac(const uint8 *a, const uint8 *b)
{
	uint8		difference = 0;

	for (int i = 0; i < ACCESS_MAC_LENGTH; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}

/*
 * This transaction of this session, as text: no other one, earlier or later or
 * beside it, has the same.  Numbers of virtual transactions go on when a
 * session ends, and start anew only with the server.
 */
char *
access_transaction(void)
{
	PGPROC	   *proc = access_leader();

	return psprintf("%u/%u/%d/%d/%u/" INT64_FORMAT, GetSessionUserId(), MyDatabaseId,
					proc->pid, (int) credit_proc_number(proc), credit_proc_lxid(proc),
					(int64) PgStartTime);
}

/*
 * The MAC of a context.  Each transaction makes one, so the key of this use is
 * kept: it is no more of a secret in this process than the nonce it comes from.
 */
void
access_context_mac(const char *text, uint8 *mac)
{
	AccessState *state = access_state();

	if (state->key_mac != credit_state.mac + 1)
	{
		compute_hmac((const uint8 *) GetMockAuthenticationNonce(), 32, "credit.context",
					 state->key);
		state->key_mac = credit_state.mac + 1;
	}
	compute_hmac(state->key, sizeof(state->key), text, mac);
}

/* The signature, then what was signed, which begins with the transaction. */
static bool
signature_holds(const char *value)
{
	uint8		mac[ACCESS_MAC_LENGTH];
	char		hex[HEX_LENGTH + 1];
	char	   *transaction;
	size_t		length;

	if (strlen(value) <= HEX_LENGTH)
		return false;
	access_context_mac(value + HEX_LENGTH, mac);
	access_bytes_to_hex(mac, ACCESS_MAC_LENGTH, hex);
	if (!access_same_mac((const uint8 *) hex, (const uint8 *) value) ||
		!access_same_mac((const uint8 *) hex + ACCESS_MAC_LENGTH,
						 (const uint8 *) value + ACCESS_MAC_LENGTH))
		return false;
	transaction = access_transaction();
	length = strlen(transaction);
	return strncmp(value + HEX_LENGTH, transaction, length) == 0 &&
		value[HEX_LENGTH + length] == ';';
}

/* Takes a value over, if its signature holds; what it finds is good until the next assignment. */
static void
take(AccessState *state, const char *value, bool signed_here)
{
	state->context = NULL;
	if (state->memory)
		MemoryContextReset(state->memory);
	else
		state->memory = AllocSetContextCreate(TopMemoryContext, "credit context",
											  ALLOCSET_SMALL_SIZES);
	if (value && *value && (signed_here || signature_holds(value)))
	{
		state->context = access_parse(strchr(value + HEX_LENGTH, ';') + 1, state->memory);
		memcpy(state->taken, value, HEX_LENGTH);
	}
	state->user = GetSessionUserId();
	state->lxid = credit_proc_lxid(access_leader());
	state->checked = true;
}

/* For access_context(), when something has changed. */
AccessState *
access_verified(void)
{
	AccessState *state = access_state();

	take(state, credit_state.context, false);
	return state;
}

static uint64
context_shape(void)
{
	const AccessContext *context = access_context();

	return context ? context->shape : 0;
}

/* A plan is being made that may outlive these grants. */
void
access_note_plan(void)
{
	access_state()->planned = context_shape();
}

/* The same of a plan that has no filter. */
void
access_note_whole(void)
{
	access_note_plan();
	access_state()->whole = true;
}

/*
 * New grants, in a context that has just been signed: cached plans that were made
 * for grants of another shape are made anew, as an index condition of the one
 * would be wrong or slow for the other.
 */
void
access_note_entry(const char *context)
{
	AccessState *state = access_state();
	const char *value = credit_state.context;
	uint64		shape;

	take(state, value, value && strcmp(value, context) == 0);
	shape = context_shape();
	if (state->planned != shape || state->entered != shape)
		access_plan_anew();
	state->planned = state->entered = shape;
}
