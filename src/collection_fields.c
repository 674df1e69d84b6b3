/*
 * collection_fields.c
 *		The further fields of a record: what is not said, and what may not be.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "collection_fields.h"
#include "collection_reserved.h"

PG_FUNCTION_INFO_V1(collection_reserved_field);
PG_FUNCTION_INFO_V1(collection_has_reserved);

/* The bytes of a blank that stands here, in UTF-8; 0 if none does. */
static int
blank_at(const char *s, int length)
{
	if (s[0] == ' ' || s[0] == '\t' || s[0] == '\n' || s[0] == '\r')
		return 1;
	if (length >= 2 && memcmp(s, "\xC2\xA0", 2) == 0)
		return 2;
	return length >= 3 && memcmp(s, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

/* What stands between the blanks around a text, wide and hard ones included. */
int
collection_trim(const char **text, int length)
{
	const char *s = *text;
	int			blank;

	while (length > 0 && (blank = blank_at(s, length)) > 0)
		s += blank, length -= blank;
	for (;;)
	{
		for (blank = 1; blank <= 3 && blank <= length; blank++)
			if (blank_at(s + length - blank, blank) == blank)
				break;
		if (blank > 3 || blank > length)
			break;
		length -= blank;
	}
	*text = s;
	return length;
}

/* Is it null, empty, or a text with blanks around it? */
bool
collection_untidy(const JsonbValue *v)
{
	const char *text;

	if (v->type != jbvString)
		return v->type == jbvNull;
	text = v->val.string.val;
	return v->val.string.len == 0 ||
		collection_trim(&text, v->val.string.len) < v->val.string.len;
}

/* The same object, texts without blanks around them, without keys under which nothing is said. */
JsonbValue *
collection_strip(JsonbValue *object)
{
	JsonbIterator *it = JsonbIteratorInit(object->val.binary.data);
	JsonbParseState *state = NULL;
	JsonbValue	name,
				v;
	const char *text;

	(void) JsonbIteratorNext(&it, &v, true);
	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	while (JsonbIteratorNext(&it, &name, true) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&it, &v, true);
		if (v.type == jbvNull)
			continue;
		if (v.type == jbvString)
		{
			text = v.val.string.val;
			v.val.string.len = collection_trim(&text, v.val.string.len);
			v.val.string.val = unconstify(char *, text);
			if (v.val.string.len == 0)
				continue;
		}
		(void) pushJsonbValue(&state, WJB_KEY, &name);
		(void) pushJsonbValue(&state, WJB_VALUE, &v);
	}
	return pushJsonbValue(&state, WJB_END_OBJECT, NULL);
}

Datum
collection_reserved_field(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(collection_reserved(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)));
}

/* Every key at every depth: what hides in an object inside is as reserved. */
Datum
collection_has_reserved(PG_FUNCTION_ARGS)
{
	Jsonb	   *fields = PG_GETARG_JSONB_P(0);
	JsonbIterator *it = JsonbIteratorInit(&fields->root);
	JsonbIteratorToken token;
	JsonbValue	v;

	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
		if (token == WJB_KEY && collection_reserved(v.val.string.val, v.val.string.len))
			PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(false);
}
