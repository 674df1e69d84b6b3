/*
 * access_token.c
 *		What an application vouches with for the person who uses it.
 */
#include "postgres.h"

#include <time.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access.h"

PG_FUNCTION_INFO_V1(access_challenge);
PG_FUNCTION_INFO_V1(access_token_secret);
PG_FUNCTION_INFO_V1(access_token_person);

/* challenge() → text: what a token of this transaction has to be made for. */
Datum
access_challenge(PG_FUNCTION_ARGS)
{
	uint8		mac[ACCESS_MAC_LENGTH];
	char		hex[2 * ACCESS_MAC_LENGTH + 1];

	access_mac("credit.challenge", access_transaction(), mac);
	access_bytes_to_hex(mac, ACCESS_MAC_LENGTH, hex);
	PG_RETURN_TEXT_P(cstring_to_text(hex));
}

static void
application_secret(const char *application, char *hex)
{
	uint8		mac[ACCESS_MAC_LENGTH];

	access_mac("credit.token", application, mac);
	access_bytes_to_hex(mac, ACCESS_MAC_LENGTH, hex);
}

/*
 * token_secret(application) → text: with what that application signs tokens.
 * Derived, not stored: there is no table to steal it from.
 */
Datum
access_token_secret(PG_FUNCTION_ARGS)
{
	char		hex[2 * ACCESS_MAC_LENGTH + 1];

	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("only a superuser hands out the secret of an application")));
	application_secret(text_to_cstring(PG_GETARG_TEXT_PP(0)), hex);
	PG_RETURN_TEXT_P(cstring_to_text(hex));
}

/* One text for whatever is wrong with a token. */
static void
refuse_token(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
			 errmsg("the token is refused"),
			 errdetail("It was not made by this login's secret for this transaction, "
					   "or it has expired."),
			 errhint("Make it anew: an HMAC, by the hash function that credit.mac "
					 "names, over challenge:person:expiry.")));
}

/*
 * token_person(token) → text: the person for whom the application that is
 * connected vouches.  A token is person:expiry:mac, with the expiry in seconds
 * since 1970, and the mac taken over challenge:person:expiry with the text of
 * the secret as key.  The challenge is this transaction's, so that a token
 * cannot be used twice.
 */
Datum
access_token_person(PG_FUNCTION_ARGS)
{
	char	   *token = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *mac = strrchr(token, ':');
	char	   *expiry;
	char	   *end;
	char	   *challenge = TextDatumGetCString(access_challenge(NULL));
	char		secret[2 * ACCESS_MAC_LENGTH + 1];
	char	   *signed_hex;
	int64		seconds;

	if (!mac || strlen(mac + 1) != 2 * ACCESS_MAC_LENGTH)
		refuse_token();
	*mac++ = '\0';
	application_secret(GetUserNameFromId(GetSessionUserId(), false), secret);
	signed_hex = access_hmac_hex(secret, psprintf("%s:%s", challenge, token));
	explicit_bzero(secret, sizeof(secret));
	expiry = strrchr(token, ':');
	if (!access_same_mac((uint8 *) mac, (uint8 *) signed_hex) ||
		!access_same_mac((uint8 *) mac + ACCESS_MAC_LENGTH,
						 (uint8 *) signed_hex + ACCESS_MAC_LENGTH) || !expiry)
		refuse_token();
	*expiry++ = '\0';
	seconds = strtoll(expiry, &end, 10);
	if (*end || end == expiry || seconds < time(NULL) || seconds > time(NULL) + 86400)
		refuse_token();
	PG_RETURN_TEXT_P(cstring_to_text(token));
}
