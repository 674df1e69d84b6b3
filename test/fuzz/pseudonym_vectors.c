/*
 * pseudonym_vectors.c
 *		The FF1 core against the samples that NIST published with SP 800-38G
 *		("FF1samples", AES-128, -192 and -256), and against a plain second
 *		reading of the standard at the size that codes use.
 *
 * One line of TAP for each check.  test/t/100_pseudonym.pl builds and runs it:
 *		cc -Isrc test/fuzz/pseudonym_vectors.c src/pseudonym_ff1.c -lcrypto
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "pseudonym_ff1.h"

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* The longest key; the shorter ones are its beginnings. */
static const uint8_t key[32] = {
	0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6,
	0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C,
	0xEF, 0x43, 0x59, 0xD8, 0xD5, 0x80, 0xAA, 0x4F,
	0x7F, 0x03, 0x6D, 0x6F, 0x04, 0xFC, 0x6A, 0x94
};

static const struct
{
	int			key;
	int			radix;
	const char *tweak;
	const char *plain;
	const char *cipher;
}			samples[] = {
	{16, 10, "", "0123456789", "2433477484"},
	{16, 10, "9876543210", "0123456789", "6124200773"},
	{16, 36, "7777pqrs777", "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
	{24, 10, "", "0123456789", "2830668132"},
	{24, 10, "9876543210", "0123456789", "2496655549"},
	{24, 36, "7777pqrs777", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
	{32, 10, "", "0123456789", "6657667009"},
	{32, 10, "9876543210", "0123456789", "1001623463"},
	{32, 36, "7777pqrs777", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
};

static int	number;
static int	failed;

static void
ok(int good, const char *what, int which)
{
	printf("%sok %d - %s %d\n", good ? "" : "not ", ++number, what, which);
	failed += !good;
}

static uint64_t
to_number(const char *s, int length, int radix)
{
	uint64_t	n = 0;

	for (int i = 0; i < length; i++)
		n = n * radix + (strchr(digits, s[i]) - digits);
	return n;
}

static void
to_string(uint64_t n, int length, int radix, char *out)
{
	while (length-- > 0)
	{
		out[length] = digits[n % radix];
		n /= radix;
	}
}

static void
check_samples(void)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
	{
		Ff1			ff1;
		int			radix = samples[i].radix;
		int			n = strlen(samples[i].plain);
		int			u = n / 2;
		uint64_t	left = to_number(samples[i].plain, u, radix);
		uint64_t	right = to_number(samples[i].plain + u, n - u, radix);
		uint64_t	from_left = left;
		uint64_t	from_right = right;
		char		out[32] = "";

		ok(ff1_begin(&ff1, key, samples[i].key, radix, n) &&
		   ff1_tweak(&ff1, (const uint8_t *) samples[i].tweak,
					 strlen(samples[i].tweak)) &&
		   ff1_encrypt(&ff1, &left, &right), "NIST sample runs:", i + 1);
		to_string(left, u, radix, out);
		to_string(right, n - u, radix, out + u);
		ok(strcmp(out, samples[i].cipher) == 0, "NIST sample encrypts:", i + 1);
		ok(ff1_decrypt(&ff1, &left, &right) && left == from_left &&
		   right == from_right, "NIST sample decrypts:", i + 1);
		ff1_end(&ff1);
	}
}

/* Radix 2, 64 places: the standard, step by step, nothing computed ahead. */
static uint64_t
plain_ff1(const uint8_t *tweak, int t, uint64_t value)
{
	EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
	uint32_t	a = value >> 32;
	uint32_t	b = value;

	EVP_EncryptInit_ex(aes, EVP_aes_256_ecb(), NULL, key, NULL);
	EVP_CIPHER_CTX_set_padding(aes, 0);
	for (int i = 0; i < 10; i++)
	{
		uint8_t		text[16 + 256 + 32] = {1, 2, 1, 0, 0, 2, 10, 32, 0, 0, 0, 64, 0, 0, t >> 8, t};
		uint8_t		r[16] = {0};
		int			q = t + (16 - (t + 5) % 16) % 16;
		int			got;
		uint32_t	c;

		if (t > 0)
			memcpy(text + 16, tweak, t);
		text[16 + q] = i;
		for (int j = 0; j < 4; j++)
			text[16 + q + 1 + j] = b >> (24 - 8 * j);
		for (int at = 0; at < 16 + q + 5; at += 16)
		{
			for (int j = 0; j < 16; j++)
				r[j] ^= text[at + j];
			EVP_EncryptUpdate(aes, r, &got, r, 16);
		}
		/* S is eight bytes, and modulo 2^32 its last four. */
		c = a + ((uint32_t) r[4] << 24 | r[5] << 16 | r[6] << 8 | r[7]);
		a = b;
		b = c;
	}
	EVP_CIPHER_CTX_free(aes);
	return (uint64_t) a << 32 | b;
}

static void
check_codes(void)
{
	Ff1			ff1;
	uint64_t	value = 370323;

	ok(ff1_begin(&ff1, key, 32, 2, 64), "64 bits begin", 0);
	for (int t = 0; t <= 80; t++)
	{
		uint8_t		tweak[80];
		int			good = 1;

		for (int i = 0; i < t; i++)
			tweak[i] = 'a' + (i * 7 + t) % 26;
		good &= ff1_tweak(&ff1, tweak, t);
		for (int i = 0; i < 200; i++)
		{
			uint64_t	left;
			uint64_t	right;

			value = value * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			left = value >> 32;
			right = value & UINT32_MAX;
			good &= ff1_encrypt(&ff1, &left, &right) &&
				(left << 32 | right) == plain_ff1(tweak, t, value);
			good &= ff1_decrypt(&ff1, &left, &right) && (left << 32 | right) == value;
		}
		ok(good, "200 numbers of 64 bits, tweak of bytes:", t);
	}
	ff1_end(&ff1);
	ok(!ff1_begin(&ff1, key, 32, 2, 130), "halves that do not fit are refused", 0);
	ok(!ff1_begin(&ff1, key, 32, 1, 10), "radix 1 is refused", 0);
	ok(!ff1_begin(&ff1, key, 32, 10, 1), "one place is refused", 0);
}

int
main(void)
{
	check_samples();
	check_codes();
	printf("1..%d\n", number);
	return failed > 0;
}
