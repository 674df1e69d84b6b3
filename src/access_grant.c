/*
 * access_grant.c
 *		Signing a context and reading it back.
 *
 * Form of the value: signature (64 hexadecimal digits), transaction, ";", then
 * fields of the form LENGTH:BYTES: expiry, person, whether it is the login that is
 * connected, since when it inquires and holds, subject, number of grants, and for each
 * duty, provider, divisions, minors, purposes.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "access.h"
#include "credit.h"

PG_FUNCTION_INFO_V1(access_sign_context);
PG_FUNCTION_INFO_V1(access_leave);
PG_FUNCTION_INFO_V1(access_person);
PG_FUNCTION_INFO_V1(access_subject);
PG_FUNCTION_INFO_V1(access_grants);
PG_FUNCTION_INFO_V1(access_has_duty);
PG_FUNCTION_INFO_V1(access_inquires_since);
PG_FUNCTION_INFO_V1(access_holds_since);

#define MAX_GRANTS 1000

StaticAssertDecl(ACCESS_DUTIES <= 8, "shape_of() gives each set of duties eight bits");

/* The next field; the value is ours, so that a bad one is a bug. */
static char *
next_field(const char **cursor)
{
	char	   *colon;
	long		length = strtol(*cursor, &colon, 10);
	char	   *field;

	if (*colon != ':' || length < 0 || (size_t) length > strlen(colon + 1))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("malformed context")));
	field = pnstrdup(colon + 1, length);
	*cursor = colon + 1 + length;
	return field;
}

/*
 * A division or a prefix of some: the number that its first digits make, or -1.
 * Leading digits of 6: "37" is a province, "370323" a county.
 */
int
access_parse_division(const char *digit, int length)
{
	int			number = 0;

	if (length != 6)
		return -1;
	for (int i = 0; i < 6; i++)
	{
		if (digit[i] < '0' || digit[i] > '9')
			return -1;
		number = number * 10 + (digit[i] - '0');
	}
	return number;
}

static int
compare_ranges(const void *a, const void *b)
{
	const DivisionRange *x = a;
	const DivisionRange *y = b;

	return x->low < y->low ? -1 : x->low > y->low;
}

/* Ascending, and overlapping ones made one, for the binary search. */
static void
sort_ranges(AccessGrant *grant)
{
	int			kept = 0;

	qsort(grant->ranges, grant->range_count, sizeof(DivisionRange), compare_ranges);
	for (int i = 1; i < grant->range_count; i++)
	{
		DivisionRange *last = &grant->ranges[kept];

		if (grant->ranges[i].low <= last->high + 1)
			last->high = Max(last->high, grant->ranges[i].high);
		else
			grant->ranges[++kept] = grant->ranges[i];
	}
	if (grant->range_count > 0)
		grant->range_count = kept + 1;
}

/* "37,370323" → ranges. */
static void
parse_divisions(AccessGrant *grant)
{
	const char *start = grant->divisions;

	grant->ranges = palloc((strlen(start) / 2 + 1) * sizeof(DivisionRange));
	while (*start)
	{
		int			length = strcspn(start, ",");
		int			number = 0;
		int			span = 1;

		for (int i = 0; i < 6; i++)
		{
			number = number * 10 + (i < length ? start[i] - '0' : 0);
			if (i >= length)
				span *= 10;
		}
		grant->ranges[grant->range_count].low = number;
		grant->ranges[grant->range_count++].high = number + span - 1;
		start += length;
		if (*start == ',')
			start++;
	}
	sort_ranges(grant);
}

/*
 * Which duties reach too much for a list of divisions, or of providers, and which
 * one alone.  A single one becomes a part of plans, so it counts for a login of its
 * own: an application enters as somebody else each time.
 */
static void
measure(AccessContext *context)
{
	int			width[ACCESS_DUTIES] = {0};
	const char *provider[ACCESS_DUTIES] = {NULL};
	int			several = 0;

	for (int i = 0; i < context->grant_count; i++)
	{
		const AccessGrant *grant = &context->grants[i];
		int			bit = 1 << grant->duty;

		context->duties |= bit;
		if (grant->any_division && grant->any_provider && grant->minors)
			context->unlimited |= bit;
		for (int r = 0; r < grant->range_count; r++)
			width[grant->duty] += grant->ranges[r].high - grant->ranges[r].low + 1;
		if (grant->any_division || width[grant->duty] > ACCESS_NARROW)
			context->wide_divisions |= bit;
		if (grant->any_provider)
			context->wide_providers |= bit;
		if (provider[grant->duty] && strcmp(provider[grant->duty], grant->provider) != 0)
			several |= bit;
		provider[grant->duty] = grant->provider;
	}
	if (!context->own)
		return;
	context->single_providers = context->duties & ~context->wide_providers & ~several;
	for (int duty = 0; duty < ACCESS_DUTIES; duty++)
		if (width[duty] == 1 && !(context->wide_divisions >> duty & 1))
			context->single_divisions |= 1 << duty;
}

/*
 * What of the grants decides how a plan may use them: which duties have all
 * divisions, all providers, all rows, or one provider, one division alone, and
 * which one that is.
 */
static uint64
shape_of(const AccessContext *context)
{
	uint64		shape = (uint64) context->duties |
		(uint64) context->wide_divisions << 8 |
		(uint64) context->wide_providers << 16 |
		(uint64) context->unlimited << 24 |
		(uint64) context->single_divisions << 32 |
		(uint64) context->single_providers << 40;

	for (int i = 0; i < context->grant_count; i++)
	{
		const AccessGrant *grant = &context->grants[i];

		if (context->single_providers >> grant->duty & 1)
		{
			const unsigned char *name = (const unsigned char *) grant->provider;

			shape = hash_combine64(shape, hash_bytes_extended(name, grant->provider_length,
															  grant->duty));
		}
		if ((context->single_divisions >> grant->duty & 1) && grant->range_count > 0)
			shape = hash_combine64(shape, hash_bytes_uint32_extended(grant->ranges[0].low,
																	 grant->duty));
	}
	return shape;
}

/* A verified payload, after the transaction, in memory that lives on. */
AccessContext *
access_parse(const char *payload, MemoryContext where)
{
	MemoryContext before = MemoryContextSwitchTo(where);
	const char *cursor = payload;
	int64		expires = strtoll(next_field(&cursor), NULL, 10);
	char	   *person = next_field(&cursor);
	bool		own = next_field(&cursor)[0] == 't';
	int64		inquires_since = strtoll(next_field(&cursor), NULL, 10);
	int64		holds_since = strtoll(next_field(&cursor), NULL, 10);
	char	   *subject = next_field(&cursor);
	int			count = atoi(next_field(&cursor));
	AccessContext *context = palloc0(offsetof(AccessContext, grants) + count * sizeof(AccessGrant));

	context->expires = expires;
	context->person = person;
	context->own = own;
	context->inquires_since = inquires_since;
	context->holds_since = holds_since;
	context->subject = subject;
	context->grant_count = count;
	for (int i = 0; i < count; i++)
	{
		AccessGrant *grant = &context->grants[i];
		char	   *provider;

		grant->duty = atoi(next_field(&cursor));
		provider = next_field(&cursor);
		grant->any_provider = provider[0] == '*';
		grant->provider = provider + 1;
		grant->provider_length = strlen(grant->provider);
		grant->divisions = next_field(&cursor);
		grant->any_division = grant->divisions[0] == '*';
		if (!grant->any_division)
			parse_divisions(grant);
		grant->minors = next_field(&cursor)[0] == 't';
		grant->purposes = next_field(&cursor);
	}
	measure(context);
	context->shape = shape_of(context);
	MemoryContextSwitchTo(before);
	return context;
}

static void
add_field(StringInfo value, const char *field)
{
	appendStringInfo(value, "%d:%s", (int) strlen(field), field);
}

/* Elements of a text array; NULL becomes a NULL pointer. */
static char **
text_elements(ArrayType *array, int expected)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	char	  **texts;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if (expected >= 0 && count != expected)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("the arrays of a context differ in length")));
	texts = palloc0((count + 1) * sizeof(char *));
	for (int i = 0; i < count; i++)
		texts[i] = nulls[i] ? NULL : TextDatumGetCString(elements[i]);
	return texts;
}

static int
element_count(ArrayType *array)
{
	return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
}

/* One mandate, in the order in which access_parse() reads it; NULL is no restriction. */
void
access_add_grant(StringInfo value, const char *duty, const char *provider,
				 const char *divisions, const char *minors, const char *purposes)
{
	if (!duty || access_duty(duty) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a mandate names no known duty")));
	add_field(value, psprintf("%d", access_duty(duty)));
	add_field(value, provider ? psprintf("=%s", provider) : "*");
	add_field(value, divisions ? divisions : "*");
	add_field(value, minors ? minors : "f");
	add_field(value, purposes ? purposes : "*");
}

/* The grants of the arrays; returns their number. */
static int
add_grants(StringInfo value, FunctionCallInfo fcinfo)
{
	int			count = element_count(PG_GETARG_ARRAYTYPE_P(3));
	char	  **duty = text_elements(PG_GETARG_ARRAYTYPE_P(3), count);
	char	  **provider = text_elements(PG_GETARG_ARRAYTYPE_P(4), count);
	char	  **divisions = text_elements(PG_GETARG_ARRAYTYPE_P(5), count);
	char	  **minors = text_elements(PG_GETARG_ARRAYTYPE_P(6), count);
	char	  **purposes = text_elements(PG_GETARG_ARRAYTYPE_P(7), count);

	for (int i = 0; i < count; i++)
		access_add_grant(value, duty[i], provider[i], divisions[i], minors[i], purposes[i]);
	return count;
}

/* As SET LOCAL does: the value ends with the transaction. */
static void
set_context(const char *value)
{
	(void) set_config_option("credit.context", value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_LOCAL, true, 0, false);
}

/*
 * Signs what credit.enter() read, and sets it.  A second entry in one transaction
 * is refused: a cursor that is open would change hands.
 */
void
access_sign(const char *person, bool own, int64 inquires_since, int64 holds_since,
			const char *subject, int seconds, int count, const char *grants)
{
	StringInfoData value;
	uint8		mac[ACCESS_MAC_LENGTH];
	char		hex[2 * ACCESS_MAC_LENGTH + 1];
	char	   *context;

	if (access_context())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this transaction has entered already"),
				 errhint("Call credit.leave(), or enter in a new transaction.")));
	if (count > MAX_GRANTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d mandates of one login are more than %d", count, MAX_GRANTS),
				 errhint("Name several divisions in one mandate.")));
	initStringInfo(&value);
	appendStringInfo(&value, "%s;", access_transaction());
	add_field(&value, psprintf(INT64_FORMAT, GetCurrentStatementStartTimestamp() +
							   seconds * USECS_PER_SEC));
	add_field(&value, person);
	add_field(&value, own ? "t" : "f");
	add_field(&value, psprintf(INT64_FORMAT, inquires_since));
	add_field(&value, psprintf(INT64_FORMAT, holds_since));
	add_field(&value, subject);
	add_field(&value, psprintf("%d", count));
	appendStringInfoString(&value, grants);
	access_context_mac(value.data, mac);
	access_bytes_to_hex(mac, ACCESS_MAC_LENGTH, hex);
	context = psprintf("%s%s", hex, value.data);
	memcpy(access_state()->last, hex, 2 * ACCESS_MAC_LENGTH);
	set_context(context);
	access_note_entry(context);
}

/*
 * sign_context(person, subject, seconds, duties, providers, divisions, minors,
 * purposes): a context of one's own making, for the tests of superusers.
 */
Datum
access_sign_context(PG_FUNCTION_ARGS)
{
	StringInfoData grants;
	int			count;

	initStringInfo(&grants);
	count = add_grants(&grants, fcinfo);
	access_sign(text_to_cstring(PG_GETARG_TEXT_PP(0)), true, DT_NOBEGIN, DT_NOBEGIN,
				text_to_cstring(PG_GETARG_TEXT_PP(1)), PG_GETARG_INT32(2), count, grants.data);
	PG_RETURN_VOID();
}

/* leave(): from here on the transaction has no mandate. */
Datum
access_leave(PG_FUNCTION_ARGS)
{
	set_context("");
	PG_RETURN_VOID();
}

/* person() → text: who entered; NULL without a context. */
Datum
access_person(PG_FUNCTION_ARGS)
{
	const AccessContext *context = access_context();

	if (!context)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(context->person));
}

/* own_subject() → text: the citizen who entered, as text; NULL for others. */
Datum
access_subject(PG_FUNCTION_ARGS)
{
	const AccessContext *context = access_context();

	if (!context || !*context->subject)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(context->subject));
}

/* inquires_since() → timestamptz: infinity for who does not inquire. */
Datum
access_inquires_since(PG_FUNCTION_ARGS)
{
	const AccessContext *context = access_context();

	PG_RETURN_TIMESTAMPTZ(context ? context->inquires_since : DT_NOEND);
}

/* holds_since() → timestamptz */
Datum
access_holds_since(PG_FUNCTION_ARGS)
{
	const AccessContext *context = access_context();

	PG_RETURN_TIMESTAMPTZ(context ? context->holds_since : DT_NOEND);
}

/* has_duty(text) → bool: false for a word that is no duty, too. */
Datum
access_has_duty(PG_FUNCTION_ARGS)
{
	text	   *duty = PG_GETARG_TEXT_PP(0);
	const AccessContext *context = access_context();

	for (int i = 0; context && i < ACCESS_DUTIES; i++)
	{
		const char *name = access_duty_name(i);

		if ((context->duties >> i & 1) && strlen(name) == VARSIZE_ANY_EXHDR(duty) &&
			memcmp(name, VARDATA_ANY(duty), strlen(name)) == 0)
			PG_RETURN_BOOL(true);
	}
	PG_RETURN_BOOL(false);
}

/* grants() → setof (duty, provider, divisions, minors, purposes) */
Datum
access_grants(PG_FUNCTION_ARGS)
{
	const AccessContext *context = access_context();
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; context && i < context->grant_count; i++)
	{
		const AccessGrant *grant = &context->grants[i];
		Datum		values[5];
		bool		nulls[5] = {false};

		values[0] = CStringGetTextDatum(access_duty_name(grant->duty));
		values[1] = CStringGetTextDatum(grant->provider);
		nulls[1] = grant->any_provider;
		values[2] = CStringGetTextDatum(grant->divisions);
		nulls[2] = grant->any_division;
		values[3] = BoolGetDatum(grant->minors);
		values[4] = CStringGetTextDatum(grant->purposes);
		nulls[4] = grant->purposes[0] == '*';
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
