/*
 * audit_layout.c
 *		What the columns of an audited table are now, and the catalogue of what
 *		they ever were: an image is read by the layout it was written with.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "audit.h"

enum
{
	LAYOUT_ID,
	LAYOUT_RELATION,
	LAYOUT_NAMES,
	LAYOUT_TYPES,
	LAYOUT_FLAGS,
	LAYOUT_COLUMNS
};

/* Values of these types are OIDs, which mean nothing in a restored database. */
static bool
holds_oid(Oid type)
{
	switch (type)
	{
		case REGPROCOID:
		case REGPROCEDUREOID:
		case REGOPEROID:
		case REGOPERATOROID:
		case REGCLASSOID:
		case REGCOLLATIONOID:
		case REGTYPEOID:
		case REGROLEOID:
		case REGNAMESPACEOID:
		case REGCONFIGOID:
		case REGDICTIONARYOID:
		case ACLITEMOID:
			return true;
		default:
			return false;
	}
}

/* Enums, rows, ranges and arrays of a user's types have OIDs inside them. */
static bool
is_portable(Oid type)
{
	Oid			base = getBaseType(type);
	Oid			element = get_base_element_type(base);

	if (get_typtype(base) != TYPTYPE_BASE || holds_oid(base))
		return false;
	return !OidIsValid(element) ||
		(element < FirstNormalObjectId && get_typtype(element) == TYPTYPE_BASE &&
		 !holds_oid(element));
}

/*
 * Columns of type credit.code hold personal numbers; they are secret whether
 * the trigger names them or not.
 */
static bool
is_secret(Form_pg_attribute att, Oid code_type, int nargs, char **args)
{
	if (OidIsValid(code_type) &&
		(getBaseType(att->atttypid) == code_type ||
		 get_base_element_type(getBaseType(att->atttypid)) == code_type))
		return true;
	for (int i = 2; i < nargs; i++)
		if (strcmp(args[i], NameStr(att->attname)) == 0)
			return true;
	return false;
}

static void
describe_column(AuditLayout *layout, Form_pg_attribute att, Bitmapset *key, Oid code_type,
				int nargs, char **args)
{
	AuditColumn *column = &layout->column[att->attnum - 1];
	bool		is_subject = nargs > 1 && strcmp(args[1], NameStr(att->attname)) == 0;
	Oid			output;
	bool		is_varlena;

	column->byval = att->attbyval;
	column->length = att->attlen;
	if (is_secret(att, code_type, nargs, args))
		column->how = AUDIT_SECRET;
	else
		column->how = is_portable(att->atttypid) ? AUDIT_PLAIN : AUDIT_TEXT;
	column->is_key = is_subject ||
		bms_is_member(att->attnum - FirstLowInvalidHeapAttributeNumber, key);
	if (is_subject && column->how != AUDIT_SECRET)
		layout->subject = att->attnum;
	getTypeOutputInfo(att->atttypid, &output, &is_varlena);
	fmgr_info_cxt(output, &column->output, layout->context);
}

/* The letter in the catalogue; audit_decode.c reads it. */
static char
column_flag(const AuditLayout *layout, int i)
{
	const AuditColumn *column = &layout->column[i];

	if (layout->subject == i + 1)
		return column->how == AUDIT_PLAIN ? AUDIT_SUBJECT_PLAIN : AUDIT_SUBJECT_TEXT;
	return column->is_key ? pg_toupper(column->how) : column->how;
}

/* Fills everything but relid; the caller is in the layout's context. */
static void
describe(AuditLayout *layout, Relation rel, int nargs, char **args)
{
	TupleDesc	desc = RelationGetDescr(rel);
	Bitmapset  *key = RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_PRIMARY_KEY);
	Oid			schema = get_namespace_oid("credit", true);
	Oid			code_type = !OidIsValid(schema) ? InvalidOid :
		GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, PointerGetDatum("code"),
						ObjectIdGetDatum(schema));
	Datum	   *names = palloc(sizeof(Datum) * Max(desc->natts, 1));
	Datum	   *types = palloc(sizeof(Datum) * Max(desc->natts, 1));
	StringInfoData flags;
	int			count = 0;

	initStringInfo(&flags);
	layout->relation = pstrdup(nargs > 0 ? args[0] : RelationGetRelationName(rel));
	layout->natts = desc->natts;
	layout->subject = 0;
	layout->column = palloc0(sizeof(AuditColumn) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped || att->attgenerated == 'v')
			continue;
		describe_column(layout, att, key, code_type, nargs, args);
		names[count] = CStringGetTextDatum(NameStr(att->attname));
		types[count++] = CStringGetTextDatum(format_type_extended(att->atttypid, att->atttypmod,
																  FORMAT_TYPE_TYPEMOD_GIVEN |
																  FORMAT_TYPE_FORCE_QUALIFY));
		appendStringInfoChar(&flags, column_flag(layout, i));
	}
	layout->names = PointerGetDatum(construct_array(names, count, TEXTOID, -1, false,
													TYPALIGN_INT));
	layout->types = PointerGetDatum(construct_array(types, count, TEXTOID, -1, false,
													TYPALIGN_INT));
	layout->flags = CStringGetTextDatum(flags.data);
	layout->id = audit_layout_digest((AuditBytes)
									 {
										 layout->relation, strlen(layout->relation)
									 },
									 DatumGetArrayTypeP(layout->names),
									 DatumGetArrayTypeP(layout->types),
									 DatumGetTextPP(layout->flags));
}

static void
layout_relcache_callback(Datum arg, Oid relid)
{
	AuditState *state = credit_state.audit;
	HTAB	   *layouts = state->layouts;
	HASH_SEQ_STATUS seq;
	AuditLayout *layout;

	if (!OidIsValid(relid) || relid == state->place.root || relid == state->place.leaf)
		state->place.leaf = InvalidOid;
	if (!OidIsValid(relid) || relid == state->layout_relid)
		state->layout_relid = InvalidOid;
	if (!layouts)
		return;
	if (OidIsValid(relid))
	{
		layout = hash_search(layouts, &relid, HASH_FIND, NULL);
		if (layout)
			layout->valid = false;
		return;
	}
	hash_seq_init(&seq, layouts);
	while ((layout = hash_seq_search(&seq)) != NULL)
		layout->valid = false;
}

/* A schema was renamed or dropped: which tables have our names is open again. */
static void
layout_namespace_callback(Datum arg, int cacheid, uint32 hashvalue)
{
	credit_state.audit->place.leaf = InvalidOid;
	credit_state.audit->layout_relid = InvalidOid;
}

void
audit_install_layout_callbacks(void)
{
	CacheRegisterRelcacheCallback(layout_relcache_callback, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, layout_namespace_callback, (Datum) 0);
}

static HTAB *
make_layouts(void)
{
	HASHCTL		control = {.keysize = sizeof(Oid), .entrysize = sizeof(AuditLayout),
		.hcxt = CacheMemoryContext
	};

	return hash_create("credit audit layouts", 32, &control,
					   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* The layout of a relation, with the trigger's arguments: name, subject, secrets. */
AuditLayout *
audit_find_layout(Relation rel, int nargs, char **args)
{
	AuditState *state = audit_state();
	Oid			relid = RelationGetRelid(rel);
	AuditLayout *layout;
	MemoryContext old;
	bool		found;

	if (state->layout && state->layout->relid == relid && state->layout->valid)
		return state->layout;
	if (!state->layouts)
		state->layouts = make_layouts();
	layout = hash_search(state->layouts, &relid, HASH_ENTER, &found);
	if (!found)
	{
		layout->valid = false;
		layout->context = NULL;
	}
	state->layout = layout;
	if (layout->valid)
		return layout;

	if (layout->context)
		MemoryContextReset(layout->context);
	else
		layout->context = AllocSetContextCreate(CacheMemoryContext, "credit audit layout",
												ALLOCSET_SMALL_SIZES);
	layout->known_in = InvalidOid;
	old = MemoryContextSwitchTo(layout->context);
	/* Set first: what comes in on the way makes it invalid again. */
	layout->valid = true;
	describe(layout, rel, nargs, args);
	MemoryContextSwitchTo(old);
	return layout;
}

/* ---------------------------------------------------------------------
 * The catalogue
 * ---------------------------------------------------------------------
 */

/*
 * Is it there, and written by another, committed transaction (then for good)?
 * SnapshotSelf: what is committed now, and our own; it leaves no trace for
 * serializable transactions to fail on.
 */
static bool
is_kept(Relation rel, AuditLayout *layout)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&key, LAYOUT_ID + 1, BTEqualStrategyNumber, F_UUID_EQ,
				UUIDPGetDatum(&layout->id));
	scan = systable_beginscan(rel, linitial_oid(RelationGetIndexList(rel)), true, SnapshotSelf,
							  1, &key);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		found = true;
		if (!TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data)))
		{
			layout->known_in = RelationGetRelid(rel);
			break;
		}
	}
	systable_endscan(scan);
	return found;
}

/*
 * Two transactions may write the same layout: they do not wait for one another
 * (the index is not unique), and the rows are the same.
 */
void
audit_keep_layout(AuditLayout *layout)
{
	AuditState *state = audit_state();
	Oid			relid = state->layout_relid;
	Relation	rel;

	if (!OidIsValid(relid))
		state->layout_relid = relid = audit_relid("audit_layout");
	if (layout->known_in == relid)
		return;
	rel = table_open(relid, RowExclusiveLock);
	if (RelationGetNumberOfAttributes(rel) != LAYOUT_COLUMNS ||
		RelationGetIndexList(rel) == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s.%s\" is not as credit.create_register_audit() made it",
						AUDIT_SCHEMA, "audit_layout")));
	if (!is_kept(rel, layout))
	{
		Datum		value[LAYOUT_COLUMNS];
		bool		isnull[LAYOUT_COLUMNS] = {0};
		AuditInsert insert;

		value[LAYOUT_ID] = UUIDPGetDatum(&layout->id);
		value[LAYOUT_RELATION] = CStringGetTextDatum(layout->relation);
		value[LAYOUT_NAMES] = layout->names;
		value[LAYOUT_TYPES] = layout->types;
		value[LAYOUT_FLAGS] = layout->flags;
		audit_insert_begin(&insert, rel);
		audit_insert_row(&insert, value, isnull);
		audit_insert_end(&insert);
	}
	table_close(rel, NoLock);
}
