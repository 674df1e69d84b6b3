/*
 * pseudonym_key.c
 *		The keys of this process: setting, reading, and when they are stale.
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "miscadmin.h"
#include "utils/guc.h"

#include "credit.h"
#include "pseudonym_key.h"
#include "pseudonym_key_file.h"
#include "pseudonym_key_format.h"

/* Behind credit_state.keys, in pages of its own. */
typedef struct KeyStore
{
	uint64		generation;
	bool		loaded;
	KeyFileId	id;				/* of the file that was read */
	KeyRing		ring;
} KeyStore;

/* A value that is no absolute path would depend on the server's directory. */
static bool
check_key_file(char **newval, void **extra, GucSource source)
{
	if (**newval != '\0' && !is_absolute_path(*newval))
	{
		GUC_check_errdetail("The path of the key file must be absolute.");
		return false;
	}
	return true;
}

/* Only marks: reading may fail, and an assign hook must not. */
static void
assign_key_file(const char *newval, void *extra)
{
	if (credit_state.keys != NULL)
	{
		explicit_bzero(&credit_state.keys->ring, sizeof(KeyRing));
		credit_state.keys->loaded = false;
		credit_state.keys->generation++;
	}
}

void
key_define_setting(void)
{
	DefineCustomStringVariable("credit.key_file",
							   "File with the keys of pseudonyms and identities.",
							   "An absolute path outside the data directory; the file belongs to the server's user and nobody else may read it.",
							   &credit_state.key_file,
							   "",
							   PGC_SUSET,
							   GUC_SUPERUSER_ONLY | GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE,
							   check_key_file, assign_key_file, NULL);
}

/*
 * Pages of our own, kept out of core dumps and, where the system lets us, out
 * of swap.  They live as long as the process; the kernel clears them then.
 */
static KeyStore *
make_store(void)
{
	void	   *pages = mmap(NULL, sizeof(KeyStore), PROT_READ | PROT_WRITE,
							 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory"),
				 errdetail("No pages for keys could be had.")));
#ifdef MADV_DONTDUMP
	(void) madvise(pages, sizeof(KeyStore), MADV_DONTDUMP);
#endif
	(void) mlock(pages, sizeof(KeyStore));
	return pages;
}

const KeyRing *
key_ring(void)
{
	KeyStore   *store;
	KeyFileId	now;

	if (credit_state.keys == NULL)
		credit_state.keys = make_store();
	store = credit_state.keys;
	if (store->loaded && key_file_id(credit_state.key_file, &now) &&
		memcmp(&now, &store->id, sizeof(now)) == 0)
		return &store->ring;

	/* Nothing of the old keys stays, also when the new ones are refused. */
	explicit_bzero(&store->ring, sizeof(KeyRing));
	store->loaded = false;
	store->generation++;
	key_file_load(credit_state.key_file, &store->ring, &store->id);
	store->loaded = true;
	return &store->ring;
}

uint64
key_generation(void)
{
	return credit_state.keys ? credit_state.keys->generation : 0;
}

const Key *
key_find(const KeyRing *ring, KeyPurpose purpose, int version)
{
	const Key  *found = NULL;

	for (int i = 0; i < ring->count; i++)
	{
		const Key  *key = &ring->keys[i];

		if (key->purpose != purpose)
			continue;
		if (version != 0 ? key->version == version :
			found == NULL || key->version > found->version)
			found = key;
	}
	return found;
}

void
key_missing(int version)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("key version %d is not in the key file", version),
			 errhint(
				"Put the key file that was in use when the value was written back in its place.")));
}
