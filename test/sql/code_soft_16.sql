-- Soft errors (PostgreSQL 16 and later): a bad text is an answer, not an error.
SELECT t, pg_input_is_valid(t, 'credit.code') AS valid, (pg_input_error_info(t, 'credit.code')).*
  FROM unnest('{370323199503129013,370323199503129014,370323199502309013,９１３５０２０３Ｍ０００１ＱＫＴ１９？,张三}'::text[]) AS t;
SELECT pg_input_is_valid('{370323199503129013,370323199503129014}', 'credit.code[]') AS array_valid;
