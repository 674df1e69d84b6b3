/*
 * audit_image.c
 *		Row changes as bytes: small, and readable without the table.
 *
 * A change is its operation and, column by column in the order of the layout,
 * values: 0 for NULL, 1 for a secret, else length + 2 and the bytes.  In an
 * update each column has a mark before it: unchanged and left out, unchanged
 * but part of the key, or changed with old and new value.  Toasted values are
 * fetched only when they changed: what a pointer leads to may go.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/tupmacs.h"
#include "executor/tuptable.h"
#include "utils/datum.h"

#include "audit.h"

#define VALUE_NULL		0
#define VALUE_SECRET	1
#define VALUE_LENGTH	2

#define MARK_LEFT_OUT	0
#define MARK_KEY		1
#define MARK_CHANGED	2

/* Seven bits a byte, lowest first. */
static void
put_number(StringInfo image, uint32 number)
{
	while (number >= 0x80)
	{
		appendStringInfoCharMacro(image, (char) (number | 0x80));
		number >>= 7;
	}
	appendStringInfoCharMacro(image, (char) number);
}

uint32
audit_get_number(const uint8 **at, const uint8 *end)
{
	uint32		number = 0;

	for (int shift = 0; shift < 32 && *at < end; shift += 7)
	{
		uint8		byte = *(*at)++;

		number |= (uint32) (byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return number;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("audit image ends within a number"),
			 errhint("credit.verify_audit() tells which events were changed.")));
	return 0;					/* not reached */
}

/*
 * Room for a value of this length; most fit what is there.  Less than 8 bytes
 * may be left, after marks of one byte each: nothing is taken from what is left.
 */
static inline char *
reserve(StringInfo image, Size length)
{
	if (unlikely(length + 8 > (Size) (image->maxlen - image->len)))
		enlargeStringInfo(image, length + 8);
	return image->data + image->len;
}

static inline void
put_bytes(StringInfo image, const char *bytes, Size length)
{
	char	   *to = reserve(image, length + 8);

	if (likely(length + VALUE_LENGTH < 0x80))
	{
		*to++ = (char) (length + VALUE_LENGTH);
		image->len++;
	}
	else
	{
		put_number(image, length + VALUE_LENGTH);
		to = image->data + image->len;
	}
	memcpy(to, bytes, length);
	image->len += length;
}

static inline void
put_varlena(StringInfo image, Datum value)
{
	struct varlena *v = (struct varlena *) DatumGetPointer(value);
	struct varlena *plain = v;

	if (VARATT_IS_EXTERNAL(v) || VARATT_IS_COMPRESSED(v))
		plain = detoast_attr(v);
	put_bytes(image, VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain));
	if (plain != v)
		pfree(plain);
}

static inline void
put_value(StringInfo image, const AuditColumn *column, Datum value, bool isnull)
{
	if (isnull)
		appendStringInfoCharMacro(image, VALUE_NULL);
	else if (column->how == AUDIT_SECRET)
		appendStringInfoCharMacro(image, VALUE_SECRET);
	else if (column->how == AUDIT_TEXT)
	{
		char	   *text = OutputFunctionCall(unconstify(FmgrInfo *, &column->output), value);

		put_bytes(image, text, strlen(text));
		pfree(text);
	}
	else if (column->byval)
	{
		union
		{
			char		bytes[sizeof(Datum)];
			Datum		aligned;
		}			store;

		store_att_byval(store.bytes, value, column->length);
		put_bytes(image, store.bytes, column->length);
	}
	else if (column->length > 0)
		put_bytes(image, DatumGetPointer(value), column->length);
	else if (column->length == -1)
		put_varlena(image, value);
	else
		put_bytes(image, DatumGetCString(value), strlen(DatumGetCString(value)));
}

/* An inserted or deleted row, or none: TRUNCATE has no layout. */
void
audit_put_row(StringInfo image, const AuditLayout *layout, char operation, TupleTableSlot *slot)
{
	appendStringInfoChar(image, operation);
	if (!layout || !slot)
		return;
	slot_getallattrs(slot);
	for (int i = 0; i < layout->natts; i++)
		if (layout->column[i].how != AUDIT_SKIP)
			put_value(image, &layout->column[i], slot->tts_values[i], slot->tts_isnull[i]);
}

/*
 * Bytes first: an unchanged toast pointer is equal to itself, and nothing is
 * fetched.  The same value stored in another way (compressed or not) differs
 * in bytes only.
 */
bool
audit_same_value(const AuditColumn *column, TupleTableSlot *old, TupleTableSlot *new, int i)
{
	if (old->tts_isnull[i] || new->tts_isnull[i])
		return old->tts_isnull[i] && new->tts_isnull[i];
	if (column->byval)
		return old->tts_values[i] == new->tts_values[i];
	return datumIsEqual(old->tts_values[i], new->tts_values[i], false, column->length) ||
		(column->length == -1 &&
		 datum_image_eq(old->tts_values[i], new->tts_values[i], false, -1));
}

void
audit_put_update(StringInfo image, const AuditLayout *layout,
				 TupleTableSlot *old, TupleTableSlot *new)
{
	appendStringInfoChar(image, 'U');
	slot_getallattrs(old);
	slot_getallattrs(new);
	for (int i = 0; i < layout->natts; i++)
	{
		const AuditColumn *column = &layout->column[i];

		if (column->how == AUDIT_SKIP)
			continue;
		if (!audit_same_value(column, old, new, i))
		{
			appendStringInfoCharMacro(image, MARK_CHANGED);
			put_value(image, column, old->tts_values[i], old->tts_isnull[i]);
			put_value(image, column, new->tts_values[i], new->tts_isnull[i]);
		}
		else if (column->is_key)
		{
			appendStringInfoCharMacro(image, MARK_KEY);
			put_value(image, column, new->tts_values[i], new->tts_isnull[i]);
		}
		else
			appendStringInfoCharMacro(image, MARK_LEFT_OUT);
	}
}
