/*
 * pseudonym_ff1.h
 *		FF1 format-preserving encryption (NIST SP 800-38G, method FF1).
 *
 * Pure C over libcrypto's AES: no PostgreSQL, no settings, no clock.
 *
 * A numeral string of n places is two numbers, its halves: the left one below
 * radix^u, the right one below radix^v.  Strings are the caller's affair.
 */
#ifndef PSEUDONYM_FF1_H
#define PSEUDONYM_FF1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FF1_ROUNDS	10

typedef struct Ff1
{
	void	   *aes;			/* EVP_CIPHER_CTX with the key's schedule */
	uint64_t	modulus[2];		/* radix^u, radix^v */
	int			bytes;			/* b: bytes of the greater half */
	int			digest;			/* d: bytes of S */
	uint8_t		head[16];		/* P, up to the tweak's length */
	uint8_t		chain[16];		/* PRF of all blocks before the last */
	uint8_t		last[16];		/* what is constant in the last block */
} Ff1;

/*
 * Takes a key of 16, 24 or 32 bytes.  False if libcrypto fails or the halves
 * are not below 2^63.  Ends with ff1_end(), which wipes the schedule.
 */
extern bool ff1_begin(Ff1 *ff1, const uint8_t *key, size_t key_length,
					  uint32_t radix, uint32_t n);
extern void ff1_end(Ff1 *ff1);

/* Everything that does not depend on the number, once for each tweak. */
extern bool ff1_tweak(Ff1 *ff1, const uint8_t *tweak, size_t length);

extern bool ff1_encrypt(const Ff1 *ff1, uint64_t *left, uint64_t *right);
extern bool ff1_decrypt(const Ff1 *ff1, uint64_t *left, uint64_t *right);

#endif							/* PSEUDONYM_FF1_H */
