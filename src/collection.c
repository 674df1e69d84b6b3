/*
 * collection.c
 *		Rows as departments hand them in: read without ever raising an error.
 *
 * credit.read_row takes the JSON of a row apart into typed columns, and says
 * in one text what it could not read: field:code, field:code.  No part of a
 * value goes into that text, and a name of a field only if it looks like one.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "audit.h"
#include "code.h"
#include "collection_document.h"
#include "collection_fields.h"
#include "collection_reserved.h"
#include "credit_compat.h"
#include "rulebook_shape.h"

PG_FUNCTION_INFO_V1(collection_read_row);
PG_FUNCTION_INFO_V1(collection_fingerprint);
PG_FUNCTION_INFO_V1(collection_record_number);

/* Columns of the result of read_row, in order. */
typedef enum RowColumn
{
	ROW_SUBJECT,
	ROW_CODE,
	ROW_NAME,
	ROW_ITEM,
	ROW_SEVERITY,
	ROW_DOCUMENT_NO,
	ROW_DOCUMENT_DATE,
	ROW_HAPPENED_ON,
	ROW_CONDUCT_END,
	ROW_FINAL_ON,
	ROW_FULFILLED_ON,
	ROW_AMOUNT,
	ROW_FIELDS,
	ROW_CERTIFIED_BY,
	ROW_FAULTS,
	ROW_COLUMNS
} RowColumn;

typedef enum RowKind
{
	ROW_TEXT,
	ROW_DAY,
	ROW_DECIMAL,
	ROW_OBJECT
} RowKind;

/* What a row may say; most is the longest text that is taken, in bytes. */
static const struct
{
	const char *key;
	RowKind		kind;
	int			most;
}			row_keys[] = {
	[ROW_SUBJECT] = {"subject", ROW_TEXT, 200},
	[ROW_CODE] = {NULL, ROW_TEXT, 0},
	[ROW_NAME] = {"name", ROW_TEXT, 1000},
	[ROW_ITEM] = {"item", ROW_TEXT, 63},
	[ROW_SEVERITY] = {"severity", ROW_TEXT, 10},
	[ROW_DOCUMENT_NO] = {"document_no", ROW_TEXT, 200},
	[ROW_DOCUMENT_DATE] = {"document_date", ROW_DAY, 10},
	[ROW_HAPPENED_ON] = {"happened_on", ROW_DAY, 10},
	[ROW_CONDUCT_END] = {"conduct_end", ROW_DAY, 10},
	[ROW_FINAL_ON] = {"final_on", ROW_DAY, 10},
	[ROW_FULFILLED_ON] = {"fulfilled_on", ROW_DAY, 10},
	[ROW_AMOUNT] = {"amount", ROW_DECIMAL, 20},
	[ROW_FIELDS] = {"fields", ROW_OBJECT, 0},
	[ROW_CERTIFIED_BY] = {"certified_by", ROW_TEXT, 200}
};

#define ROW_KEYS	ROW_FAULTS	/* columns that have a key of their own */

#define MOST_FIELD_VALUE	2000	/* bytes of a text in fields */
#define MOST_FIELD_NUMBER	40		/* characters of a number in fields */

typedef struct Row
{
	Datum		value[ROW_COLUMNS];
	bool		null[ROW_COLUMNS];
	StringInfoData faults;
} Row;

/* ------------------------------------------------------------------------
 * Faults
 * ------------------------------------------------------------------------
 */

/*
 * The name of a field that somebody typed may be anything, even a number of a
 * person: only what looks like a name of a catalogue is repeated.
 */
static void
add_fault(Row *row, const char *name, int length, const char *code)
{
	int			digits = 0;
	bool		plain = length > 0 && length <= 63 && name[0] >= 'a' && name[0] <= 'z';

	for (int i = 0; i < length && plain; i++)
	{
		bool		digit = name[i] >= '0' && name[i] <= '9';

		digits = digit ? digits + 1 : 0;
		plain = digits < 6 && (digit || name[i] == '_' || (name[i] >= 'a' && name[i] <= 'z'));
	}
	if (row->faults.len > 0)
		appendStringInfoChar(&row->faults, ',');
	if (plain)
		appendBinaryStringInfo(&row->faults, name, length);
	else
		appendStringInfoString(&row->faults, "(unnamed)");
	appendStringInfo(&row->faults, ":%s", code);
}

static void
add_row_fault(Row *row, RowColumn column, const char *code)
{
	add_fault(row, row_keys[column].key, strlen(row_keys[column].key), code);
}

/* ------------------------------------------------------------------------
 * Values
 * ------------------------------------------------------------------------
 */

/* Digits, at most 14, and at most 4 decimals: a sum of money or a count. */
static bool
is_decimal(const char *s)
{
	int			digits = strspn(s, "0123456789");

	if (digits < 1 || digits > 14)
		return false;
	s += digits;
	if (*s == '.')
	{
		digits = strspn(s + 1, "0123456789");
		if (digits < 1 || digits > 4)
			return false;
		s += digits + 1;
	}
	return *s == '\0';
}

static bool
read_decimal(const char *s, Datum *value)
{
	if (!is_decimal(s))
		return false;
	*value = DirectFunctionCall3(numeric_in, CStringGetDatum(s),
								 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	return true;
}

static bool
is_severity(const char *s)
{
	return strcmp(s, "minor") == 0 || strcmp(s, "general") == 0 || strcmp(s, "serious") == 0;
}

/* A text, without the blanks around it; an empty one says nothing. */
static void
read_string(Row *row, RowColumn column, const char *text, int length)
{
	char	   *s;
	DateADT		day;

	length = collection_trim(&text, length);
	if (length == 0)
		return;
	if (length > row_keys[column].most)
	{
		add_row_fault(row, column, "CR111");
		return;
	}
	s = pnstrdup(text, length);
	switch (row_keys[column].kind)
	{
		case ROW_TEXT:
			if (column == ROW_SEVERITY && !is_severity(s))
				break;
			row->value[column] = CStringGetTextDatum(s);
			row->null[column] = false;
			return;
		case ROW_DAY:
			day = rulebook_day(s);
			if (day == DATEVAL_NOEND)
				break;
			row->value[column] = DateADTGetDatum(day);
			row->null[column] = false;
			return;
		case ROW_DECIMAL:
			if (!read_decimal(s, &row->value[column]))
				break;
			row->null[column] = false;
			return;
		case ROW_OBJECT:
			break;
	}
	add_row_fault(row, column, "CR111");
}

/* Nothing inside, and nothing long, be it by an exponent. */
static bool
is_plain(const JsonbValue *v)
{
	char	   *number;

	switch (v->type)
	{
		case jbvString:
			return v->val.string.len <= MOST_FIELD_VALUE;
		case jbvNumeric:
			number = DatumGetCString(DirectFunctionCall1(numeric_out,
														 NumericGetDatum(v->val.numeric)));
			return strlen(number) <= MOST_FIELD_NUMBER;
		case jbvBinary:
			return false;
		default:
			return true;
	}
}

/*
 * The further fields: plain values under names that are not reserved.  Else one
 * act were several, by what is not said of it.
 */
static void
read_fields(Row *row, JsonbValue *object)
{
	JsonbIterator *it = JsonbIteratorInit(object->val.binary.data);
	JsonbIteratorToken token;
	JsonbValue	v;
	const char *name = NULL;
	int			length = 0;
	bool		strip = false;

	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			name = v.val.string.val;
			length = v.val.string.len;
			if (collection_reserved(name, length))
				add_fault(row, name, length, "CR103");
		}
		else if (token == WJB_VALUE && !is_plain(&v))
			add_fault(row, name, length, "CR111");
		else if (token == WJB_VALUE)
			strip |= collection_untidy(&v);
	}
	if (strip)
		object = collection_strip(object);
	row->value[ROW_FIELDS] = JsonbPGetDatum(JsonbValueToJsonb(object));
	row->null[ROW_FIELDS] = false;
}

static void
read_value(Row *row, RowColumn column, JsonbValue *v)
{
	RowKind		kind = row_keys[column].kind;

	if (v->type == jbvNull)
		return;
	if (v->type == jbvString)
		read_string(row, column, v->val.string.val, v->val.string.len);
	else if (kind == ROW_DECIMAL && v->type == jbvNumeric &&
			 read_decimal(DatumGetCString(DirectFunctionCall1(numeric_out,
															  NumericGetDatum(v->val.numeric))),
						  &row->value[column]))
		row->null[column] = false;
	else if (kind == ROW_OBJECT && v->type == jbvBinary &&
			 JsonContainerIsObject(v->val.binary.data))
		read_fields(row, v);
	else
		add_row_fault(row, column, "CR111");
}

/* Part of the message: many a key is one of fields, written a level too high. */
#define BESIDE_FIELDS	":a key of the line itself and not in fields"

static void
read_member(Row *row, JsonbValue *key, JsonbValue *v)
{
	const char *name = key->val.string.val;
	int			length = key->val.string.len;

	for (int i = 0; i < ROW_KEYS; i++)
		if (row_keys[i].key != NULL && strlen(row_keys[i].key) == (size_t) length &&
			memcmp(row_keys[i].key, name, length) == 0)
		{
			read_value(row, i, v);
			return;
		}
	add_fault(row, name, length,
			  collection_reserved(name, length) ? "CR103" BESIDE_FIELDS : "CR102" BESIDE_FIELDS);
}

/* ------------------------------------------------------------------------
 * The functions
 * ------------------------------------------------------------------------
 */

static TupleDesc
row_desc(FunctionCallInfo fcinfo)
{
	MemoryContext old;
	TupleDesc	desc = fcinfo->flinfo->fn_extra;

	if (desc != NULL)
		return desc;
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
		desc->natts != ROW_COLUMNS)
		elog(ERROR, "credit.read_row does not return its row");
	desc = BlessTupleDesc(CreateTupleDescCopy(desc));
	MemoryContextSwitchTo(old);
	fcinfo->flinfo->fn_extra = desc;
	return desc;
}

/* Not STRICT's business alone: what is not an object is a fault of the row, too. */
Datum
collection_read_row(PG_FUNCTION_ARGS)
{
	Jsonb	   *raw = PG_GETARG_JSONB_P(0);
	TupleDesc	desc = row_desc(fcinfo);
	JsonbIterator *it;
	JsonbValue	key,
				v;
	CreditCode	code;
	CodeReport	report;
	Row			row;

	memset(row.null, true, sizeof(row.null));
	initStringInfo(&row.faults);
	if (!JB_ROOT_IS_OBJECT(raw))
		add_fault(&row, "row", 3, "CR111");
	else
	{
		it = JsonbIteratorInit(&raw->root);
		(void) JsonbIteratorNext(&it, &v, false);
		while (JsonbIteratorNext(&it, &key, false) == WJB_KEY)
		{
			(void) JsonbIteratorNext(&it, &v, true);
			read_member(&row, &key, &v);
		}
	}
	if (!row.null[ROW_SUBJECT])
	{
		text	   *subject = DatumGetTextPP(row.value[ROW_SUBJECT]);

		if (code_parse_server(VARDATA_ANY(subject), VARSIZE_ANY_EXHDR(subject), &code, &report))
		{
			row.value[ROW_CODE] = CodeGetDatum(code);
			row.null[ROW_CODE] = false;
		}
	}
	if (row.null[ROW_FIELDS])
	{
		row.value[ROW_FIELDS] = DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"));
		row.null[ROW_FIELDS] = false;
	}
	if (row.faults.len > 0)
	{
		row.value[ROW_FAULTS] = CStringGetTextDatum(row.faults.data);
		row.null[ROW_FAULTS] = false;
	}
	return HeapTupleGetDatum(heap_form_tuple(desc, row.value, row.null));
}

/* Adds a part behind its length, so that no two rows have the same bytes. */
static void
add_part(StringInfo parts, const char *bytes, int length)
{
	appendBinaryStringInfo(parts, (char *) &length, sizeof(length));
	appendBinaryStringInfo(parts, bytes, length);
}

static void
add_text(StringInfo parts, FunctionCallInfo fcinfo, int n)
{
	text	   *t;

	if (PG_ARGISNULL(n))
		return add_part(parts, "", 0);
	t = PG_GETARG_TEXT_PP(n);
	add_part(parts, VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
}

static void
add_document(StringInfo parts, FunctionCallInfo fcinfo, int n)
{
	text	   *key;

	if (PG_ARGISNULL(n))
		return add_part(parts, "", 0);
	key = collection_document(PG_GETARG_TEXT_PP(n));
	add_part(parts, VARDATA(key), VARSIZE(key) - VARHDRSZ);
}

static void
add_day(StringInfo parts, FunctionCallInfo fcinfo, int n)
{
	char		text[12];

	if (PG_ARGISNULL(n))
		return add_part(parts, "", 0);
	snprintf(text, sizeof(text), "%d", PG_GETARG_DATEADT(n));
	add_part(parts, text, strlen(text));
}

/*
 * (provider, item, severity, document_no, document_date, happened_on,
 * conduct_end, amount, fields) -> 16 bytes of their SHA-256.
 * What became of the act later (final, fulfilled) is not in it: the same act
 * reported again is the same record.  Lengths are little-endian numbers, 16
 * bytes are plenty, as a fingerprint is unique for one subject only.
 */
Datum
collection_fingerprint(PG_FUNCTION_ARGS)
{
	StringInfoData parts;
	AuditBytes	all;
	uint8		digest[AUDIT_DIGEST_LENGTH];
	bytea	   *result;
	char	   *s;

	initStringInfo(&parts);
	for (int n = 0; n < 3; n++)
		add_text(&parts, fcinfo, n);
	add_document(&parts, fcinfo, 3);
	for (int n = 4; n < 7; n++)
		add_day(&parts, fcinfo, n);
	s = PG_ARGISNULL(7) ? "" : numeric_normalize(PG_GETARG_NUMERIC(7));
	add_part(&parts, s, strlen(s));
	s = "";
	if (!PG_ARGISNULL(8))
	{
		Jsonb	   *fields = PG_GETARG_JSONB_P(8);

		if (JB_ROOT_COUNT(fields) > 0)
			s = JsonbToCString(NULL, &fields->root, VARSIZE(fields));
	}
	add_part(&parts, s, strlen(s));
	all.data = parts.data;
	all.length = parts.len;
	audit_digest(&all, 1, digest);
	result = palloc(VARHDRSZ + 16);
	SET_VARSIZE(result, VARHDRSZ + 16);
	memcpy(VARDATA(result), digest, 16);
	PG_RETURN_BYTEA_P(result);
}

/* Random bytes, fetched by the page: a call for each record costs more than the rest. */
#define RANDOM_POOL		4096

typedef struct RandomPool
{
	int			used;
	uint8		bytes[RANDOM_POOL];
} RandomPool;

static const uint8 *
take_random(FunctionCallInfo fcinfo)
{
	RandomPool *pool = fcinfo->flinfo->fn_extra;

	if (pool == NULL)
	{
		pool = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(RandomPool));
		pool->used = RANDOM_POOL;
		fcinfo->flinfo->fn_extra = pool;
	}
	if (pool->used + 8 > RANDOM_POOL)
	{
		if (!pg_strong_random(pool->bytes, RANDOM_POOL))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not generate random values")));
		pool->used = 0;
	}
	pool->used += 8;
	return pool->bytes + pool->used - 8;
}

/*
 * A UUID of version 7 (RFC 9562): random behind the moment, in microseconds, so
 * that the rows of a batch go to one end of an index over it and not to a
 * million places.  It says no more than registered_at does.
 */
Datum
collection_record_number(PG_FUNCTION_ARGS)
{
	pg_uuid_t  *number = palloc(sizeof(pg_uuid_t));
	uint64		now = (uint64) GetCurrentTimestamp() +
		(uint64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
	uint64		fraction = now % 1000 * 4096 / 1000;
	uint64		head = now / 1000 << 16 | 0x7000 | fraction;

	for (int i = 0; i < 8; i++)
		number->data[i] = head >> (56 - 8 * i);
	memcpy(number->data + 8, take_random(fcinfo), UUID_LEN - 8);
	number->data[8] = (number->data[8] & 0x3F) | 0x80;
	PG_RETURN_UUID_P(number);
}
