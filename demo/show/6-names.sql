\echo '   Keyboards give four characters for the one dot of a minority name. credit.name_key'
\echo '   folds them, so every row found its person:'
\echo
SELECT d.dot, 'U+' || upper(lpad(to_hex(ascii(d.dot)), 4, '0')) AS "character", count(*) AS "rows",
       count(*) FILTER (WHERE r.raw ->> 'name' <> s.name) AS "typed otherwise than registered",
       count(*) FILTER (WHERE credit.name_key(r.raw ->> 'name') = s.name_key) AS "found",
       min(credit.mask_name(r.raw ->> 'name')) AS "for example"
  FROM (VALUES ('·'), ('•'), ('・'), ('‧')) AS d (dot)
  JOIN credit_demo.batch_row r ON r.raw ->> 'name' LIKE '%' || d.dot || '%' AND r.state = 'filed'
  JOIN credit_demo.record c USING (batch, line)
  JOIN credit_demo.subject s ON s.code = c.subject
 GROUP BY d.dot ORDER BY ascii(d.dot);

\echo '   ORDER BY name COLLATE credit.pinyin, for a list people can look things up in:'
\echo
SELECT string_agg(surname || ' ' || reading || ' ' || persons, '   ' ORDER BY surname COLLATE credit.pinyin) AS "rare surnames, reading, persons"
  FROM (SELECT left(name, 1) AS surname, credit.pinyin(left(name, 1)) AS reading, count(*) AS persons
          FROM credit_demo.subject WHERE left(name, 1) IN ('亓', '晁', '仉', '訾', '邵', '阎', '曾', '薛', '丁')
         GROUP BY 1, 2) t;
