/*
 * pseudonym_key_format.c
 *		The text of a key file.
 *
 *	credit-keys 1
 *	# comment
 *	pseudonym 1 2026-11-26 <64 hexadecimal digits> <6 hexadecimal digits>
 *	identity 1 2026-11-26 ...
 *	audit 1 2026-11-26 ...
 *
 * purpose, version, day of making, key, check value.  The check value is the
 * first three bytes of AES-256(key, "credit key check"): it shows a damaged
 * line and tells two keys apart.  Not of a block of zeros, as is usual: that
 * is the secret GCM authenticates with.
 *
 * The mark is HMAC-SHA-256(key, "credit register key: " and the purpose).  The
 * register keeps it to know its keys again (pseudonym_key_noted.c), so it is
 * frozen.  Who has it could test a key, of which there are 2^256, and nothing
 * that he could guess: no number goes into it.
 */
#include "postgres.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "pseudonym_key_format.h"

#define KEY_FILE_FIRST	"credit-keys 1"

/* The longest line that is written: it decides that a full ring has room. */
StaticAssertDecl(KEY_MAX * 128 + 1024 < KEY_FILE_SIZE, "a full ring fits the file");

static const char *const purpose_names[] = {"pseudonym", "identity", "audit"};

const char *
key_purpose_name(KeyPurpose purpose)
{
	return purpose_names[purpose];
}

bool
key_find_purpose(const char *name, size_t length, KeyPurpose *purpose)
{
	for (int i = 0; i < (int) lengthof(purpose_names); i++)
		if (length == strlen(purpose_names[i]) && memcmp(name, purpose_names[i], length) == 0)
		{
			*purpose = i;
			return true;
		}
	return false;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Exactly so many bytes of lower-case hexadecimal. */
static bool
read_hex(const char *text, size_t length, uint8 *out, size_t bytes)
{
	if (length != bytes * 2)
		return false;
	for (size_t i = 0; i < bytes; i++)
	{
		int			high = hex_digit(text[2 * i]);
		int			low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = high << 4 | low;
	}
	return true;
}

static void
write_hex(char *out, const uint8 *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++)
	{
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * count] = '\0';
}

/* The check value of a key; false if libcrypto fails. */
static bool
check_value(const uint8 *key, uint8 out[KEY_CHECK_BYTES])
{
	EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
	uint8		block[16];
	int			length = 0;
	bool		good;

	memcpy(block, "credit key check", sizeof(block));
	good = aes != NULL &&
		EVP_EncryptInit_ex(aes, EVP_aes_256_ecb(), NULL, key, NULL) == 1 &&
		EVP_CIPHER_CTX_set_padding(aes, 0) == 1 &&
		EVP_EncryptUpdate(aes, block, &length, block, 16) == 1;

	EVP_CIPHER_CTX_free(aes);
	memcpy(out, block, KEY_CHECK_BYTES);
	return good;
}

/* The mark of a key; false if libcrypto fails. */
static bool
make_mark(Key *key)
{
	char		text[64];
	int			length = snprintf(text, sizeof(text), "credit register key: %s",
								  key_purpose_name(key->purpose));

	return HMAC(EVP_sha256(), key->bytes, KEY_BYTES, (const uint8 *) text, length,
				key->mark, NULL) != NULL;
}

/* Cuts the next word, of what lies between blanks, off the line. */
static size_t
next_word(const char **at, const char *end, const char **word)
{
	while (*at < end && (**at == ' ' || **at == '\t'))
		(*at)++;
	*word = *at;
	while (*at < end && **at != ' ' && **at != '\t')
		(*at)++;
	return *at - *word;
}

/* One line that is no comment, into *key; NULL or what is wrong with it. */
static const char *
read_line(const char *at, const char *end, Key *key)
{
	const char *word;
	size_t		length = next_word(&at, end, &word);
	uint8		check[KEY_CHECK_BYTES];

	if (!key_find_purpose(word, length, &key->purpose))
		return "A line does not begin with \"pseudonym\", \"identity\" or \"audit\".";

	length = next_word(&at, end, &word);
	key->version = 0;
	for (size_t i = 0; i < length; i++)
	{
		if (word[i] < '0' || word[i] > '9' || length > 6)
			return "A version is not a number of at most six digits.";
		key->version = key->version * 10 + (word[i] - '0');
	}
	if (key->version == 0)
		return "A version is missing or zero.";

	length = next_word(&at, end, &word);
	if (length != 10 || strspn(word, "0123456789-") < 10)
		return "A line has no day of the form YYYY-MM-DD.";
	memcpy(key->created, word, 10);
	key->created[10] = '\0';

	length = next_word(&at, end, &word);
	if (!read_hex(word, length, key->bytes, KEY_BYTES))
		return "A key is not 64 lower-case hexadecimal digits.";
	length = next_word(&at, end, &word);
	if (!read_hex(word, length, key->check, KEY_CHECK_BYTES) ||
		next_word(&at, end, &word) != 0)
		return "A line does not end with a check value of six hexadecimal digits.";
	if (!check_value(key->bytes, check) ||
		memcmp(check, key->check, KEY_CHECK_BYTES) != 0)
		return "A key does not have the check value behind it: the line is damaged.";
	if (!make_mark(key))
		return "HMAC of OpenSSL failed.";
	return NULL;
}

/* Does the new key, the last one, go with those before it? */
static const char *
check_among(const KeyRing *ring)
{
	const Key  *last = &ring->keys[ring->count - 1];

	for (int i = 0; i < ring->count - 1; i++)
	{
		if (ring->keys[i].purpose != last->purpose)
			continue;
		if (last->purpose == KEY_PSEUDONYM)
			return "There is more than one key of pseudonyms; a register has one for life.";
		if (ring->keys[i].version == last->version)
			return "A version is there twice.";
	}
	return NULL;
}

const char *
key_read_text(const char *text, size_t length, KeyRing *ring, int *line)
{
	const char *at = text;
	const char *end = text + length;
	const char *fault = NULL;

	ring->count = 0;
	*line = 0;
	while (at < end && fault == NULL)
	{
		const char *stop = memchr(at, '\n', end - at);
		const char *next = stop ? stop + 1 : end;

		stop = stop ? stop : end;
		(*line)++;
		if (*line == 1)
		{
			if (stop - at != strlen(KEY_FILE_FIRST) ||
				memcmp(at, KEY_FILE_FIRST, stop - at) != 0)
				fault = "The first line is not \"" KEY_FILE_FIRST "\".";
		}
		else if (stop > at && *at != '#')
		{
			if (ring->count == KEY_MAX)
				return "There are more than 64 keys.";
			fault = read_line(at, stop, &ring->keys[ring->count]);
			if (fault == NULL)
			{
				ring->count++;
				fault = check_among(ring);
			}
		}
		at = next;
	}
	if (fault != NULL)
		return fault;
	*line = 0;
	if (key_find(ring, KEY_PSEUDONYM, 0) == NULL ||
		key_find(ring, KEY_IDENTITY, 0) == NULL)
		return "It lacks a key of pseudonyms or a key of identity.";
	return NULL;
}

size_t
key_write_text(const KeyRing *ring, char *text)
{
	size_t		used = snprintf(text, KEY_FILE_SIZE, "%s\n%s%s%s", KEY_FILE_FIRST,
								"# The keys of a credit register: purpose, version, day, key, check value.\n",
								"# Keep a copy off this machine: without it no subject can be named again.\n",
								"# Whoever reads this file and the database can name every subject.\n");

	for (int i = 0; i < ring->count; i++)
	{
		const Key  *key = &ring->keys[i];
		char		hex[KEY_BYTES * 2 + 1];
		char		check[KEY_CHECK_BYTES * 2 + 1];

		write_hex(hex, key->bytes, KEY_BYTES);
		write_hex(check, key->check, KEY_CHECK_BYTES);
		used += snprintf(text + used, KEY_FILE_SIZE - used, "%s %d %s %s %s\n",
						 key_purpose_name(key->purpose), key->version,
						 key->created, hex, check);
		explicit_bzero(hex, sizeof(hex));
	}
	return used;
}

bool
key_add_random(KeyRing *ring, KeyPurpose purpose, const char *created)
{
	Key		   *key = &ring->keys[ring->count];
	const Key  *current = key_find(ring, purpose, 0);

	if (ring->count == KEY_MAX)
		return false;
	key->purpose = purpose;
	key->version = current ? current->version + 1 : 1;
	strlcpy(key->created, created, sizeof(key->created));
	if (!pg_strong_random(key->bytes, KEY_BYTES) ||
		!check_value(key->bytes, key->check))
		return false;
	ring->count++;
	return true;
}
