/*
 * pseudonym_key_file.h
 *		The key file on disk: who may have touched it, reading, making.
 */
#ifndef PSEUDONYM_KEY_FILE_H
#define PSEUDONYM_KEY_FILE_H

#include "pseudonym_key.h"

/* What changes when a file is replaced, written, or given other rights. */
typedef struct KeyFileId
{
	uint64		device;
	uint64		inode;
	int64		size;
	int64		modified;		/* nanoseconds */
	int64		changed;		/* nanoseconds */
} KeyFileId;

/* False if there is no such file. */
extern bool key_file_id(const char *path, KeyFileId *id);

/* Checks and reads; raises 55000, with the ring wiped, if anything is wrong. */
extern void key_file_load(const char *path, KeyRing *ring, KeyFileId *id);

#endif							/* PSEUDONYM_KEY_FILE_H */
