/*
 * pseudonym_ff1.c
 *		FF1 format-preserving encryption (NIST SP 800-38G, method FF1).
 *
 * The standard's PRF is the CBC-MAC of P || Q.  Only the last block of Q holds
 * the round and the half, so all blocks before it are computed once for each
 * tweak: a call costs ten AES blocks, one a round, however long the tweak is.
 */
#include "pseudonym_ff1.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

/* CIPH_K of one block. */
static bool
cipher_block(const Ff1 *ff1, const uint8_t in[16], uint8_t out[16])
{
	int			length = 0;

	return EVP_EncryptUpdate(ff1->aes, out, &length, in, 16) == 1 &&
		length == 16;
}

/* radix^places, or 0 if that is not below 2^63. */
static uint64_t
power(uint64_t radix, uint32_t places)
{
	uint64_t	product = 1;

	for (uint32_t i = 0; i < places; i++)
	{
		if (product > (UINT64_C(1) << 63) / radix)
			return 0;
		product *= radix;
	}
	return product < UINT64_C(1) << 63 ? product : 0;
}

static void
put_number(uint8_t *out, int bytes, uint64_t number)
{
	for (int i = bytes - 1; i >= 0; i--, number >>= 8)
		out[i] = number & 0xFF;
}

bool
ff1_begin(Ff1 *ff1, const uint8_t *key, size_t key_length, uint32_t radix,
		  uint32_t n)
{
	const EVP_CIPHER *cipher = key_length == 32 ? EVP_aes_256_ecb() :
		key_length == 24 ? EVP_aes_192_ecb() : EVP_aes_128_ecb();
	uint32_t	u = n / 2;
	uint32_t	v = n - u;
	int			bits = 0;

	memset(ff1, 0, sizeof(*ff1));
	if (radix < 2 || radix > 65536 || u < 1)
		return false;
	ff1->modulus[0] = power(radix, u);
	ff1->modulus[1] = power(radix, v);
	if (ff1->modulus[0] == 0 || ff1->modulus[1] == 0)
		return false;

	/* b = ceil(ceil(v log2 radix) / 8), d = 4 ceil(b / 4) + 4 <= 12. */
	for (uint64_t rest = ff1->modulus[1] - 1; rest > 0; rest >>= 1)
		bits++;
	ff1->bytes = (bits + 7) / 8;
	ff1->digest = 4 * ((ff1->bytes + 3) / 4) + 4;

	ff1->head[0] = 1;
	ff1->head[1] = 2;
	ff1->head[2] = 1;
	put_number(ff1->head + 3, 3, radix);
	ff1->head[6] = FF1_ROUNDS;
	ff1->head[7] = u & 0xFF;
	put_number(ff1->head + 8, 4, n);

	ff1->aes = EVP_CIPHER_CTX_new();
	if (ff1->aes == NULL ||
		EVP_EncryptInit_ex(ff1->aes, cipher, NULL, key, NULL) != 1 ||
		EVP_CIPHER_CTX_set_padding(ff1->aes, 0) != 1)
	{
		ff1_end(ff1);
		return false;
	}
	return ff1_tweak(ff1, NULL, 0);
}

void
ff1_end(Ff1 *ff1)
{
	EVP_CIPHER_CTX_free(ff1->aes);	/* wipes the key schedule */
	OPENSSL_cleanse(ff1, sizeof(*ff1));
}

bool
ff1_tweak(Ff1 *ff1, const uint8_t *tweak, size_t length)
{
	/* Q is T, zeros, the round and the half, in whole blocks. */
	size_t		constant = 16 - ff1->bytes - 1;
	size_t		blocks = (length + ff1->bytes + 1 + 15) / 16;
	uint8_t		block[16];

	if (length > UINT32_MAX)
		return false;
	memcpy(block, ff1->head, 12);
	put_number(block + 12, 4, length);
	if (!cipher_block(ff1, block, ff1->chain))
		return false;
	for (size_t i = 0; i < blocks; i++)
	{
		size_t		at = i * 16;
		size_t		room = i + 1 < blocks ? 16 : constant;
		size_t		take = at >= length ? 0 :
			length - at < room ? length - at : room;

		memset(block, 0, sizeof(block));
		if (take > 0)
			memcpy(block, tweak + at, take);
		if (i + 1 == blocks)
		{
			memcpy(ff1->last, block, sizeof(block));
			break;
		}
		for (int j = 0; j < 16; j++)
			block[j] ^= ff1->chain[j];
		if (!cipher_block(ff1, block, ff1->chain))
			return false;
	}
	return true;
}

/* y mod m, where y is the number in the first d bytes of the PRF. */
static bool
round_number(const Ff1 *ff1, int round, uint64_t half, uint64_t m, uint64_t *y)
{
	uint8_t		block[16];
	uint64_t	high = 0;
	uint64_t	low = 0;
	int			d = ff1->digest;

	memcpy(block, ff1->last, sizeof(block));
	block[15 - ff1->bytes] = round;
	put_number(block + 16 - ff1->bytes, ff1->bytes, half);
	for (int i = 0; i < 16; i++)
		block[i] ^= ff1->chain[i];
	if (!cipher_block(ff1, block, block))
		return false;
	for (int i = 0; i < d - 8; i++)
		high = high << 8 | block[i];
	for (int i = d - 8; i < d; i++)
		low = low << 8 | block[i];
	if ((m & (m - 1)) == 0)
		*y = low & (m - 1);		/* a power of two, as for codes */
	else
		*y = (uint64_t) (((unsigned __int128) high << 64 | low) % m);
	return true;
}

bool
ff1_encrypt(const Ff1 *ff1, uint64_t *left, uint64_t *right)
{
	uint64_t	a = *left;
	uint64_t	b = *right;

	for (int i = 0; i < FF1_ROUNDS; i++)
	{
		uint64_t	m = ff1->modulus[i & 1];
		uint64_t	y;

		if (!round_number(ff1, i, b, m, &y))
			return false;
		y = (a + y) % m;		/* both below 2^63 */
		a = b;
		b = y;
	}
	*left = a;
	*right = b;
	return true;
}

bool
ff1_decrypt(const Ff1 *ff1, uint64_t *left, uint64_t *right)
{
	uint64_t	a = *left;
	uint64_t	b = *right;

	for (int i = FF1_ROUNDS - 1; i >= 0; i--)
	{
		uint64_t	m = ff1->modulus[i & 1];
		uint64_t	y;

		if (!round_number(ff1, i, a, m, &y))
			return false;
		y = (b + m - y) % m;
		b = a;
		a = y;
	}
	*left = a;
	*right = b;
	return true;
}
