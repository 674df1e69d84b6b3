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
#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_class_d.h"
#include "catalog/pg_type_d.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "pseudonym_key_format.h"
#include "pseudonym_key_noted.h"

/* Columns of credit_register.identity_key, in the order of its making. */
enum
{
	COL_PURPOSE = 1, COL_VERSION, COL_MARK,
	COL_COUNT = COL_MARK
};

/* The table, locked, or NULL where there is no register. */
static Relation
open_table(void)
{
	static const Oid type[COL_COUNT] = {TEXTOID, INT4OID, BYTEAOID};
	Oid			schema = get_namespace_oid("credit_register", true);
	Oid			relid = OidIsValid(schema) ?
		get_relname_relid("identity_key", schema) : InvalidOid;
	Relation	rel = OidIsValid(relid) ?
		try_relation_open(relid, AccessShareLock) : NULL;
	bool		ok;

	if (rel == NULL)
		return NULL;
	ok = rel->rd_rel->relkind == RELKIND_RELATION &&
		RelationGetDescr(rel)->natts >= COL_COUNT;
	for (int i = 0; ok && i < COL_COUNT; i++)
		ok = TupleDescAttr(RelationGetDescr(rel), i)->atttypid == type[i];
	if (!ok)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s.%s\" is not as the extension made it",
						"credit_register", "identity_key")));
	return rel;
}

/* One row: the key, if it is of the purpose and newer than what was found. */
static bool
read_row(HeapTuple tuple, TupleDesc desc, const char *name, NotedKey *noted)
{
	bool		null[COL_COUNT];
	Datum		purpose = heap_getattr(tuple, COL_PURPOSE, desc, &null[0]);
	Datum		version = heap_getattr(tuple, COL_VERSION, desc, &null[1]);
	Datum		mark = heap_getattr(tuple, COL_MARK, desc, &null[2]);
	text	   *found;
	bytea	   *bytes;

	if (null[0] || null[1] || null[2])
		return false;
	found = DatumGetTextPP(purpose);
	bytes = DatumGetByteaPP(mark);
	if (VARSIZE_ANY_EXHDR(found) != strlen(name) ||
		memcmp(VARDATA_ANY(found), name, strlen(name)) != 0 ||
		VARSIZE_ANY_EXHDR(bytes) != KEY_MARK_BYTES ||
		DatumGetInt32(version) <= noted->version)
		return false;
	noted->version = DatumGetInt32(version);
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
	Relation	rel = open_table();
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	noted->version = 0;
	if (rel == NULL)
		return false;
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	while ((tuple = systable_getnext(scan)) != NULL)
		found |= read_row(tuple, RelationGetDescr(rel),
						  key_purpose_name(purpose), noted);
	systable_endscan(scan);
	relation_close(rel, AccessShareLock);
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
