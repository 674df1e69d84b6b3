-- A small register to take files into: the catalogue of what may be collected,
-- the files as they came, what was found in them, and the records that passed.
-- A first form: the subject here is the number itself; a register that keeps
-- persons' files in earnest knows them by a pseudonym.

CREATE SCHEMA credit_demo;
COMMENT ON SCHEMA credit_demo IS 'The demo: a county''s files, from batch to record';

CREATE TYPE credit_demo.stance AS ENUM ('good', 'neutral', 'bad');
CREATE TYPE credit_demo.severity AS ENUM ('minor', 'general', 'serious');

-- ---------------------------------------------------------------------------
-- The catalogue: what may be collected, from whom, about whom, on what basis
-- ---------------------------------------------------------------------------

CREATE TABLE credit_demo.code_list (
  list             text NOT NULL,
  ordinal          int  NOT NULL,
  code             text NOT NULL,
  zh               text NOT NULL,
  en               text NOT NULL,
  opinion_section  int  NOT NULL,
  PRIMARY KEY (list, code)
);
COMMENT ON TABLE credit_demo.code_list IS 'The lists of the county opinion 源政办发〔2018〕39号 as codes';

CREATE TABLE credit_demo.provider (
  provider  text PRIMARY KEY,
  code      credit.code NOT NULL UNIQUE,
  zh        text NOT NULL,
  en        text NOT NULL
);
COMMENT ON TABLE credit_demo.provider IS 'Who hands in files 信源单位';

CREATE TABLE credit_demo.item (
  item      text PRIMARY KEY,
  zh        text NOT NULL,
  en        text NOT NULL,
  category  text NOT NULL,
  stance    credit_demo.stance NOT NULL,
  subjects  text[] NOT NULL,
  basis     text NOT NULL,
  in_force  daterange NOT NULL,
  CHECK (subjects <@ '{person,organisation}' AND subjects <> '{}')
);
COMMENT ON TABLE credit_demo.item IS 'What may be collected 目录: nothing else is';
COMMENT ON COLUMN credit_demo.item.category IS 'Code of the list information_category (opinion, section 9)';
COMMENT ON COLUMN credit_demo.item.in_force IS 'Days on which the basis was in force; a document of another day cannot rest on it';

CREATE TABLE credit_demo.item_provider (
  item      text REFERENCES credit_demo.item,
  provider  text REFERENCES credit_demo.provider,
  PRIMARY KEY (item, provider)
);
COMMENT ON TABLE credit_demo.item_provider IS 'Which office may hand in which item';

CREATE TABLE credit_demo.item_field (
  item      text REFERENCES credit_demo.item,
  field     text,
  kind      text NOT NULL CHECK (kind IN ('code', 'text', 'date', 'amount', 'count', 'list')),
  list      text,
  required  bool NOT NULL DEFAULT true,
  PRIMARY KEY (item, field),
  CHECK ((kind = 'list') = (list IS NOT NULL))
);
COMMENT ON TABLE credit_demo.item_field IS 'The fields of an item; a field that is not here is refused, not stored silently';

CREATE TABLE credit_demo.forbidden_field (
  field  text PRIMARY KEY,
  basis  text NOT NULL
);
COMMENT ON TABLE credit_demo.forbidden_field IS 'What no catalogue may ever ask for';

CREATE TABLE credit_demo.verdict (
  verdict  text PRIMARY KEY,
  effect   text NOT NULL CHECK (effect IN ('held', 'notice')),
  zh       text NOT NULL,
  remedy   text NOT NULL
);
COMMENT ON TABLE credit_demo.verdict IS 'What can be found in a row: its effect, and what the office should do';

-- ---------------------------------------------------------------------------
-- The files as they came, and what was found in them
-- ---------------------------------------------------------------------------

CREATE TABLE credit_demo.batch (
  batch        text PRIMARY KEY,
  provider     text NOT NULL REFERENCES credit_demo.provider,
  received_on  date NOT NULL
);
COMMENT ON TABLE credit_demo.batch IS 'A file 批次';

CREATE TABLE credit_demo.batch_row (
  batch  text REFERENCES credit_demo.batch,
  line   int  CHECK (line > 0),
  raw    jsonb NOT NULL,
  state  text NOT NULL DEFAULT 'waiting'
         CHECK (state IN ('waiting', 'filed', 'already_there', 'held')),
  PRIMARY KEY (batch, line)
);
COMMENT ON TABLE credit_demo.batch_row IS 'A row of a file as it came, less what may not be kept, and what became of it';

CREATE TABLE credit_demo.finding (
  batch     text,
  line      int,
  field     text,
  verdict   text REFERENCES credit_demo.verdict,
  position  int,
  expected  text,
  message   text NOT NULL,
  PRIMARY KEY (batch, line, field, verdict),
  FOREIGN KEY (batch, line) REFERENCES credit_demo.batch_row
);
COMMENT ON TABLE credit_demo.finding IS 'What the intake found in a row: field, verdict, place in the field''s text';

-- ---------------------------------------------------------------------------
-- What passed
-- ---------------------------------------------------------------------------

CREATE TABLE credit_demo.subject (
  code      credit.code PRIMARY KEY,
  name      text NOT NULL,
  name_key  text NOT NULL,
  town      text,
  batch     text NOT NULL,
  line      int  NOT NULL,
  FOREIGN KEY (batch, line) REFERENCES credit_demo.batch_row
);
COMMENT ON TABLE credit_demo.subject IS 'Persons and organisations 信用主体, one row each, whatever spelling their files use';
COMMENT ON COLUMN credit_demo.subject.name_key IS 'credit.name_key(name): equal for spellings of one name';

CREATE TABLE credit_demo.record (
  subject          credit.code NOT NULL REFERENCES credit_demo.subject,
  item             text NOT NULL REFERENCES credit_demo.item,
  document_number  text NOT NULL,
  provider         text NOT NULL REFERENCES credit_demo.provider,
  document_date    date NOT NULL,
  conduct_end      date,
  severity         credit_demo.severity,
  details          jsonb NOT NULL,
  batch            text NOT NULL,
  line             int  NOT NULL,
  PRIMARY KEY (subject, item, document_number),
  FOREIGN KEY (batch, line) REFERENCES credit_demo.batch_row,
  CHECK ((conduct_end IS NULL) = (severity IS NULL)),
  CHECK (conduct_end <= document_date)
);
COMMENT ON TABLE credit_demo.record IS 'What passed the intake; the key makes a document about a subject one record, however often it is handed in';
