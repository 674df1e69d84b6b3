\echo '   Everything waits in one table as it came: (batch, line, raw jsonb). For example,'
\echo '   line 1 of the traffic police, the number and name blotted out here:'
\echo
SELECT jsonb_pretty(raw || jsonb_build_object(
         'subject', credit.mask((raw ->> 'subject')::credit.code),
         'name', credit.mask_name(raw ->> 'name'))) AS "police-2026-06, line 1"
  FROM credit_demo.batch_row WHERE batch = 'police-2026-06' AND line = 1;
