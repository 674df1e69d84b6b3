/*
 * rulebook.c
 *		The type credit.rulebook: input and output, comparison, casts, the shipped ones.
 */
#include "postgres.h"

#include <unistd.h>

#include "common/cryptohash.h"
#include "common/hashfn.h"
#include "common/sha2.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "credit_compat.h"
#include "rulebook.h"

StaticAssertDecl(RULEBOOK_DIGEST == PG_SHA256_DIGEST_LENGTH, "the digest is SHA-256");

PG_FUNCTION_INFO_V1(rulebook_in);
PG_FUNCTION_INFO_V1(rulebook_out);
PG_FUNCTION_INFO_V1(rulebook_recv);
PG_FUNCTION_INFO_V1(rulebook_send);
PG_FUNCTION_INFO_V1(rulebook_eq);
PG_FUNCTION_INFO_V1(rulebook_ne);
PG_FUNCTION_INFO_V1(rulebook_hash_code);
PG_FUNCTION_INFO_V1(rulebook_hash_extended);
PG_FUNCTION_INFO_V1(rulebook_to_jsonb);
PG_FUNCTION_INFO_V1(rulebook_from_jsonb);
PG_FUNCTION_INFO_V1(rulebook_digest);
PG_FUNCTION_INFO_V1(shipped_rulebook);

#define RULEBOOK_WIRE_VERSION	1

/* Equality and hash are by content, so the content gets a name. */
static void
set_digest(Rulebook *book)
{
	pg_cryptohash_ctx *sha = pg_cryptohash_create(PG_SHA256);

	if (sha == NULL || pg_cryptohash_init(sha) < 0 ||
		pg_cryptohash_update(sha, (const uint8 *) BOOK_CHARS(book, book->json),
							 book->json.length) < 0 ||
		pg_cryptohash_final(sha, book->digest, RULEBOOK_DIGEST) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the digest of a rulebook")));
	pg_cryptohash_free(sha);
}

/*
 * In a context of its own: the tree of a long text is many times its size.
 * NULL on a soft error.
 */
static Rulebook *
rulebook_from_text(const char *json, size_t length, struct Node *escontext)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "rulebook input",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	BookError	error;
	Rulebook   *book;

	if (length <= RULEBOOK_MOST_BYTES && GetDatabaseEncoding() != PG_UTF8)
	{
		json = pg_server_to_any(json, length, PG_UTF8);
		length = strlen(json);
	}
	book = rulebook_compile(json, length, &error);
	if (book)
		set_digest(book);
	MemoryContextSwitchTo(caller);
	if (book)
		book = memcpy(palloc(VARSIZE(book)), book, VARSIZE(book));
	MemoryContextDelete(context);
	if (book == NULL)
		ereturn(escontext, NULL,
				(errcode(error.too_large ? ERRCODE_PROGRAM_LIMIT_EXCEEDED :
						 ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid rulebook at %s", error.path),
				 errdetail("%s", error.message),
				 error.hint[0] ? errhint("%s", error.hint) : 0));
	return book;
}

const Rulebook *
rulebook_of_datum(Datum datum)
{
	const Rulebook *book = (const Rulebook *) PG_DETOAST_DATUM(datum);

	if (book->format != RULEBOOK_FORMAT)
		book = rulebook_from_text(BOOK_CHARS(book, book->json), book->json.length, NULL);
	return book;
}

static char *
json_of(const Rulebook *book)
{
	char	   *json = pnstrdup(BOOK_CHARS(book, book->json), book->json.length);

	return pg_any_to_server(json, book->json.length, PG_UTF8);
}

Datum
rulebook_in(PG_FUNCTION_ARGS)
{
	const char *s = PG_GETARG_CSTRING(0);
	Rulebook   *book = rulebook_from_text(s, strlen(s), credit_soft_context(fcinfo));

	if (book == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(book);
}

Datum
rulebook_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(json_of(rulebook_of_datum(PG_GETARG_DATUM(0))));
}

/* A version and the text, so that what comes in is checked like any text. */
Datum
rulebook_recv(PG_FUNCTION_ARGS)
{
	StringInfo	in = (StringInfo) PG_GETARG_POINTER(0);
	int			version = pq_getmsgbyte(in);
	int			length;
	char	   *json;

	if (version != RULEBOOK_WIRE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unknown version %d of a binary rulebook", version)));
	json = pq_getmsgtext(in, in->len - in->cursor, &length);
	PG_RETURN_POINTER(rulebook_from_text(json, length, NULL));
}

Datum
rulebook_send(PG_FUNCTION_ARGS)
{
	StringInfoData out;
	char	   *json = json_of(rulebook_of_datum(PG_GETARG_DATUM(0)));

	pq_begintypsend(&out);
	pq_sendbyte(&out, RULEBOOK_WIRE_VERSION);
	pq_sendtext(&out, json, strlen(json));
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* The head of a value, without fetching the rest of it. */
static const uint8 *
digest_of(Datum datum)
{
	return ((const Rulebook *) PG_DETOAST_DATUM_SLICE(datum, 0, offsetof(Rulebook,
																		 json) - VARHDRSZ))->digest;
}

Datum
rulebook_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(digest_of(PG_GETARG_DATUM(0)), digest_of(PG_GETARG_DATUM(1)),
						  RULEBOOK_DIGEST) == 0);
}

Datum
rulebook_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(digest_of(PG_GETARG_DATUM(0)), digest_of(PG_GETARG_DATUM(1)),
						  RULEBOOK_DIGEST) != 0);
}

Datum
rulebook_hash_code(PG_FUNCTION_ARGS)
{
	return hash_any(digest_of(PG_GETARG_DATUM(0)), RULEBOOK_DIGEST);
}

Datum
rulebook_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended(digest_of(PG_GETARG_DATUM(0)), RULEBOOK_DIGEST, PG_GETARG_INT64(1));
}

Datum
rulebook_digest(PG_FUNCTION_ARGS)
{
	bytea	   *out = palloc(VARHDRSZ + RULEBOOK_DIGEST);

	SET_VARSIZE(out, VARHDRSZ + RULEBOOK_DIGEST);
	memcpy(VARDATA(out), digest_of(PG_GETARG_DATUM(0)), RULEBOOK_DIGEST);
	PG_RETURN_BYTEA_P(out);
}

Datum
rulebook_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in,
							   CStringGetDatum(json_of(rulebook_of_datum(PG_GETARG_DATUM(0)))));
}

Datum
rulebook_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = PG_GETARG_JSONB_P(0);
	char	   *json = JsonbToCString(NULL, &jb->root, VARSIZE(jb));

	PG_RETURN_POINTER(rulebook_from_text(json, strlen(json), NULL));
}

/* --- shipped rulebooks: files beside the control file --- */

static const char shipped_prefix[] = "credit_rulebook_";
static const char shipped_suffix[] = ".json";

static char *
extension_directory(void)
{
	char		share[MAXPGPATH];

	get_share_path(my_exec_path, share);
	return psprintf("%s/extension", share);
}

static char *
list_shipped(const char *directory)
{
	DIR		   *dir = AllocateDir(directory);
	struct dirent *entry;
	StringInfoData names;

	initStringInfo(&names);
	while ((entry = ReadDir(dir, directory)) != NULL)
	{
		int			length = strlen(entry->d_name) - (lengthof(shipped_suffix) - 1);

		if (strncmp(entry->d_name, shipped_prefix, lengthof(shipped_prefix) - 1) == 0 &&
			length > (int) lengthof(shipped_prefix) - 1 &&
			strcmp(entry->d_name + length, shipped_suffix) == 0)
			appendStringInfo(&names, "%s%.*s", names.len ? ", " : "",
							 length - (int) (lengthof(shipped_prefix) - 1),
							 entry->d_name + lengthof(shipped_prefix) - 1);
	}
	FreeDir(dir);
	return names.data;
}

static bool
is_plain_name(const char *name)
{
	return *name >= 'a' && *name <= 'z' && strlen(name) < 64 &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

/*
 * Reads the file of that name.  The files are installed with the module and
 * change only with it, which is what makes the function immutable.
 */
Datum
shipped_rulebook(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *directory = extension_directory();
	char	   *path = psprintf("%s/%s%s%s", directory, shipped_prefix, name, shipped_suffix);
	FILE	   *file = is_plain_name(name) ? AllocateFile(path, "r") : NULL;
	char	   *json;
	size_t		length;

	if (file == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no rulebook of that name ships with this version"),
				 errhint("Shipped: %s.", list_shipped(directory))));
	json = palloc(RULEBOOK_MOST_BYTES + 2);
	length = fread(json, 1, RULEBOOK_MOST_BYTES + 1, file);
	if (ferror(file))
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read file \"%s\": %m", path)));
	FreeFile(file);
	json[length] = '\0';
	if (GetDatabaseEncoding() != PG_UTF8)
	{
		json = pg_any_to_server(json, length, PG_UTF8);
		length = strlen(json);
	}
	PG_RETURN_POINTER(rulebook_from_text(json, length, NULL));
}
