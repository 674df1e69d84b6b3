/*
 * pseudonym_key_format.h
 *		The text of a key file.
 */
#ifndef PSEUDONYM_KEY_FORMAT_H
#define PSEUDONYM_KEY_FORMAT_H

#include "pseudonym_key.h"

#define KEY_FILE_SIZE	16384	/* bytes at most */

/*
 * Reads the text into the ring.  NULL if it is a key file, else a sentence
 * that says what is wrong; *line is the line, 0 for the whole.
 */
extern const char *key_read_text(const char *text, size_t length,
								 KeyRing *ring, int *line);

/* Writes the ring as text, at most KEY_FILE_SIZE bytes; returns the length. */
extern size_t key_write_text(const KeyRing *ring, char *text);

/* Adds a fresh random key; false if there is no room or no randomness. */
extern bool key_add_random(KeyRing *ring, KeyPurpose purpose,
						   const char *created);

extern const char *key_purpose_name(KeyPurpose purpose);

/* False if no purpose has this name. */
extern bool key_find_purpose(const char *name, size_t length, KeyPurpose *purpose);

#endif							/* PSEUDONYM_KEY_FORMAT_H */
