/*
 * rulebook_json.c
 *		A JSON text as a tree, read with PostgreSQL's own parser.
 *
 * Not by way of jsonb, which silently keeps the last of two equal keys: in a law
 * that would be a rule that vanishes.
 */
#define CREDIT_WANT_JSON
#include "credit_compat.h"

#include <stdarg.h>

#include "rulebook_json.h"

typedef struct Builder
{
	JsonNode   *stack[RULEBOOK_MOST_DEPTH + 1];
	int			depth;			/* open arrays and objects */
	char	   *key[RULEBOOK_MOST_DEPTH + 1];	/* of the value that comes next */
	JsonNode   *root;
	char	   *repeated;		/* the first key that stood twice, and where */
	char		path[160];
} Builder;

bool
rulebook_json_fail(BookError *error, const char *path, const char *format,...)
{
	va_list		args;

	strlcpy(error->path, path, sizeof(error->path));
	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	return false;
}

/*
 * How deep the text is nested, brackets in strings left out.  Asked before the
 * recursive parser sees it, so that its depth is bounded on every server.
 */
static int
nesting(const char *json, size_t length)
{
	int			depth = 0;
	int			deepest = 0;
	bool		quoted = false;

	for (size_t i = 0; i < length; i++)
	{
		char		c = json[i];

		if (quoted)
		{
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		}
		else if (c == '"')
			quoted = true;
		else if (c == '{' || c == '[')
		{
			depth++;
			deepest = Max(deepest, depth);
		}
		else if (c == '}' || c == ']')
			depth--;
	}
	return deepest;
}

/* The path of the object that is open. */
static void
set_path(Builder *b)
{
	strlcpy(b->path, "$", sizeof(b->path));
	for (int d = 0; d < b->depth - 1; d++)
	{
		size_t		length = strlen(b->path);

		if (b->stack[d]->kind == JSON_NODE_ARRAY)
			snprintf(b->path + length, sizeof(b->path) - length, "[%d]", b->stack[d]->count - 1);
		else
			snprintf(b->path + length, sizeof(b->path) - length, ".%s", b->key[d]);
	}
}

static void
add(Builder *b, JsonNode *node)
{
	JsonNode   *parent;

	if (b->depth == 0)
	{
		b->root = node;
		return;
	}
	parent = b->stack[b->depth - 1];
	if (parent->count == parent->room)
	{
		parent->room = parent->room ? parent->room * 2 : 8;
		parent->nodes = parent->nodes ? repalloc(parent->nodes, parent->room * sizeof(JsonNode *)) :
			palloc(parent->room * sizeof(JsonNode *));
		if (parent->kind == JSON_NODE_OBJECT)
			parent->keys = parent->keys ? repalloc(parent->keys, parent->room * sizeof(char *)) :
				palloc(parent->room * sizeof(char *));
	}
	if (parent->kind == JSON_NODE_OBJECT)
	{
		char	   *key = b->key[b->depth - 1];

		/* Objects have few keys, or are refused for an unknown one. */
		if (b->repeated == NULL && parent->count < 256 && rulebook_json_get(parent, key))
		{
			b->repeated = key;
			set_path(b);
		}
		parent->keys[parent->count] = key;
	}
	parent->nodes[parent->count++] = node;
}

static void
open_node(Builder *b, JsonKind kind)
{
	JsonNode   *node = palloc0(sizeof(JsonNode));

	node->kind = kind;
	add(b, node);
	b->stack[b->depth++] = node;	/* nesting() has bounded it */
}

static CreditJsonResult
object_start(void *state)
{
	open_node(state, JSON_NODE_OBJECT);
	CREDIT_JSON_DONE;
}

static CreditJsonResult
array_start(void *state)
{
	open_node(state, JSON_NODE_ARRAY);
	CREDIT_JSON_DONE;
}

static CreditJsonResult
node_end(void *state)
{
	((Builder *) state)->depth--;
	CREDIT_JSON_DONE;
}

static CreditJsonResult
field_start(void *state, char *key, bool isnull)
{
	Builder    *b = state;

	b->key[b->depth - 1] = key;
	CREDIT_JSON_DONE;
}

static CreditJsonResult
scalar(void *state, char *token, JsonTokenType type)
{
	JsonNode   *node = palloc0(sizeof(JsonNode));

	node->text = token;
	switch (type)
	{
		case JSON_TOKEN_STRING:
			node->kind = JSON_NODE_STRING;
			break;
		case JSON_TOKEN_NUMBER:
			node->kind = JSON_NODE_NUMBER;
			break;
		case JSON_TOKEN_TRUE:
		case JSON_TOKEN_FALSE:
			node->kind = JSON_NODE_BOOL;
			node->truth = type == JSON_TOKEN_TRUE;
			break;
		default:
			node->kind = JSON_NODE_NULL;
	}
	add(state, node);
	CREDIT_JSON_DONE;
}

static int
line_of(const char *json, const char *place)
{
	int			line = 1;

	for (const char *p = json; p < place; p++)
		line += *p == '\n';
	return line;
}

JsonNode *
rulebook_json_parse(const char *json, size_t length, BookError *error)
{
	Builder		b = {0};
	JsonSemAction actions = {0};
	JsonLexContext *lex;

	if (length > RULEBOOK_MOST_BYTES)
		error->too_large = !rulebook_json_fail(error, "$", "The text is longer than %d MB.",
											   RULEBOOK_MOST_BYTES >> 20);
	else if (nesting(json, length) > RULEBOOK_MOST_DEPTH)
		error->too_large = !rulebook_json_fail(error, "$",
											   "The text is nested deeper than %d levels.",
											   RULEBOOK_MOST_DEPTH);
	if (error->too_large)
		return NULL;
	actions.semstate = &b;
	actions.object_start = object_start;
	actions.object_end = node_end;
	actions.array_start = array_start;
	actions.array_end = node_end;
	actions.object_field_start = field_start;
	actions.scalar = scalar;
	lex = credit_json_lex(json, length);
	if (pg_parse_json(lex, &actions) != JSON_SUCCESS)
	{
		rulebook_json_fail(error, "$", "The text is no JSON: wrong or missing token on line %d.",
						   line_of(json, lex->token_start ? lex->token_start : json + length));
		return NULL;
	}
	if (b.repeated)
	{
		rulebook_json_fail(error, b.path, "The key \"%.80s\" stands twice in one object.",
						   b.repeated);
		return NULL;
	}
	return b.root;
}

JsonNode *
rulebook_json_get(const JsonNode *object, const char *key)
{
	for (int i = 0; i < object->count; i++)
		if (strcmp(object->keys[i], key) == 0)
			return object->nodes[i];
	return NULL;
}

static void
print_string(StringInfo out, const char *s)
{
	appendStringInfoChar(out, '"');
	for (; *s; s++)
	{
		if (*s == '"' || *s == '\\')
			appendStringInfoChar(out, '\\');
		if ((unsigned char) *s < ' ')
			appendStringInfo(out, "\\u%04x", (unsigned char) *s);
		else
			appendStringInfoChar(out, *s);
	}
	appendStringInfoChar(out, '"');
}

void
rulebook_json_print(StringInfo out, const JsonNode *node)
{
	switch (node->kind)
	{
		case JSON_NODE_STRING:
			print_string(out, node->text);
			break;
		case JSON_NODE_OBJECT:
		case JSON_NODE_ARRAY:
			appendStringInfoChar(out, node->kind == JSON_NODE_OBJECT ? '{' : '[');
			for (int i = 0; i < node->count; i++)
			{
				if (i > 0)
					appendStringInfoString(out, ", ");
				if (node->kind == JSON_NODE_OBJECT)
				{
					print_string(out, node->keys[i]);
					appendStringInfoString(out, ": ");
				}
				rulebook_json_print(out, node->nodes[i]);
			}
			appendStringInfoChar(out, node->kind == JSON_NODE_OBJECT ? '}' : ']');
			break;
		case JSON_NODE_BOOL:
			appendStringInfoString(out, node->truth ? "true" : "false");
			break;
		case JSON_NODE_NUMBER:
			appendStringInfoString(out, node->text);
			break;
		case JSON_NODE_NULL:
			appendStringInfoString(out, "null");
			break;
	}
}
