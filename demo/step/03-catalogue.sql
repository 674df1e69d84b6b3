SELECT stance, count(*) AS items, count(*) FILTER (WHERE 'person' = ANY (subjects)) AS of_persons, min(lower(basis_in_force)) AS since
  FROM credit.catalogue(credit.rulebook_on(credit.today())) GROUP BY stance ORDER BY stance;
SELECT demo.holds('each item names a document and an article or at least the document', bool_and(basis ~ '\S')) FROM credit.catalogue(credit.rulebook_on(credit.today())) \g (tuples_only=on format=unaligned)
SELECT demo.holds('no item asks for religion, blood, genes or family', NOT bool_or(credit.reserved_field(f)))
  FROM credit.catalogue(credit.rulebook_on(credit.today())) c, unnest(c.fields) f \g (tuples_only=on format=unaligned)
