/*
 * pseudonym_key.h
 *		The key file of a register, and the keys read from it.
 *
 * Keys exist in the file and in this process's memory, in pages that are kept
 * out of core dumps.  No SQL value, setting, message or log line holds one.
 */
#ifndef PSEUDONYM_KEY_H
#define PSEUDONYM_KEY_H

#include "postgres.h"

#include "credit_compat.h"

#define KEY_BYTES		32		/* AES-256 */
#define KEY_MAX			64		/* keys in a file */
#define KEY_CHECK_BYTES	3
#define KEY_MARK_BYTES	32

typedef enum KeyPurpose
{
	KEY_PSEUDONYM,				/* one for the register's life */
	KEY_IDENTITY,				/* wraps data keys; the greatest version is current */
	KEY_AUDIT					/* signs checkpoints of the audit; likewise */
} KeyPurpose;

typedef struct Key
{
	KeyPurpose	purpose;
	int			version;		/* 1 and up */
	char		created[11];	/* YYYY-MM-DD, for the reader */
	uint8		bytes[KEY_BYTES];
	uint8		check[KEY_CHECK_BYTES]; /* see pseudonym_key_format.c */
	uint8		mark[KEY_MARK_BYTES];	/* of a key that was read: likewise */
} Key;

typedef struct KeyRing
{
	int			count;
	Key			keys[KEY_MAX];
} KeyRing;

/* Defines the setting credit.key_file; called once, by _PG_init. */
extern void key_define_setting(void);

/*
 * The keys as the file has them now; error 55000 if there are none.  Valid
 * until the next call.  Costs one lstat() while the file stays as it was.
 */
extern const KeyRing *key_ring(void);

/* Changes when the keys do: what was derived from older ones is out of date. */
extern uint64 key_generation(void);

/* The key of a version, or NULL; version 0 means the current one. */
extern const Key *key_find(const KeyRing *ring, KeyPurpose purpose,
						   int version);

/* For a ciphertext whose key is not there: error 55000. */
credit_noreturn extern void key_missing(int version);

#endif							/* PSEUDONYM_KEY_H */
