-- registrar: who registers organisations, and as what (places 1 and 2 of a
-- code, GB 32100-2015 with its amendment of 2016).  Names only: which pairs a
-- code may have is part of the type credit.code.

CREATE TABLE credit.registrar_category (
  registrar text COLLATE "C" NOT NULL,
  category text COLLATE "C" NOT NULL,
  registrar_zh text NOT NULL,
  registrar_en text NOT NULL,
  category_zh text NOT NULL,
  category_en text NOT NULL,
  introduced text COLLATE "C" NOT NULL DEFAULT 'local',
  confidence text COLLATE "C",
  note text,
  origin text COLLATE "C" NOT NULL DEFAULT 'local',
  PRIMARY KEY (registrar, category, origin),
  CONSTRAINT registrar_category_registrar CHECK (registrar OPERATOR(pg_catalog.~) '^[0-9A-HJ-NP-RTUW-Y]$'),
  CONSTRAINT registrar_category_category CHECK (category OPERATOR(pg_catalog.~) '^[0-9A-HJ-NP-RTUW-Y]$'),
  CONSTRAINT registrar_category_origin CHECK (origin OPERATOR(pg_catalog.=) 'shipped'
    OR origin OPERATOR(pg_catalog.=) 'local')
);
COMMENT ON TABLE credit.registrar_category IS
  'Names of registering departments and categories of organisations; add rows of origin local, dumps carry those';
COMMENT ON COLUMN credit.registrar_category.registrar IS 'Place 1 of the code';
COMMENT ON COLUMN credit.registrar_category.category IS 'Place 2 of the code';
COMMENT ON COLUMN credit.registrar_category.registrar_zh IS 'The department, in Chinese';
COMMENT ON COLUMN credit.registrar_category.registrar_en IS 'The department, in English (our translation)';
COMMENT ON COLUMN credit.registrar_category.category_zh IS 'The category, in Chinese';
COMMENT ON COLUMN credit.registrar_category.category_en IS 'The category, in English (our translation)';
COMMENT ON COLUMN credit.registrar_category.introduced IS
  'base_2015, amendment_2016 (which of the two: from memory), observed (in published codes, not in the standard), or local';
COMMENT ON COLUMN credit.registrar_category.confidence IS
  'B: several public sources agree; M: not confirmed by anything read';
COMMENT ON COLUMN credit.registrar_category.note IS 'What to know about the row';
COMMENT ON COLUMN credit.registrar_category.origin IS
  'shipped with the extension, or local: a local row takes the place of the shipped one for the same pair';

--@csv data/registrar_category.csv credit.registrar_category origin=shipped

CREATE TRIGGER keep_shipped
  BEFORE INSERT OR UPDATE OR DELETE ON credit.registrar_category
  FOR EACH ROW EXECUTE FUNCTION credit.keep_shipped();
COMMENT ON TRIGGER keep_shipped ON credit.registrar_category IS
  'Shipped rows are not dumped, so they are not changed either';
CREATE TRIGGER keep_shipped_truncate
  BEFORE TRUNCATE ON credit.registrar_category
  FOR EACH STATEMENT EXECUTE FUNCTION credit.keep_shipped();
COMMENT ON TRIGGER keep_shipped_truncate ON credit.registrar_category IS
  'Shipped rows are not dumped, so they are not removed either';

SELECT pg_catalog.pg_extension_config_dump('credit.registrar_category',
  'WHERE origin OPERATOR(pg_catalog.<>) ''shipped''');

GRANT SELECT ON credit.registrar_category TO PUBLIC;

-- PL/pgSQL for the one thing a plain query cannot do: refuse another language.
CREATE FUNCTION credit.registrar_name(registrar text, lang text DEFAULT 'zh') RETURNS text
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $credit$
BEGIN
  IF lang OPERATOR(pg_catalog.<>) 'zh' AND lang OPERATOR(pg_catalog.<>) 'en' THEN
    RAISE EXCEPTION 'language "%" is not known', lang
      USING ERRCODE = 'invalid_parameter_value', HINT = 'The languages are "zh" and "en".';
  END IF;
  RETURN (SELECT CASE WHEN lang OPERATOR(pg_catalog.=) 'zh' THEN r.registrar_zh ELSE r.registrar_en END
            FROM credit.registrar_category r
           WHERE r.registrar OPERATOR(pg_catalog.=) registrar_name.registrar
           ORDER BY r.origin, r.category LIMIT 1);
END
$credit$;
COMMENT ON FUNCTION credit.registrar_name(text, text) IS
  'The department that place 1 of an organisation code stands for, in zh or en; NULL if unknown';

CREATE FUNCTION credit.category_name(registrar text, category text, lang text DEFAULT 'zh') RETURNS text
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $credit$
BEGIN
  IF lang OPERATOR(pg_catalog.<>) 'zh' AND lang OPERATOR(pg_catalog.<>) 'en' THEN
    RAISE EXCEPTION 'language "%" is not known', lang
      USING ERRCODE = 'invalid_parameter_value', HINT = 'The languages are "zh" and "en".';
  END IF;
  RETURN (SELECT CASE WHEN lang OPERATOR(pg_catalog.=) 'zh' THEN r.category_zh ELSE r.category_en END
            FROM credit.registrar_category r
           WHERE r.registrar OPERATOR(pg_catalog.=) category_name.registrar
             AND r.category OPERATOR(pg_catalog.=) category_name.category
           ORDER BY r.origin LIMIT 1);
END
$credit$;
COMMENT ON FUNCTION credit.category_name(text, text, text) IS
  'The category that places 1 and 2 of an organisation code stand for, in zh or en; NULL if unknown';
