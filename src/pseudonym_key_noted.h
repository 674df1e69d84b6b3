/*
 * pseudonym_key_noted.h
 *		Which keys the register of this database was made with.
 */
#ifndef PSEUDONYM_KEY_NOTED_H
#define PSEUDONYM_KEY_NOTED_H

#include "pseudonym_key.h"

typedef struct NotedKey
{
	int			version;
	uint8		mark[KEY_MARK_BYTES];
} NotedKey;

/* The newest key that the register noted of a purpose; false if none. */
extern bool key_noted(KeyPurpose purpose, NotedKey *noted);

/* Is the key of pseudonyms the noted one? */
extern bool key_is_noted(const KeyRing *ring, const NotedKey *noted);

/* Error 55000 if the register was made with another key of pseudonyms. */
extern void key_check_noted(const KeyRing *ring);

credit_noreturn extern void key_not_noted(void);

#endif							/* PSEUDONYM_KEY_NOTED_H */
