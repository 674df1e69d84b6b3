/*
 * pseudonym_key_noted.c
 *		Which keys the register of this database was made with.
 *
 * A register that was carried to another server without its key file would go
 * on with fresh keys, unnoticed: every person would be a second subject.  So
 * credit.note_keys() writes the mark of each key that the vault is written
 * with into credit_register.identity_key, which dumps carry, and nobody gets a
 * pseudonym from another key.
 *
 * The table is read without SPI and without regard to privileges: pseudonyms
 * are asked for in parallel workers, and by roles that may not read it.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_type_d.h"
#include "utils/rel.h"

#include "pseudonym_key_format.h"
#include "pseudonym_key_noted.h"
#include "register.h"

/* Columns of credit_register.identity_key. */
enum
{
	COL_PURPOSE, COL_VERSION, COL_MARK, COL_COUNT
};

static const RegisterColumn column[COL_COUNT] = {
	[COL_PURPOSE] = {"purpose", TEXTOID}, [COL_VERSION] = {"version", INT4OID},
	[COL_MARK] = {"mark", BYTEAOID}
};

/* One row: the key, if it is of the purpose and newer than what was found. */
static bool
read_row(HeapTuple tuple, TupleDesc desc, const AttrNumber *at, const char *name, NotedKey *noted)
{
	Datum		value[COL_COUNT];
	text	   *found;
	bytea	   *bytes;

	for (int i = 0; i < COL_COUNT; i++)
	{
		bool		isnull;

		value[i] = heap_getattr(tuple, at[i], desc, &isnull);
		if (isnull)
			return false;
	}
	found = DatumGetTextPP(value[COL_PURPOSE]);
	bytes = DatumGetByteaPP(value[COL_MARK]);
	if (VARSIZE_ANY_EXHDR(found) != strlen(name) ||
		memcmp(VARDATA_ANY(found), name, strlen(name)) != 0 ||
		VARSIZE_ANY_EXHDR(bytes) != KEY_MARK_BYTES ||
		DatumGetInt32(value[COL_VERSION]) <= noted->version)
		return false;
	noted->version = DatumGetInt32(value[COL_VERSION]);
	memcpy(noted->mark, VARDATA_ANY(bytes), KEY_MARK_BYTES);
	return true;
}

/*
 * By a snapshot of now, as for catalogues: an older one might not see what
 * another session has noted, and a worker may not take one of its own.
 */
bool
key_noted(KeyPurpose purpose, NotedKey *noted)
{
	AttrNumber	at[COL_COUNT];
	Relation	rel = register_try_open("identity_key", column, COL_COUNT, at);
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	noted->version = 0;
	if (rel == NULL)
		return false;
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	while ((tuple = systable_getnext(scan)) != NULL)
		found |= read_row(tuple, RelationGetDescr(rel), at, key_purpose_name(purpose), noted);
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

bool
key_is_noted(const KeyRing *ring, const NotedKey *noted)
{
	return memcmp(key_find(ring, KEY_PSEUDONYM, 0)->mark, noted->mark,
				  KEY_MARK_BYTES) == 0;
}

void
key_not_noted(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the register was made with another key file"),
			 errdetail("With this one every person would be a second subject."),
			 errhint("Put the key file that the register was made with in its place.")));
}

void
key_check_noted(const KeyRing *ring)
{
	NotedKey	noted;

	if (key_noted(KEY_PSEUDONYM, &noted) && !key_is_noted(ring, &noted))
		key_not_noted();
}
