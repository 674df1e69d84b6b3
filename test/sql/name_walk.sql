SET client_encoding = 'UTF8';

-- A key is its own key, and the quick way out agrees with the full one: every
-- character of the basic plane alone and in company, and random company.
SELECT count(*) AS strings,
       count(*) FILTER (WHERE credit.name_key(k) <> k) AS moving,
       count(*) FILTER (WHERE credit.name_key(k || ' ') <> k) AS two_ways
  FROM (SELECT credit.name_key(s) AS k FROM generate_series(1, 65533) c,
               LATERAL (VALUES (chr(c)), ('e' || chr(c) || '张'), ('か ' || chr(c))) v (s)
         WHERE c NOT BETWEEN 55296 AND 57343) q;
SELECT count(*) AS strings,
       count(*) FILTER (WHERE credit.name_key(k) <> k) AS moving,
       count(*) FILTER (WHERE credit.name_key(k || ' ') <> k) AS two_ways,
       count(*) FILTER (WHERE k = s) > 1000 AS some_were_keys,
       count(*) FILTER (WHERE credit.name_key(upper(s)) IS DISTINCT FROM k) AS by_case
  FROM (SELECT s, credit.name_key(s) AS k
          FROM generate_series(1, 20000) i, LATERAL (
          SELECT string_agg(substr('ab1张伟·•.. -’''　か゛é。', 1 + (hashint4(i * 8 + j) & 65535) % 20, 1), '') AS s
            FROM generate_series(0, 1 + i % 7) j) c) q;
