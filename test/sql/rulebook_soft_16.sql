-- Soft errors, from PostgreSQL 16 on: a text that is no rulebook can be asked about.
SELECT pg_input_is_valid('{}', 'credit.rulebook') AS empty,
       pg_input_is_valid('{"format": 1,', 'credit.rulebook') AS no_json,
       pg_input_is_valid(repeat('[', 100000), 'credit.rulebook') AS too_deep,
       pg_input_is_valid(credit.shipped_rulebook('cn-370323')::text, 'credit.rulebook') AS shipped;
SELECT message, detail, hint, sql_error_code FROM pg_input_error_info('{"colour": 1}', 'credit.rulebook');
