/*
 * audit_decode.c
 *		An image read by its layout: what changed from what to what.
 *
 * The table itself is not asked, so the answer is right after ALTER TABLE and
 * when the table is gone.  A value whose type is gone is shown as its bytes.
 */
#include "postgres.h"

#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "parser/parse_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "audit.h"

PG_FUNCTION_INFO_V1(audit_decode);

#define SECRET_SHOWN	"***"

enum
{
	OUT_ITEM,
	OUT_OPERATION,
	OUT_KEY,
	OUT_COLUMN,
	OUT_OLD,
	OUT_NEW,
	OUT_SUBJECT,
	OUT_FORMER,
	OUT_COLUMNS
};

typedef struct ReadColumn
{
	text	   *name;
	char		how;
	bool		is_key;
	bool		has_type;		/* it still exists */
	bool		byval;
	int16		length;
	FmgrInfo	output;
} ReadColumn;

typedef struct ReadValue
{
	const uint8 *bytes;
	int			length;
	bool		there;			/* the image has one */
	bool		isnull;
	bool		secret;
} ReadValue;

typedef struct ReadChange
{
	char		operation;
	ReadValue  *old;
	ReadValue  *new;
	text	   *key;
	char	   *subject;
	char	   *former;			/* subject before an update that changed it */
} ReadChange;

typedef struct ReadImage
{
	int			count;
	int			subject;		/* column, or -1 */
	ReadColumn *column;
	const uint8 *at;
	const uint8 *end;
	ReturnSetInfo *result;
} ReadImage;

static void
corrupted(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("audit image cannot be read: %s", what),
			 errhint("credit.verify_audit() tells which events were changed.")));
}

static void
find_type(ReadColumn *column, char *name)
{
	Oid			type = InvalidOid;
	int32		typmod;
	Oid			output;
	bool		is_varlena;
	char		align;

	credit_find_type(name, &type, &typmod);
	if (!OidIsValid(type))
		return;
	get_typlenbyvalalign(type, &column->length, &column->byval, &align);
	getTypeOutputInfo(type, &output, &is_varlena);
	fmgr_info(output, &column->output);
	column->has_type = true;
}

static void
read_layout(ReadImage *image, ArrayType *names, ArrayType *types, text *flags)
{
	Datum	   *name;
	Datum	   *type;
	int			count;

	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &name, NULL, &image->count);
	deconstruct_array(types, TEXTOID, -1, false, TYPALIGN_INT, &type, NULL, &count);
	if (count != image->count || (int) VARSIZE_ANY_EXHDR(flags) != count)
		corrupted("its layout is not whole");
	image->column = palloc0(sizeof(ReadColumn) * Max(count, 1));
	image->subject = -1;
	for (int i = 0; i < count; i++)
	{
		char		flag = VARDATA_ANY(flags)[i];

		image->column[i].name = DatumGetTextPP(name[i]);
		if (flag == AUDIT_SUBJECT_PLAIN || flag == AUDIT_SUBJECT_TEXT)
			image->subject = i;
		image->column[i].how = flag == AUDIT_SUBJECT_PLAIN ? AUDIT_PLAIN :
			flag == AUDIT_SUBJECT_TEXT ? AUDIT_TEXT : pg_tolower(flag);
		image->column[i].is_key = flag != pg_tolower(flag);
		if (image->column[i].how == AUDIT_PLAIN)
			find_type(&image->column[i], TextDatumGetCString(type[i]));
	}
}

static ReadValue
read_value(ReadImage *image)
{
	uint32		number = audit_get_number(&image->at, image->end);
	ReadValue	value = {.there = true};

	if (number == 0)
		value.isnull = true;
	else if (number == 1)
		value.secret = true;
	else if (number - 2 > (uint32) (image->end - image->at))
		corrupted("a value ends behind it");
	else
	{
		value.bytes = image->at;
		value.length = number - 2;
		image->at += value.length;
	}
	return value;
}

static void
read_update(ReadImage *image, ReadChange *change, int i)
{
	uint32		mark = audit_get_number(&image->at, image->end);

	if (mark == 1)
		change->old[i] = change->new[i] = read_value(image);
	else if (mark == 2)
	{
		change->old[i] = read_value(image);
		change->new[i] = read_value(image);
	}
	else if (mark != 0)
		corrupted("unknown mark");
}

static void
read_change(ReadImage *image, ReadChange *change)
{
	change->operation = *image->at++;
	memset(change->old, 0, sizeof(ReadValue) * image->count);
	memset(change->new, 0, sizeof(ReadValue) * image->count);
	if (!strchr("IUD", change->operation))
		return;
	for (int i = 0; i < image->count; i++)
	{
		if (change->operation == 'U')
			read_update(image, change, i);
		else if (change->operation == 'I')
			change->new[i] = read_value(image);
		else
			change->old[i] = read_value(image);
	}
}

static char *
show_bytes(const ReadValue *value)
{
	char	   *text = palloc(value->length * 2 + 3);

	strcpy(text, "\\x");
	for (int i = 0; i < value->length; i++)
		snprintf(text + 2 + i * 2, 3, "%02x", value->bytes[i]);
	return text;
}

/* The value as its type prints it; NULL for NULL. */
static char *
show_value(ReadColumn *column, const ReadValue *value)
{
	char	   *copy;
	Datum		datum;

	if (!value->there || value->isnull)
		return NULL;
	if (value->secret)
		return pstrdup(SECRET_SHOWN);
	if (column->how == AUDIT_TEXT)
		return pnstrdup((const char *) value->bytes, value->length);
	if (!column->has_type || (column->length > 0 && column->length != value->length))
		return show_bytes(value);
	copy = palloc0(VARHDRSZ + value->length + sizeof(Datum));
	if (column->length == -1)
	{
		SET_VARSIZE(copy, VARHDRSZ + value->length);
		memcpy(copy + VARHDRSZ, value->bytes, value->length);
		datum = PointerGetDatum(copy);
	}
	else
	{
		memcpy(copy, value->bytes, value->length);
		datum = fetch_att(copy, column->byval, column->length);
	}
	return OutputFunctionCall(&column->output, datum);
}

/* Which row: its key columns as name=value. */
static text *
show_key(ReadImage *image, const ReadChange *change)
{
	StringInfoData key;

	initStringInfo(&key);
	for (int i = 0; i < image->count; i++)
	{
		const ReadValue *value = change->operation == 'I' ? &change->new[i] : &change->old[i];
		char	   *shown;

		if (!image->column[i].is_key || !value->there)
			continue;
		shown = show_value(&image->column[i], value);
		appendStringInfo(&key, "%s%s=%s", key.len ? " " : "",
						 quote_identifier(text_to_cstring(image->column[i].name)),
						 shown ? shown : "");
	}
	return key.len ? cstring_to_text_with_len(key.data, key.len) : NULL;
}

static void
put_result(ReadImage *image, ReadChange *change, int item, int i)
{
	Datum		value[OUT_COLUMNS] = {0};
	bool		isnull[OUT_COLUMNS] = {0};
	char		operation[2] = {change->operation, '\0'};
	char	   *old = NULL;
	char	   *new = NULL;

	if (i >= 0)
	{
		old = show_value(&image->column[i], &change->old[i]);
		new = show_value(&image->column[i], &change->new[i]);
		value[OUT_COLUMN] = PointerGetDatum(image->column[i].name);
	}
	value[OUT_ITEM] = Int32GetDatum(item);
	value[OUT_OPERATION] = CStringGetTextDatum(operation);
	value[OUT_KEY] = PointerGetDatum(change->key);
	isnull[OUT_KEY] = change->key == NULL;
	isnull[OUT_COLUMN] = i < 0;
	isnull[OUT_OLD] = old == NULL;
	isnull[OUT_NEW] = new == NULL;
	if (old)
		value[OUT_OLD] = CStringGetTextDatum(old);
	if (new)
		value[OUT_NEW] = CStringGetTextDatum(new);
	isnull[OUT_SUBJECT] = change->subject == NULL;
	isnull[OUT_FORMER] = change->former == NULL;
	if (change->subject)
		value[OUT_SUBJECT] = CStringGetTextDatum(change->subject);
	if (change->former)
		value[OUT_FORMER] = CStringGetTextDatum(change->former);
	tuplestore_putvalues(image->result->setResult, image->result->setDesc, value, isnull);
}

static void
show_subject(ReadImage *image, ReadChange *change)
{
	ReadColumn *column = &image->column[image->subject];

	change->subject = change->former = NULL;
	if (image->subject < 0)
		return;
	change->former = show_value(column, &change->old[image->subject]);
	change->subject = show_value(column, &change->new[image->subject]);
	if (change->operation == 'D')
		change->subject = change->former;
	if (change->operation == 'D' ||
		(change->subject && change->former && strcmp(change->subject, change->former) == 0))
		change->former = NULL;
}

/* Each column that has a value, or got another; a change without columns once. */
static void
put_change(ReadImage *image, ReadChange *change, int item)
{
	bool		any = false;

	change->key = show_key(image, change);
	show_subject(image, change);
	for (int i = 0; i < image->count; i++)
	{
		const ReadValue *old = &change->old[i];
		const ReadValue *new = &change->new[i];

		if (!old->there && !new->there)
			continue;
		/* A key that stayed the same is read once for both sides. */
		if (change->operation == 'U' && old->bytes == new->bytes && old->length == new->length &&
			old->isnull == new->isnull && old->secret == new->secret && !old->secret)
			continue;
		if (change->operation == 'U' && old->secret && new->secret && image->column[i].is_key)
			continue;
		put_result(image, change, item, i);
		any = true;
	}
	if (!any)
		put_result(image, change, item, -1);
}

Datum
audit_decode(PG_FUNCTION_ARGS)
{
	text	   *relation = PG_GETARG_TEXT_PP(0);
	pg_uuid_t  *id = PG_GETARG_UUID_P(1);
	ArrayType  *names = PG_GETARG_ARRAYTYPE_P(2);
	ArrayType  *types = PG_GETARG_ARRAYTYPE_P(3);
	text	   *flags = PG_GETARG_TEXT_PP(4);
	bytea	   *bytes = PG_GETARG_BYTEA_PP(5);
	pg_uuid_t	found;
	ReadImage	image = {0};
	ReadChange	change;
	MemoryContext work,
				old;

	InitMaterializedSRF(fcinfo, 0);
	found = audit_layout_digest((AuditBytes)
								{
									VARDATA_ANY(relation), VARSIZE_ANY_EXHDR(relation)
								}, names, types, flags);
	if (ARR_NDIM(names) > 0 && memcmp(&found, id, UUID_LEN) != 0)
		corrupted("its layout was changed");
	image.result = (ReturnSetInfo *) fcinfo->resultinfo;
	image.at = (const uint8 *) VARDATA_ANY(bytes);
	image.end = image.at + VARSIZE_ANY_EXHDR(bytes);
	read_layout(&image, names, types, flags);
	change.old = palloc(sizeof(ReadValue) * Max(image.count, 1));
	change.new = palloc(sizeof(ReadValue) * Max(image.count, 1));
	work = AllocSetContextCreate(CurrentMemoryContext, "credit audit change",
								 ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(work);
	for (int item = 1; image.at < image.end; item++)
	{
		CHECK_FOR_INTERRUPTS();
		read_change(&image, &change);
		put_change(&image, &change, item);
		MemoryContextReset(work);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
	return (Datum) 0;
}
