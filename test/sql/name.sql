-- Names: keys, masks, readings and their order.  Characters are chosen so that
-- no answer depends on the version of ICU.
SET client_encoding = 'UTF8';

-- Requirement E24: every lawful name is accepted, and has a key, a mask that
-- does not give it away, and a reading.
CREATE TEMP TABLE lawful (id int GENERATED ALWAYS AS IDENTITY, name text NOT NULL);
INSERT INTO lawful (name) VALUES
  ('张伟'), ('王小明'), ('欧阳修'), ('司马相如'), ('丁一'), ('〇'), ('李〇'),
  ('买买提·艾力'), ('阿卜杜热合曼·阿卜杜热依木·买买提依明'),
  ('古丽娜扎尔·拜合提亚尔'), ('次仁多吉'), ('乌兰图雅'), ('阿·Q'),
  ('𠮷田'), ('䶮'), ('刘龑'), ('赵𬱖'), ('马𩡺'), (U&'\E815伟'), (U&'\+0F0000'),
  (U&'\845B\+0E0100城'), ('𱍐'), ('张-李静'), ('诸葛'), ('呼延觉罗'),
  ('ئابدۇللا مەمەت'), ('བསྟན་འཛིན་རྒྱ་མཚོ'), ('ᠠᠯᠲᠠᠨ'), ('ꆈꌠ'), ('김철수'), ('山田 花子'),
  ('John Smith'), ('J. R. R. Tolkien'), ('O’Brien'), ('Jean-Luc Müller'),
  ('Nguyễn Văn An'), ('Иванов Пётр'), ('Ng'), ('O'), ('X Æ A-12'),
  ('Ñandú d''Arc'), ('María de los Ángeles Fernández de la Vega y Castro'),
  (repeat('阿', 200)), ('沂源县某某商贸有限公司（普通合伙）');
SELECT count(*) AS names,
       count(*) FILTER (WHERE credit.name_key(name) = '') AS no_key,
       count(*) FILTER (WHERE credit.pinyin(name) = '') AS no_reading,
       count(*) FILTER (WHERE credit.name_key(credit.name_key(name)) <> credit.name_key(name)) AS moving,
       count(*) FILTER (WHERE credit.name_key(credit.mask_name(name)) = credit.name_key(name)) AS bare,
       count(*) - count(DISTINCT credit.name_key(name)) AS confused
  FROM lawful;

-- One middle dot, however it was typed.
SELECT to_hex(ascii(dot)) AS dot, credit.name_key('买买提' || dot || '艾力') = '买买提·艾力' AS han,
       credit.name_key('J' || dot || 'S') AS latin
  FROM unnest(ARRAY[U&'\00B7', U&'\02D9', U&'\0387', U&'\1427', U&'\16EB', U&'\2022',
    U&'\2027', U&'\2219', U&'\22C5', U&'\2981', U&'\2E31', U&'\2E33', U&'\30FB', U&'\A78F',
    U&'\FF65', U&'\+010101', '.', U&'\2024', U&'\FE52', U&'\FF0E', U&'\3002', U&'\FF61', U&'\25CF',
    -- not dots: circle of masked names, tsheg, degree, comma
    U&'\25CB', U&'\0F0B', U&'\00B0', ',']) AS dot;

-- Spellings: equal to the first of their line, or not.  (Unaligned: the width
-- of what is not seen depends on psql.)
\pset format unaligned
SELECT a, b, credit.name_key(a) = credit.name_key(b) AS same, credit.name_key(b) AS key
  FROM (VALUES
  ('张伟', U&' 张\3000\3000伟\00A0'), ('张伟', U&'\FEFF张\200B伟\202C'), ('张伟', E'张\t伟\r\n'),
  ('张伟', '張偉'), ('一', '—'), ('一', U&'\2F00'), ('金', U&'\F90A'),
  ('葛城', U&'葛\+0E0100城'), ('葛城', U&'葛\FE00城'), ('买买提·艾力', '买买提 ·· 艾力'),
  ('买买提·艾力', '买买提艾力'), ('买买提·艾力', '买买提 艾力'),
  ('张.明', '张..明'), ('j. r. smith', 'J.  R. Smith'), ('j·史密斯', 'J. 史密斯'),
  ('zhang wei', 'ＺＨＡＮＧ　Ｗｅｉ'), ('zhang wei', 'zhangwei'), ('o''brien', 'O’BRIEN'),
  ('o''brien', 'Oʼbrien'), ('o''brien', 'O´Brien'), ('jean-luc', U&'Jean \2011 Luc'),
  ('müller', U&'Mu\0308ller'), ('müller', 'muller'), ('strasse', 'Straße'),
  ('김 철수', '김철수'), ('ئابدۇللا مەمەت', 'ئابدۇللا  مەمەت'), ('3', '③'), ('(株)', '㈱')) v (a, b);
\pset format aligned

-- Blank is empty, and nothing is nothing.
SELECT credit.name_key('') = '' AS empty, credit.name_key(U&' \3000\200B') = '' AS blank,
       credit.name_key(NULL) IS NULL AS key, credit.mask_name(NULL) IS NULL AS mask,
       credit.mask_name('') = '' AS mask_empty, credit.pinyin('') = '' AS pinyin_empty;

-- A key is its own key, and the quick way out agrees with the full one: some
-- characters alone and in company (name_walk takes all of them).
SELECT count(*) AS strings,
       count(*) FILTER (WHERE credit.name_key(k) <> k) AS moving,
       count(*) FILTER (WHERE credit.name_key(k || ' ') <> k) AS two_ways
  FROM (SELECT credit.name_key(s) AS k FROM generate_series(1, 65533) c,
               LATERAL (VALUES (chr(c)), ('e' || chr(c) || '张'), ('か ' || chr(c))) v (s)
         WHERE c % 41 = 0 AND c NOT BETWEEN 55296 AND 57343) q;

-- Masks.
SELECT n AS name, credit.mask_name(n) AS mask FROM unnest(ARRAY[
  '张', '张伟', '张　伟', '王小明', '欧阳修', '买买提·艾力', '买买提•艾力', '买买提．艾力', '阿·Q', 'A', 'A.',
  'John Smith', 'J. R. Smith', 'O’Brien', 'Jean-Luc', '𠮷野家', '(张)', '张(曾用名李四)', '007', '··', '张3']) n;
-- marks and variation selectors go with their letter; direction marks do not pass
SELECT credit.mask_name(U&'e\0301a') = U&'e\0301*' AS mark,
       credit.mask_name(U&'葛\+0E0100城') = U&'葛\+0E0100*' AS ivs,
       credit.mask_name(U&'\202E\200B张\200F伟') = '张*' AS bidi,
       credit.mask_name(U&'e\0301') AS one_letter,
       credit.mask_name(U&'葛\+0E0100') AS one_han,
       length(credit.mask_name('e' || repeat(U&'\0301', 1000) || 'a')) AS pile;

-- Readings: surnames at the start, v for the umlaut of Chinese, Latin as it is.
SELECT n AS name, credit.pinyin(n), credit.pinyin_initials(n) AS initials FROM unnest(ARRAY[
  '张伟', '張偉', '单雄信', '王单', '曾国藩', '查良镛', '万俟卨', '吕布', '买买提·艾力', 'Müller', 'Calvin Ørsted',
  'ZHANG　Wei', 'J.史密斯', '张3', '刘龑', '中国银行']) n;
SELECT credit.pinyin(U&'张\E815') = U&'zhang\E815' AS no_reading,
       credit.pinyin('ئابدۇللا') = 'ئابدۇللا' AS other_script;
SELECT credit.pinyin_version() ~ '^ICU \d+\.\d+(\.\d+)*, Unicode \d+\.\d+(\.\d+)*$' AS version;

-- Order by reading, and by the collation named in an index.
SELECT string_agg(n, ' ' ORDER BY n COLLATE credit.pinyin) AS pinyin,
       string_agg(n, ' ' ORDER BY n COLLATE "C") AS bytes
  FROM unnest(ARRAY['张三', '李四', '王五', '阿明', '白七', '赵六']) n;
CREATE TEMP TABLE person (name text COLLATE credit.pinyin,
  key text GENERATED ALWAYS AS (credit.name_key(name)) STORED);
CREATE INDEX ON person (key);
CREATE INDEX ON person (credit.pinyin(name) text_pattern_ops);
INSERT INTO person VALUES ('张　伟'), ('李四'), ('买买提•艾力');
SELECT name, key FROM person WHERE key = credit.name_key('买买提·艾力');
SELECT key FROM person WHERE credit.pinyin(name) LIKE 'zhang%';
SELECT key FROM person ORDER BY name;

-- Any length, also of what is no name at all.
SELECT length(credit.name_key(repeat('张　A', 3000000))) AS key,
       length(credit.mask_name(repeat('张　A', 1000000))) AS mask,
       length(credit.pinyin(repeat('a', 5000000))) AS reading,
       length(credit.name_key(repeat(U&'\0323\0301', 2000000))) AS marks,
       length(credit.name_key(repeat(U&'\FF9E\0323\200D', 1000000))) AS marks_between,
       length(credit.name_key('a' || repeat('.', 1000000) || repeat(' ', 1000000) || 'b')) AS stops,
       length(credit.name_key(repeat(U&'\FDFA', 1000000))) AS stretched;

-- A database in EUC_CN: the dot is its own A1A4 (U+30FB), characters without a
-- place in Unicode are kept, and so are those whose folded form has no place.
\set utf8db :DBNAME
CREATE DATABASE regress_name_euc ENCODING 'EUC_CN' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc TEMPLATE template0;
\c regress_name_euc
SET client_encoding = 'UTF8';
-- by hand, for names of divisions are not all in GB 2312
CREATE SCHEMA credit;
CREATE FUNCTION credit.name_key(text) RETURNS text AS '$libdir/credit', 'name_key' LANGUAGE C IMMUTABLE STRICT;
CREATE FUNCTION credit.mask_name(text) RETURNS text AS '$libdir/credit', 'name_mask' LANGUAGE C IMMUTABLE STRICT;
CREATE FUNCTION credit.pinyin(text) RETURNS text AS '$libdir/credit', 'name_pinyin' LANGUAGE C IMMUTABLE STRICT;
CREATE COLLATION credit.pinyin (provider = icu, locale = 'zh-u-co-pinyin');
SELECT n AS name, credit.name_key(n), credit.mask_name(n), credit.pinyin(n) FROM unnest(ARRAY[
  '张　伟', '买买提 ．艾力', '买买提・艾力', 'ＺＨＡＮＧ　Ｗｅｉ', '吕布', '㈠℃', '¨']) n;
SELECT credit.name_key(convert_from('\xaaa141', 'EUC_CN')) = convert_from('\xaaa161', 'EUC_CN') AS key,
       credit.mask_name(convert_from('\xaaa1b0a1', 'EUC_CN')) = convert_from('\xaaa12a', 'EUC_CN') AS mask,
       credit.pinyin(convert_from('\xaaa1b0a1', 'EUC_CN')) = convert_from('\xaaa161', 'EUC_CN') AS reading;
SELECT count(*) AS characters,
       count(*) FILTER (WHERE credit.name_key(credit.name_key(s)) IS DISTINCT FROM credit.name_key(s)) AS moving,
       count(*) FILTER (WHERE credit.pinyin(s) IS NULL OR credit.mask_name(s) IS NULL) AS lost
  FROM (SELECT convert_from(decode(to_hex(a) || to_hex(b), 'hex'), 'EUC_CN') AS s
          FROM generate_series(161, 254) a, generate_series(161, 254) b) q;
SELECT string_agg(n, ' ' ORDER BY n COLLATE credit.pinyin) AS pinyin FROM unnest(ARRAY['张三', '李四', '阿明']) n;

-- A database of bytes: ASCII is folded; in anything else only spaces are, for
-- in GBK a second byte can look like a letter.  No mask shows half a character.
\c :utf8db
CREATE DATABASE regress_name_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc TEMPLATE template0;
\c regress_name_ascii
CREATE EXTENSION credit;
SELECT credit.name_key('  ZHANG  Wei'), credit.mask_name('Zhang Wei'), credit.pinyin('Zhang Wei'), credit.pinyin_initials('Zhang Wei');
SELECT encode(b, 'escape') AS bytes, encode(credit.name_key(s)::bytea, 'escape') AS key,
       encode(credit.mask_name(s)::bytea, 'escape') AS mask, encode(credit.pinyin(s)::bytea, 'escape') AS reading
  FROM unnest('{"\\xfffe","\\x20e5bca02020e4bc9f20","\\x8141","\\x8160","\\xe5","\\xf0908080","\\x5ac3a9","\\x5a20ff"}'::bytea[]) b,
       LATERAL convert_from(b, 'SQL_ASCII') s;
-- A register is not made there.
\set SHOW_CONTEXT never
SELECT credit.create_register();
SELECT length(credit.name_key(repeat(convert_from('\xff20', 'SQL_ASCII'), 3000000))) AS key,
       length(credit.mask_name(repeat(convert_from('\xff', 'SQL_ASCII'), 3000000))) AS mask,
       length(credit.pinyin(repeat(convert_from('\xff', 'SQL_ASCII'), 3000000))) AS reading;
\c :utf8db
DROP DATABASE regress_name_euc;
DROP DATABASE regress_name_ascii;
