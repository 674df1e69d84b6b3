-- Names of departments and categories.

-- Every shipped pair has names in both languages, and one department one name.
SELECT count(*), count(DISTINCT registrar), count(DISTINCT (registrar, registrar_zh, registrar_en))
  FROM credit.registrar_category WHERE origin = 'shipped';
SELECT credit.registrar_name('9'), credit.registrar_name('A', 'en'),
       credit.category_name('9', '1'), credit.category_name('9', '2', 'en'), credit.category_name('N', '2');
-- The functions against the table, both languages.
SELECT count(*) AS wrong FROM credit.registrar_category r
 WHERE credit.registrar_name(registrar) IS DISTINCT FROM registrar_zh
    OR credit.registrar_name(registrar, 'en') IS DISTINCT FROM registrar_en
    OR credit.category_name(registrar, category) IS DISTINCT FROM category_zh
    OR credit.category_name(registrar, category, 'en') IS DISTINCT FROM category_en;
-- In use, not in the standard.
SELECT registrar || category AS pair, category_zh, introduced, confidence FROM credit.registrar_category
 WHERE introduced = 'observed' ORDER BY 1;
-- Unknown is NULL; another language is an error.
SELECT credit.registrar_name('Z') IS NULL AND credit.category_name('9', '8') IS NULL
   AND credit.registrar_name('') IS NULL AND credit.registrar_name(NULL) IS NULL AS unknown;
SELECT credit.registrar_name('9', 'fr');
SELECT credit.category_name('9', '1', 'fr');

-- A local row takes the place of the shipped one; the shipped one stays as it is.
BEGIN;
INSERT INTO credit.registrar_category (registrar, category, registrar_zh, registrar_en, category_zh, category_en)
VALUES ('5', '4', '民政', 'Civil affairs', '居民委员会', 'Residents'' committee');
SELECT credit.category_name('5', '4'), credit.category_name('5', '4', 'en');
ROLLBACK;
SELECT credit.category_name('5', '4');
UPDATE credit.registrar_category SET category_zh = 'x' WHERE registrar = '9';
DELETE FROM credit.registrar_category;
TRUNCATE credit.registrar_category;
INSERT INTO credit.registrar_category (registrar, category, registrar_zh, registrar_en, category_zh, category_en, origin)
VALUES ('9', '8', '', '', '', '', 'shipped');
INSERT INTO credit.registrar_category (registrar, category, registrar_zh, registrar_en, category_zh, category_en)
VALUES ('I', '1', '', '', '', '');
