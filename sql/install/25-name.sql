-- Names (src/name.c, src/name_pinyin.c, src/name_mask.c; doc/name.md)

CREATE FUNCTION credit.name_key(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'name_key'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION credit.name_key(text) IS
	'The form under which all spellings of one name are equal: for matching, not for show';

CREATE FUNCTION credit.mask_name(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'name_mask'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 15;
COMMENT ON FUNCTION credit.mask_name(text) IS
	'The first character of a name and a star for each other; only stars if it has one character';

CREATE FUNCTION credit.pinyin(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'name_pinyin'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 600;
COMMENT ON FUNCTION credit.pinyin(text) IS
	'The reading of a name for search: lower-case letters and digits without tones or spaces';

CREATE FUNCTION credit.pinyin_initials(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'name_pinyin_initials'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 600;
COMMENT ON FUNCTION credit.pinyin_initials(text) IS
	'The first letter of each syllable and word of a name, for search';

CREATE FUNCTION credit.pinyin_version() RETURNS text
	AS 'MODULE_PATHNAME', 'name_pinyin_version'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.pinyin_version() IS
	'The ICU library whose data decide readings and keys; when it changes, reindex what is built on them';

-- A collation must suit the encoding of the database, and ICU knows nothing of
-- SQL_ASCII; a database of bytes has no pinyin order, but all else.
DO $credit$
BEGIN
  IF pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.=) ANY ('{SQL_ASCII,MULE_INTERNAL}'::pg_catalog.name[]) THEN
    RAISE WARNING 'collation "credit.pinyin" is left out: the encoding of this database has no ICU collations';
  ELSE
    CREATE COLLATION credit.pinyin (provider = icu, locale = 'zh-u-co-pinyin');
    COMMENT ON COLLATION credit.pinyin IS
      'Chinese text by its reading; its order depends on the ICU version, as that of every ICU collation';
  END IF;
END
$credit$;
