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
 * 3. A line of a batch that cannot be read is not quoted at all: it holds names,
 *	  which nothing finds in a text.
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
 * One character of a number: digits and letters, ASCII or full width, and the
 * Roman ten, as upper case ASCII; 0 for anything else.  *bytes is its size.
 */
static char
code_character(const unsigned char *s, int *bytes)
{
	*bytes = 1;
	if (s[0] >= '0' && s[0] <= '9')
		return s[0];
	if ((s[0] | 0x20) >= 'a' && (s[0] | 0x20) <= 'z')
		return s[0] & ~0x20;
	*bytes = 3;
	if (s[0] == 0xEF && (s[1] == 0xBC || s[1] == 0xBD) && s[2] >= 0x80)
	{
		unsigned	c = (s[1] & 0x3F) << 6 | (s[2] & 0x3F);

		if (c >= 0xF10 && c <= 0xF19)	/* U+FF10 .. U+FF19 */
			return '0' + (c - 0xF10);
		if (c >= 0xF21 && c <= 0xF3A)
			return 'A' + (c - 0xF21);
		if (c >= 0xF41 && c <= 0xF5A)
			return 'A' + (c - 0xF41);
	}
	if (s[0] == 0xE2 && s[1] == 0x85 && (s[2] == 0xA9 || s[2] == 0xB9))
		return 'X';				/* U+2169, U+2179 */
	*bytes = 1;
	return 0;
}

static int
two_digits(const char *s)
{
	return (s[0] - '0') * 10 + s[1] - '0';
}

static bool
plausible_month_day(const char *mmdd)
{
	return two_digits(mmdd) >= 1 && two_digits(mmdd) <= 12 &&
		two_digits(mmdd + 2) >= 1 && two_digits(mmdd + 2) <= 31;
}

/*
 * Masks what reads as a person's number of 18 characters: 17 digits, a digit
 * or X, a date of 1800 to 2199.  Blanks and hyphens may stand between them and
 * anything before and behind, so a number is found inside a longer run, too.
 * Wider than the type on purpose: a wrong check character or an unknown
 * province makes a number no less personal.
 */
static int
redact_persons(char *text, bool mask)
{
	unsigned char *p = (unsigned char *) text;
	char		last[CODE_LENGTH];	/* the last characters, and where each ends */
	unsigned char *end[CODE_LENGTH];
	int			digits = 0;
	int			found = 0;

	while (*p)
	{
		int			bytes;
		char		c = code_character(p, &bytes);

		p += bytes;
		if (c == 0)
		{
			if (p[-1] != ' ' && p[-1] != '-')
				digits = 0;
			continue;
		}
		memmove(last, last + 1, CODE_LENGTH - 1);
		memmove(end, end + 1, sizeof(end) - sizeof(end[0]));
		last[CODE_LENGTH - 1] = c;
		end[CODE_LENGTH - 1] = p;
		if (((c >= '0' && c <= '9') || c == 'X') && digits >= CODE_LENGTH - 1 &&
			two_digits(last + 6) >= 18 && two_digits(last + 6) <= 21 &&
			plausible_month_day(last + 10))
		{
			found++;
			if (mask)
				memset(end[SHOWN - 1], '*', p - end[SHOWN - 1]);
			digits = 0;
		}
		else
			digits = c >= '0' && c <= '9' ? digits + 1 : 0;
	}
	return found;
}

/* An old number of 15 digits, or any code that the type takes. */
static bool
reads_as_code(const char *s, int length)
{
	char		marked[CODE_LENGTH + 1];
	uint64_t	value;
	CodeReport	report;

	if (length == 15)
		return strspn(s, "0123456789") >= 15 && plausible_month_day(s + 8);
	if (length != CODE_LENGTH)
		return false;
	memcpy(marked, s, CODE_LENGTH);
	marked[CODE_LENGTH] = CODE_MARK;
	return code_parse(marked, sizeof(marked), &value, &report);
}

/* Masks whole runs of letters and digits, with hyphens in them, that are codes. */
static int
redact_runs(char *text, bool mask)
{
	unsigned char *p = (unsigned char *) text;
	int			found = 0;

	while (*p)
	{
		char		run[CODE_LENGTH + 2];
		unsigned char *shown = NULL;	/* behind the places that may stay */
		int			length = 0;
		int			bytes,
					next;
		char		c;

		while ((c = code_character(p, &bytes)) != 0 ||
			   (*p == '-' && length > 0 && code_character(p + 1, &next) != 0))
		{
			p += bytes;
			if (c == 0)
				continue;
			if (length <= CODE_LENGTH)
				run[length] = c;
			if (++length == SHOWN)
				shown = p;
		}
		if (length > SHOWN && length <= CODE_LENGTH)
		{
			run[length] = '\0';
			if (reads_as_code(run, length))
			{
				found++;
				if (mask)
					memset(shown, '*', p - shown);
			}
		}
		if (length == 0)
			p++;
	}
	return found;
}

/*
 * Masks every code in the text; tells how many.  With mask = false the text is
 * only looked at.
 */
static int
redact_codes(char *text, bool mask)
{
	return redact_persons(text, mask) + redact_runs(text, mask);
}

/* ------------------------------------------------------------------------
 * Lines of a batch
 * ------------------------------------------------------------------------
 */

/* What takes lines of a batch as text: a name of a person may stand anywhere in them. */
static const char *const takes_lines[] = {"batch_in", "add_batch_rows", "correct_row"};

static void
mask_bytes(char *from, char *to)
{
	if (from != NULL && from < to)
		memset(from, '*', to - from);
}

/* What stands in quotation marks, from the first to the last. */
static void
mask_quoted(char *text)
{
	char	   *first = strchr(text, '"');

	if (first != NULL)
		mask_bytes(first + 1, strrchr(text, '"'));
}

/*
 * "JSON data, line 1: ..." quotes what it read, in every language behind the
 * number.  It is the first line of the context.
 */
static void
mask_json_context(char *context)
{
	char	   *end = context + strcspn(context, "\n");
	char	   *p = context + strcspn(context, "0123456789");

	p += strspn(p, "0123456789");
	p += strspn(p, ": ");
	mask_bytes(p, end);
}

/* The line of the context in which COPY says where it was, or NULL. */
static char *
copy_context(char *context)
{
	static const char begin[] = "COPY batch_in,";

	for (char *p = context; p != NULL; p = strchr(p, '\n'))
	{
		p += *p == '\n';
		if (strncmp(p, begin, sizeof(begin) - 1) == 0)
			return p;
	}
	return NULL;
}

static bool
statement_takes_lines(void)
{
	for (int i = 0; debug_query_string != NULL && i < (int) lengthof(takes_lines); i++)
		if (strstr(debug_query_string, takes_lines[i]) != NULL)
			return true;
	return false;
}

/*
 * A line that cannot be read is quoted by the server: the token in the detail,
 * the line and COPY's column in the context, a value of another type in the
 * message.  That is masked; where in the file it stands is left.  Without COPY
 * the line is in the statement, which is kept back.  True if there was one.
 */
static bool
redact_line(ErrorData *edata)
{
	char	   *copy = copy_context(edata->context);
	bool		json = edata->filename != NULL && strcmp(edata->filename, "jsonfuncs.c") == 0;
	bool		refused = edata->sqlerrcode == ERRCODE_INVALID_TEXT_REPRESENTATION ||
		edata->sqlerrcode == ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;

	if (copy == NULL && !(refused && statement_takes_lines()))
		return false;
	if (copy != NULL)
		mask_quoted(copy);
	if (json && edata->detail != NULL)
		mask_quoted(edata->detail);
	if (json && edata->context != NULL && edata->context != copy)
		mask_json_context(edata->context);
	if (refused && !json && edata->message != NULL)
		mask_quoted(edata->message);
	return copy == NULL;
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

		if (redact_line(edata))
			found++;
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
