/*
 * code_suggest.c
 *		credit.suggest_code: the codes that are one typing slip away.
 *
 * Slips in the order of likelihood: a letter that looks like another
 * character, two neighbours swapped, one character wrong, one missing, one too
 * many.  Only regular codes are suggested; whether one of them is meant is for
 * a person to say.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"

#include "code.h"
#include "code_pack.h"
#include "code_word.h"
#include "credit_compat.h"

PG_FUNCTION_INFO_V1(code_suggest);

/* 18 places times 30 other characters, twice over, is more than can validate */
#define MAX_SUGGESTIONS	1200

typedef struct Suggestions
{
	int			count;
	CreditCode	code[MAX_SUGGESTIONS];
} Suggestions;

static void
suggest(Suggestions *list, const char *text)
{
	uint64_t	value;

	if (!code_pack_regular(text, &value))
		return;
	for (int i = 0; i < list->count; i++)
		if (list->code[i] == value)
			return;
	if (list->count < MAX_SUGGESTIONS)
		list->code[list->count++] = value;
}

/* All letters that GB 32100 leaves out, read as what they look like. */
static void
suggest_look_alikes(Suggestions *list, char *s)
{
	static const char *const alike[] = {"I1", "O0", "S5", "VU", "Z2"};
	char		kept[CODE_LENGTH];

	memcpy(kept, s, CODE_LENGTH);
	for (int i = 0; i < CODE_LENGTH; i++)
		for (size_t k = 0; k < lengthof(alike); k++)
			if (s[i] == alike[k][0])
				s[i] = alike[k][1];
	suggest(list, s);
	memcpy(s, kept, CODE_LENGTH);

	/* a letter among the 31 that was meant as a digit, or the reverse */
	for (int i = 0; i < CODE_LENGTH; i++)
	{
		static const char pairs[] = "B8 8B D0 0D Q0 0Q G6 6G L1 1L U0 T7 7T ";

		for (const char *p = pairs; *p; p += 3)
			if (s[i] == p[0])
			{
				s[i] = p[1];
				suggest(list, s);
				s[i] = p[0];
			}
	}
}

static void
suggest_swaps(Suggestions *list, char *s)
{
	for (int i = 0; i + 1 < CODE_LENGTH; i++)
	{
		char		c = s[i];

		s[i] = s[i + 1];
		s[i + 1] = c;
		suggest(list, s);
		s[i + 1] = s[i];
		s[i] = c;
	}
}

static void
suggest_replacements(Suggestions *list, char *s)
{
	for (int i = 0; i < CODE_LENGTH; i++)
	{
		char		c = s[i];

		for (const char *p = code_letters; *p; p++)
		{
			s[i] = *p;
			suggest(list, s);
		}
		s[i] = c;
	}
}

static void
suggest_insertions(Suggestions *list, const char *s)
{
	char		longer[CODE_LENGTH];

	for (int i = 0; i < CODE_LENGTH; i++)
	{
		memcpy(longer, s, i);
		memcpy(longer + i + 1, s + i, CODE_LENGTH - 1 - i);
		for (const char *p = code_letters; *p; p++)
		{
			longer[i] = *p;
			suggest(list, longer);
		}
	}
}

static void
suggest_deletions(Suggestions *list, const char *s)
{
	char		shorter[CODE_LENGTH];

	for (int i = 0; i <= CODE_LENGTH; i++)
	{
		memcpy(shorter, s, i);
		memcpy(shorter + i, s + i + 1, CODE_LENGTH - i);
		suggest(list, shorter);
	}
}

static void
find_suggestions(Suggestions *list, text *input)
{
	char		s[CODE_LENGTH + 2];
	CreditCode	value;
	CodeReport	report;
	int			length;

	list->count = 0;
	if (code_parse_server(VARDATA_ANY(input), VARSIZE_ANY_EXHDR(input),
						  &value, &report) && report.verdict != CODE_IRREGULAR)
	{
		list->code[list->count++] = value;
		return;
	}
	length = code_fold_server(VARDATA_ANY(input), VARSIZE_ANY_EXHDR(input), s);
	if (length == CODE_LENGTH)
	{
		suggest_look_alikes(list, s);
		suggest_swaps(list, s);
		suggest_replacements(list, s);
	}
	else if (length == CODE_LENGTH - 1)
		suggest_insertions(list, s);
	else if (length == CODE_LENGTH + 1)
		suggest_deletions(list, s);
}

Datum
code_suggest(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	Suggestions *list;

	if (SRF_IS_FIRSTCALL())
	{
		call = SRF_FIRSTCALL_INIT();
		call->user_fctx = MemoryContextAlloc(call->multi_call_memory_ctx,
											 sizeof(Suggestions));
		find_suggestions(call->user_fctx, PG_GETARG_TEXT_PP(0));
	}
	call = SRF_PERCALL_SETUP();
	list = call->user_fctx;
	if (call->call_cntr < (uint64) list->count)
	{
		/* the macro counts up before it looks at the result */
		Datum		next = CodeGetDatum(list->code[call->call_cntr]);

		SRF_RETURN_NEXT(call, next);
	}
	SRF_RETURN_DONE(call);
}
