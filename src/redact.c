/*
 * redact.c
 *		Keeps numbers of people out of errors and the server's log.
 *
 * The server quotes data in its own messages: the key of a unique violation,
 * the failing row of a constraint, the column that COPY was reading, and the
 * whole statement in the log.  Two defences:
 *
 * 1. What credit.code refused is masked where callers quoted it, however it
 *	  was spelled (redact_rethrow).
 * 2. In a session that has loaded this module, the log hook masks everything
 *	  that reads as a credit code, from place 7 on, in every part of every
 *	  message, and keeps back the statement that holds one.
 *
 * Masking is done in place: an asterisk for each byte.
 */
#include "postgres.h"

#include "tcop/tcopprot.h"
#include "utils/elog.h"

#include "code_core.h"
#include "credit.h"
#include "redact.h"

#define SHOWN	6				/* places that may stay: the division */

/* ------------------------------------------------------------------------
 * Codes inside a longer text
 * ------------------------------------------------------------------------
 */

/*
 * One character of a token: digits and letters, ASCII or full width, as upper
 * case ASCII; '-' for a hyphen; 0 for anything else.  *bytes is its size.
 */
static char
token_character(const unsigned char *s, int *bytes)
{
	*bytes = 1;
	if (s[0] >= '0' && s[0] <= '9')
		return s[0];
	if ((s[0] | 0x20) >= 'a' && (s[0] | 0x20) <= 'z')
		return s[0] & ~0x20;
	if (s[0] == '-')
		return '-';
	if (s[0] == 0xEF && (s[1] == 0xBC || s[1] == 0xBD) && s[2] >= 0x80)
	{
		unsigned	c = (s[1] & 0x3F) << 6 | (s[2] & 0x3F);

		*bytes = 3;
		if (c >= 0xF10 && c <= 0xF19)	/* U+FF10 .. U+FF19 */
			return '0' + (c - 0xF10);
		if (c >= 0xF21 && c <= 0xF3A)
			return 'A' + (c - 0xF21);
		if (c >= 0xF41 && c <= 0xF5A)
			return 'A' + (c - 0xF41);
	}
	return 0;
}

static bool
plausible_month_day(const char *mmdd)
{
	int			month = (mmdd[0] - '0') * 10 + mmdd[1] - '0';
	int			day = (mmdd[2] - '0') * 10 + mmdd[3] - '0';

	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/*
 * Is this a number of somebody?  Wider than the type: a wrong check character
 * or an unknown province makes a number no less personal.
 */
static bool
reads_as_code(const char *s, int length)
{
	char		marked[CODE_LENGTH + 1];
	uint64_t	value;
	CodeReport	report;
	int			digits = 0;

	while (digits < length && s[digits] >= '0' && s[digits] <= '9')
		digits++;
	if (length == 15)
		return digits == 15 && plausible_month_day(s + 8);
	if (length != CODE_LENGTH)
		return false;
	if (digits >= CODE_LENGTH - 1 && plausible_month_day(s + 10))
		return true;
	memcpy(marked, s, CODE_LENGTH);
	marked[CODE_LENGTH] = CODE_MARK;
	return code_parse(marked, sizeof(marked), &value, &report);
}

/*
 * Masks every code in the text; tells how many.  With mask = false the text is
 * only looked at.
 */
static int
redact_codes(char *text, bool mask)
{
	unsigned char *p = (unsigned char *) text;
	int			found = 0;

	while (*p)
	{
		char		token[CODE_LENGTH + 1];
		unsigned char *shown = NULL;	/* behind the places that may stay */
		unsigned char *start = p;
		int			length = 0;
		int			bytes;
		char		c;

		/* a run of letters and digits; hyphens may stand between them */
		while ((c = token_character(p, &bytes)) != 0)
		{
			int			next;

			if (c == '-' && (length == 0 || token_character(p + 1, &next) == 0 ||
							 token_character(p + 1, &next) == '-'))
				break;
			p += bytes;
			if (c == '-')
				continue;
			if (length < CODE_LENGTH + 1)
				token[length] = c;
			length++;
			if (length == SHOWN)
				shown = p;
		}
		if (length > SHOWN && length <= CODE_LENGTH &&
			reads_as_code(token, length))
		{
			found++;
			if (mask)
				memset(shown, '*', p - shown);
		}
		if (p == start)
			p++;
	}
	return found;
}

/* ------------------------------------------------------------------------
 * The hook
 * ------------------------------------------------------------------------
 */

static int
redact_part(char *part)
{
	return part != NULL ? redact_codes(part, true) : 0;
}

static void
redact_error(ErrorData *edata)
{
	if (credit_state.redact_errors)
	{
		int			found = redact_part(edata->message) +
			redact_part(edata->detail) + redact_part(edata->detail_log) +
			redact_part(edata->hint) + redact_part(edata->context) +
			redact_part(edata->internalquery);

		if (found > 0 ||
			(!edata->hide_stmt && debug_query_string != NULL &&
			 redact_codes(unconstify(char *, debug_query_string), false) > 0))
			edata->hide_stmt = true;
	}
	if (credit_state.next_emit_log_hook != NULL)
		credit_state.next_emit_log_hook(edata);
}

void
redact_install(void)
{
	credit_state.next_emit_log_hook = emit_log_hook;
	emit_log_hook = redact_error;
}

/* ------------------------------------------------------------------------
 * A refused input value
 * ------------------------------------------------------------------------
 */

/*
 * COPY quotes at most about 100 bytes and puts dots behind them, so of a long
 * value its beginning is looked for, and all up to the closing quote masked.
 */
#define QUOTED_BEGINNING	64

/* A shorter text is no number, and could be a word of the message itself. */
#define SHORTEST_NUMBER		9

static void
mask_value(char *text, const char *value, size_t length)
{
	size_t		n = Min(length, QUOTED_BEGINNING);
	char	   *p = text;

	if (text == NULL || length == 0)
		return;
	while ((p = strchr(p, value[0])) != NULL)
	{
		bool		quoted = p > text && p[-1] == '"';

		if (strncmp(p, value, n) != 0 ||
			(length < SHORTEST_NUMBER && !(quoted && p[n] == '"')))
		{
			p++;
			continue;
		}
		if (length > QUOTED_BEGINNING)
		{
			char	   *end = strchr(p + n, '"');

			n = end ? (size_t) (end - p) : strlen(p);
		}
		memset(p, '*', n);
		p += n;
		n = Min(length, QUOTED_BEGINNING);
	}
}

void
redact_rethrow(const char *value, size_t length, MemoryContext caller)
{
	ErrorData  *edata;

	MemoryContextSwitchTo(caller);
	edata = CopyErrorData();
	FlushErrorState();
	if (credit_state.redact_errors)
	{
		mask_value(edata->context, value, length);
		mask_value(edata->internalquery, value, length);
	}
	ReThrowError(edata);
}
