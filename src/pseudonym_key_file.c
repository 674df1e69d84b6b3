/*
 * pseudonym_key_file.c
 *		The key file on disk: who may have touched it, reading, making.
 *
 * A file is used only if nobody but the server's user and root can have
 * written or read it: a regular file with one name, of the server's user,
 * without rights for group and others, opened without following a symbolic
 * link, in a directory that is not writable for others (or sticky, as /tmp)
 * and lies outside the data directory, which base backups copy.
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"

#include "credit.h"
#include "pseudonym_key_file.h"
#include "pseudonym_key_format.h"
#include "pseudonym_key_noted.h"

PG_FUNCTION_INFO_V1(pseudonym_create_key_file);
PG_FUNCTION_INFO_V1(pseudonym_add_key);
PG_FUNCTION_INFO_V1(pseudonym_keys);

/* The path goes to the client only where SHOW would show it. */
static int
file_message(const char *path, const char *what)
{
	if (superuser())
		return errmsg("key file \"%s\" %s", path, what);
	return errmsg("key file %s", what);
}

static void
refuse(const char *path, const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 file_message(path, "is refused"),
			 errdetail_internal("%s", why)));
}

/* Is there a register that needs the keys it was made with, and no fresh ones? */
static bool
has_keys_of_its_own(void)
{
	NotedKey	noted;

	return key_noted(KEY_PSEUDONYM, &noted);
}

static int
hint_directory(void)
{
	return errhint("It belongs to the server's user or root, nobody else writes into it, and "
				   "the server can enter it: install -d -m 700 -o postgres DIRECTORY");
}

static void
need_path(const char *path)
{
	if (path == NULL || path[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no key file is configured"),
				 has_keys_of_its_own() ?
				 errhint("An administrator sets credit.key_file to a copy of "
						 "the key file that the register was made with.") :
				 errhint("An administrator sets credit.key_file to a path outside the data "
						 "directory and calls credit.create_key_file(). After ALTER SYSTEM a "
						 "session that is open sees it a moment later, or after SET.")));
}

static void
id_of(const struct stat *st, KeyFileId *id)
{
	memset(id, 0, sizeof(*id));
	id->device = st->st_dev;
	id->inode = st->st_ino;
	id->size = st->st_size;
	id->modified = (int64) st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	id->changed = (int64) st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

bool
key_file_id(const char *path, KeyFileId *id)
{
	struct stat st;

	if (path == NULL || lstat(path, &st) != 0)
		return false;
	id_of(&st, id);
	return true;
}

/*
 * The directory of the path, resolved, as the place that is checked and used.
 * Others who can rename what lies in it could put their own file in its place.
 */
static void
check_directory(const char *path)
{
	char		directory[MAXPGPATH];
	char		real[PATH_MAX];
	char		data[PATH_MAX];
	struct stat st;
	size_t		length;

	strlcpy(directory, path, sizeof(directory));
	get_parent_directory(directory);
	if (directory[0] == '\0')
		strlcpy(directory, "/", sizeof(directory));
	if (realpath(directory, real) == NULL || stat(real, &st) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not look at the directory of the key file: %m"), hint_directory()));
	if (st.st_uid != geteuid() && st.st_uid != 0)
		refuse(path, "Its directory belongs neither to the server's user nor to root.");
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (st.st_mode & S_ISVTX) == 0)
		refuse(path, "Its directory is writable for group or others.");
	if (realpath(DataDir, data) == NULL)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not resolve the data directory: %m")));
	length = strlen(data);
	if (strncmp(real, data, length) == 0 &&
		(real[length] == '/' || real[length] == '\0'))
		refuse(path,
			"It lies in the data directory: base backups would carry the keys with the data.");
}

/* What an opened file must be. */
static void
check_file(const char *path, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		refuse(path, "It is not a regular file.");
	if (st->st_uid != geteuid())
		refuse(path, "It does not belong to the server's user.");
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		refuse(path, "Group or others have rights on it; it needs mode 0600.");
	if (st->st_nlink != 1)
		refuse(path, "It has more than one name (hard links).");
	if (st->st_size > KEY_FILE_SIZE)
		refuse(path, "It is too large to be a key file.");
}

/*
 * Opens without following a link, and without waiting where it is a pipe.  The
 * server closes what an error leaves open.
 */
static int
open_file(const char *path)
{
	int			fd = OpenTransientFile(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		return fd;
	if (errno == ELOOP)
		refuse(path, "It is a symbolic link.");
	if (errno == ENOENT)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 file_message(path, "does not exist"),
				 has_keys_of_its_own() ?
				 errhint("Put the key file that the register was made with in its place.") :
				 errhint(
					"Restore it from your copy, or make the first one with credit.create_key_file().")));
	ereport(ERROR,
			(errcode_for_file_access(),
			 file_message(path, "cannot be opened"),
			 errdetail("%m")));
}

/*
 * Reads and parses what is open.  Raises nothing while key text is in the
 * buffer: it is wiped first, and only then is the fault told.
 */
static const char *
read_ring(int fd, KeyRing *ring, int *line)
{
	char		text[KEY_FILE_SIZE];
	size_t		length = 0;
	ssize_t		got = 0;
	const char *fault;

	while (length < sizeof(text) &&
		   (got = read(fd, text + length, sizeof(text) - length)) > 0)
		length += got;
	*line = 0;
	fault = got < 0 ? "It could not be read." :
		key_read_text(text, length, ring, line);
	explicit_bzero(text, sizeof(text));
	if (fault != NULL)
		explicit_bzero(ring, sizeof(KeyRing));
	return fault;
}

void
key_file_load(const char *path, KeyRing *ring, KeyFileId *id)
{
	struct stat st;
	const char *fault;
	int			line;
	int			fd;

	need_path(path);
	check_directory(path);
	fd = open_file(path);
	if (fstat(fd, &st) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 file_message(path, "cannot be looked at"),
				 errdetail("%m")));
	check_file(path, &st);
	id_of(&st, id);
	fault = read_ring(fd, ring, &line);
	CloseTransientFile(fd);
	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 line > 0 ? errmsg("key file is refused, line %d", line) :
				 errmsg("key file is refused"),
				 errdetail_internal("%s", fault),
				 errhint("Restore it from your copy.")));
}

/* ------------------------------------------------------------------------
 * Making
 * ------------------------------------------------------------------------
 */

static void
need_superuser(void)
{
	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to manage keys"),
				 errdetail("Only a superuser may.")));
}

/* Writes all bytes and forces them to disk; 0, or what errno says. */
static int
write_fd(int fd, const char *text, size_t length)
{
	while (length > 0)
	{
		ssize_t		done = write(fd, text, length);

		if (done < 0)
			return errno;
		text += done;
		length -= done;
	}
	return fchmod(fd, S_IRUSR | S_IWUSR) != 0 || fsync(fd) != 0 ? errno : 0;
}

/*
 * Writes the ring beside the path and gives it the name only when it is whole
 * and on disk: link() fails if the name is taken, rename() takes the place of
 * the older file.  0, or what errno says.
 */
static int
write_ring(const char *path, const KeyRing *ring, bool replace)
{
	char		text[KEY_FILE_SIZE];
	char		scratch[MAXPGPATH + 32];
	size_t		length = key_write_text(ring, text);
	int			fault = 0;
	int			fd;

	snprintf(scratch, sizeof(scratch), "%s.%d.new", path, MyProcPid);
	fd = open(scratch, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  S_IRUSR | S_IWUSR);
	if (fd < 0)
		fault = errno;
	else
	{
		fault = write_fd(fd, text, length);
		close(fd);
		if (fault == 0 && (replace ? rename(scratch, path) :
						   link(scratch, path)) != 0)
			fault = errno;
		if (fault != 0 || !replace)
			unlink(scratch);
	}
	explicit_bzero(text, sizeof(text));
	return fault;
}

/* Opens the directory, so that it can be locked and forced to disk. */
static int
open_directory(const char *path)
{
	char		directory[MAXPGPATH];
	int			fd;

	strlcpy(directory, path, sizeof(directory));
	get_parent_directory(directory);
	fd = OpenTransientFile(directory[0] ? directory : "/",
						   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not open the directory of the key file: %m"), hint_directory()));
	return fd;
}

static void
today(char day[11])
{
	time_t		now = time(NULL);
	struct tm	parts;

	gmtime_r(&now, &parts);
	strftime(day, 11, "%Y-%m-%d", &parts);
}

/*
 * Adds a key of the purpose to a ring, or all keys to an empty one, and writes
 * it; errors after wiping.  Returns the version of the new key.
 */
static int
make_keys(const char *path, KeyRing *ring, bool replace, KeyPurpose purpose)
{
	int			directory = open_directory(path);
	char		day[11];
	bool		made;
	int			version = 0;
	int			fault = 0;

	today(day);
	made = replace ? key_add_random(ring, purpose, day) :
		key_add_random(ring, KEY_PSEUDONYM, day) &&
		key_add_random(ring, KEY_IDENTITY, day) &&
		key_add_random(ring, KEY_AUDIT, day);
	if (made)
	{
		version = key_find(ring, purpose, 0)->version;
		fault = write_ring(path, ring, replace);
	}
	explicit_bzero(ring, sizeof(KeyRing));
	if (made && fault == 0 && fsync(directory) != 0)
		fault = errno;
	CloseTransientFile(directory);
	if (!made)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("no further key could be made"),
				 errdetail("A key file holds at most %d keys.", KEY_MAX)));
	errno = fault;
	if (fault == EEXIST)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_FILE),
				 file_message(path, "exists already"),
				 errdetail(
					"It is never overwritten: what was written with its keys would be lost.")));
	if (fault != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 file_message(path, "cannot be written"),
				 errdetail("%m")));
	return version;
}

Datum
pseudonym_create_key_file(PG_FUNCTION_ARGS)
{
	const char *path = credit_state.key_file;
	KeyRing		ring;
	KeyFileId	id;

	need_superuser();
	need_path(path);
	check_directory(path);
	if (!key_file_id(path, &id) && has_keys_of_its_own())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this database holds a register that was made with other keys"),
				 errdetail("With fresh ones every person would be a second subject."),
				 errhint("Put the key file that the register was made with in its place.")));
	memset(&ring, 0, sizeof(ring));
	make_keys(path, &ring, false, KEY_IDENTITY);
	PG_RETURN_VOID();
}

/* Pseudonyms have one key for life; what the others protect can be moved on. */
static KeyPurpose
purpose_argument(FunctionCallInfo fcinfo)
{
	KeyPurpose	purpose = KEY_IDENTITY;
	text	   *name = PG_NARGS() > 0 ? PG_GETARG_TEXT_PP(0) : NULL;

	if (name &&
		(!key_find_purpose(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), &purpose) ||
		 purpose == KEY_PSEUDONYM))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no key can be added for this purpose"),
				 errhint("Say identity or audit.")));
	return purpose;
}

/*
 * A new current key, of identity if no purpose is named.  Two at once would
 * lose one of them, so the directory is locked from reading to writing.
 */
Datum
pseudonym_add_key(PG_FUNCTION_ARGS)
{
	const char *path = credit_state.key_file;
	KeyRing		ring;
	KeyFileId	id;
	KeyPurpose	purpose = purpose_argument(fcinfo);
	NotedKey	pseudonyms;
	NotedKey	noted;
	bool		has_register;
	bool		fits;
	bool		older;
	int			version;
	int			directory;

	need_superuser();
	need_path(path);
	check_directory(path);
	directory = open_directory(path);
	if (flock(directory, LOCK_EX | LOCK_NB) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("the key file is being changed by another session")));
	has_register = key_noted(KEY_PSEUDONYM, &pseudonyms);
	key_noted(purpose, &noted);
	key_file_load(path, &ring, &id);
	fits = !has_register || key_is_noted(&ring, &pseudonyms);
	older = noted.version > 0 && noted.version > key_find(&ring, purpose, 0)->version;
	if (!fits || older)
		explicit_bzero(&ring, sizeof(KeyRing));
	if (!fits)
		key_not_noted();
	if (older)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the key file is older than the register"),
				 errdetail("Version %d would be there a second time.", noted.version),
				 errhint("Put the newest copy of the key file in its place.")));
	version = make_keys(path, &ring, true, purpose);
	CloseTransientFile(directory);	/* and the lock is gone */
	PG_RETURN_INT32(version);
}

/* What the file holds, without the keys. */
Datum
pseudonym_keys(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const KeyRing *ring;

	need_superuser();
	InitMaterializedSRF(fcinfo, 0);
	ring = key_ring();
	for (int i = 0; i < ring->count; i++)
	{
		const Key  *key = &ring->keys[i];
		char		check[KEY_CHECK_BYTES * 2 + 1];
		bytea	   *mark = palloc(VARHDRSZ + KEY_MARK_BYTES);
		Datum		values[6];
		bool		nulls[6] = {0};

		snprintf(check, sizeof(check), "%02x%02x%02x",
				 key->check[0], key->check[1], key->check[2]);
		values[0] = CStringGetTextDatum(key_purpose_name(key->purpose));
		values[1] = Int32GetDatum(key->version);
		values[2] = CStringGetTextDatum(key->created);
		values[3] = CStringGetTextDatum(check);
		values[4] = BoolGetDatum(key == key_find(ring, key->purpose, 0));
		SET_VARSIZE(mark, VARHDRSZ + KEY_MARK_BYTES);
		memcpy(VARDATA(mark), key->mark, KEY_MARK_BYTES);
		values[5] = PointerGetDatum(mark);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
