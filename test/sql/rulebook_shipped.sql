-- The law that ships: its own cases, and what a reader of doc/law.md relies on.
SET datestyle = 'ISO';
CREATE TEMP TABLE law AS SELECT credit.shipped_rulebook('cn-370323') AS book;

-- Every case has the answer that the law gives.
SELECT count(*) >= 80 AS enough, count(*) FILTER (WHERE ok) = count(*) AS all_ok FROM law, credit.run_rule_cases(book);
SELECT c.* FROM law, credit.run_rule_cases(book) AS c WHERE NOT ok;

-- Every list of the county opinion, and its six categories as items.
SELECT list, count(*) FROM law, credit.rulebook_codes(book) GROUP BY list ORDER BY list;
SELECT code, i.stance FROM law, credit.rulebook_codes(book) LEFT JOIN LATERAL credit.rulebook_items(book) AS i ON i.id = code
 WHERE list = 'information_category' ORDER BY ordinal;

-- Persons are shown publicly by the courts' list alone.
SELECT i.id FROM law, credit.rulebook_items(book) AS i WHERE public_persons ORDER BY i.id;
SELECT i.id, i.unit, credit.amount_unit(book, i.id) = i.unit AS same FROM law, credit.rulebook_items(book) AS i WHERE i.unit <> 'CNY';
SELECT credit.amount_unit(book, 'charity_donation') AS money, credit.amount_unit(book, 'astrology') AS unknown, credit.amount_unit(NULL, 'volunteer_hours') AS no_law FROM law;
SELECT jsonb_set(credit.jsonb(book), '{items,0,unit}', '"litre"')::credit.rulebook FROM law;
SELECT i.id AS without_subject_or_field FROM law, credit.rulebook_items(book) AS i WHERE cardinality(subjects) = 0 OR cardinality(fields) = 0;

-- What is from memory is marked, and what is marked says why.
SELECT section, count(*) FROM law, credit.rulebook_unverified(book) GROUP BY section ORDER BY section;
SELECT section, id FROM law, credit.rulebook_unverified(book) WHERE note IS NULL AND section <> 'score';
SELECT section, r.id FROM law, credit.rulebook_rules(book) AS r WHERE confidence = 'M' ORDER BY section, r.id;

-- Scores give only (the State's word of 2019-07-18): no rule takes, and no restriction knows a score.
SELECT r.id FROM law, credit.rulebook_rules(book) AS r
 WHERE section = 'score' AND (rule ? 'direct' OR (rule ->> 'points')::numeric < 0 OR rule -> 'items' ?| ARRAY(SELECT i.id FROM credit.rulebook_items(book) AS i WHERE stance = 'bad'));
SELECT rule ->> 'least_severity' AS least_severity, count(*) FROM law, credit.rulebook_rules(book) WHERE rule ->> 'kind' = 'restriction' GROUP BY 1;

-- Around the days on which the law changed: the deciding rule and its article.
SELECT d AS document_date, s AS severity, e.rule, e.basis, e.until
  FROM law, unnest('{2019-06-30,2019-07-01,2023-04-30,2023-05-01,2026-03-31,2026-04-01}'::date[]) AS d, unnest('{general,serious}'::credit.severity[]) AS s,
       LATERAL (SELECT * FROM credit.explain_display(book, 'administrative_penalty', s, d, NULL) LIMIT 1) AS e;
SELECT d AS document_date, e.rule, e.basis, e.until
  FROM law, unnest('{2021-08-31,2021-09-01,2023-06-01,2025-12-24,2025-12-25,2026-04-01}'::date[]) AS d,
       LATERAL (SELECT * FROM credit.explain_display(book, 'market_penalty', 'minor', d, NULL, d + 9) LIMIT 1) AS e;
SELECT e.* FROM law, credit.explain_display(book, 'administrative_penalty', 'general', '2026-05-01', '2026-04-20') AS e;

-- Every adverse item ends, whatever is told of it.
SELECT i.id, s, credit.display_period(book, i.id, s, '2026-05-01', NULL)
  FROM law, credit.rulebook_items(book) AS i, unnest(ARRAY[NULL, 'minor', 'general', 'serious']::credit.severity[]) AS s
 WHERE i.stance = 'bad' AND upper(credit.display_period(book, i.id, s, '2026-05-01', NULL)) > '2031-05-02';
SELECT credit.display_period(book, 'administrative_penalty', s, '2026-05-01', NULL), s
  FROM law, unnest(ARRAY[NULL, 'minor', 'general', 'serious']::credit.severity[]) AS s;

-- A rulebook read back from its own text is the same.
SELECT book = book::text::credit.rulebook AS text, book = book::jsonb::credit.rulebook AS jsonb FROM law;
