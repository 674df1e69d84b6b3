/*
 * identity_envelope.h
 *		Envelopes of the identity vault: AES-256-GCM, bound to row and column.
 *
 *	byte 0			format, 1
 *	byte 1			what is inside: K data key, N number, A name
 *	bytes 2-5		the key: version in the key file (K), or the data key's own
 *					random id (N, A); most significant first
 *	bytes 6-17		nonce, random
 *	then			ciphertext
 *	last 16			tag
 *
 * The tag covers the first six bytes and the subject as well, so an envelope
 * moved to another row or column, or given another key, does not open.
 */
#ifndef IDENTITY_ENVELOPE_H
#define IDENTITY_ENVELOPE_H

#include "postgres.h"

#include "pseudonym.h"
#include "pseudonym_key.h"

#define ENVELOPE_FORMAT		1
#define ENVELOPE_HEAD		6
#define ENVELOPE_NONCE		12
#define ENVELOPE_TAG		16
#define ENVELOPE_OVERHEAD	(ENVELOPE_HEAD + ENVELOPE_NONCE + ENVELOPE_TAG)
#define ENVELOPE_BLOCK		32	/* names are padded to this, not to tell their length */
#define ENVELOPE_TEXT_MAX	1000	/* bytes */

typedef enum EnvelopeKind
{
	ENVELOPE_KEY = 'K',
	ENVELOPE_NUMBER = 'N',
	ENVELOPE_NAME = 'A'
} EnvelopeKind;

/* The key of one subject's envelopes; callers wipe it. */
typedef struct DataKey
{
	uint32		id;
	uint8		bytes[KEY_BYTES];
} DataKey;

/*
 * A fresh data key; any data key in the envelope of a master key, and out of
 * it.  What returns an envelope or a text returns NULL if it fails, so that the
 * caller wipes its data key before it raises the error.
 */
extern void data_key_make(DataKey *key);
extern bytea *data_key_wrap(CreditPseudonym subject, const DataKey *key,
							const Key *master);
extern void data_key_unwrap(CreditPseudonym subject, const bytea *envelope,
							DataKey *key);

/* Text in the envelope of a data key, and out of it. */
extern bytea *envelope_seal(CreditPseudonym subject, EnvelopeKind kind,
							const char *text, size_t length,
							const DataKey *key);
extern text *envelope_open(CreditPseudonym subject, EnvelopeKind kind,
						   const bytea *envelope, const DataKey *key);

/* The errors for NULL. */
credit_noreturn extern void envelope_not_made(void);
credit_noreturn extern void envelope_not_opened(void);

/* The version of the master key that a data key's envelope names. */
extern int32 envelope_key_version(const bytea *envelope);

#endif							/* IDENTITY_ENVELOPE_H */
