-- Every case ends with the statement that is judged. See ../agreement.rs.

-- case: table twice
CREATE TABLE t (a int);
CREATE TABLE t (b int);

-- case: table if not exists
CREATE TABLE t (a int);
CREATE TABLE IF NOT EXISTS t (b int);

-- case: if not exists leaves the columns
CREATE TABLE t (a int);
CREATE TABLE IF NOT EXISTS t (b int);
CREATE INDEX ON t (b);

-- case: table with the name of an index
CREATE TABLE t (a int);
CREATE INDEX i ON t (a);
CREATE TABLE i (a int);

-- case: table with the name of a key
CREATE TABLE t (a int PRIMARY KEY);
CREATE TABLE t_pkey (a int);

-- case: table with the name of a sequence
CREATE TABLE t (id serial);
CREATE TABLE t_id_seq (a int);

-- case: column twice
CREATE TABLE t (a int, b int, a text);

-- case: names are folded
CREATE TABLE Users (Id int);
CREATE INDEX ON users (ID);

-- case: quoted names are not
CREATE TABLE "Users" (id int);
DROP TABLE Users;

-- case: unknown type
CREATE TABLE t (a intger);

-- case: type of another's array
CREATE TYPE mood AS ENUM ('a');
CREATE TABLE t (a mood[]);

-- case: row type of a table
CREATE TABLE t (a int);
CREATE TABLE u (b t);

-- case: type made later
CREATE TABLE t (a mood);

-- case: two primary keys
CREATE TABLE t (a int PRIMARY KEY, b int PRIMARY KEY);

-- case: a second primary key
CREATE TABLE t (a int PRIMARY KEY, b int);
ALTER TABLE t ADD PRIMARY KEY (b);

-- case: primary key on a missing column
CREATE TABLE t (a int, PRIMARY KEY (b));

-- case: column twice in a key
CREATE TABLE t (a int, UNIQUE (a, a));

-- case: unique primary key is one
CREATE TABLE t (a int UNIQUE PRIMARY KEY);
ALTER TABLE t DROP CONSTRAINT t_a_key;

-- case: check on a missing column
CREATE TABLE t (a int, CHECK (b > 0));

-- case: check sees other columns
CREATE TABLE t (a int CHECK (b > a), b int);

-- case: check with a whole row
CREATE TABLE t (a int, CHECK (t IS NOT NULL));

-- case: generated from a missing column
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (c * 2) STORED);

-- case: generated
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED);

-- case: default with a column
CREATE TABLE t (a int, b int DEFAULT a);

-- case: default is now
CREATE TABLE t (a timestamptz DEFAULT now(), b date DEFAULT current_date, c text DEFAULT current_user);

-- case: foreign key to a missing table
CREATE TABLE t (a int REFERENCES u);

-- case: foreign key to itself
CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t);

-- case: foreign key to itself by column
CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t (id));

-- case: foreign key to no key
CREATE TABLE u (a int);
CREATE TABLE t (a int REFERENCES u (a));

-- case: foreign key without a primary key
CREATE TABLE u (a int UNIQUE);
CREATE TABLE t (a int REFERENCES u);

-- case: foreign key to a unique index
CREATE TABLE u (a int);
CREATE UNIQUE INDEX ON u (a);
CREATE TABLE t (a int REFERENCES u (a));

-- case: foreign key to a partial unique index
CREATE TABLE u (a int);
CREATE UNIQUE INDEX ON u (a) WHERE a > 0;
CREATE TABLE t (a int REFERENCES u (a));

-- case: foreign key in another order
CREATE TABLE u (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE t (a int, b int, FOREIGN KEY (b, a) REFERENCES u (b, a));

-- case: foreign key to a part of a key
CREATE TABLE u (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE t (a int REFERENCES u (a));

-- case: foreign key with fewer columns
CREATE TABLE u (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u);

-- case: foreign key to a deferrable key
CREATE TABLE u (a int UNIQUE DEFERRABLE);
CREATE TABLE t (a int REFERENCES u (a));

-- case: foreign key of another type
CREATE TABLE u (a uuid PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);

-- case: foreign key text to int
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a text REFERENCES u);

-- case: foreign key bigint to int
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a bigint REFERENCES u);

-- case: foreign key varchar to text
CREATE TABLE u (a text PRIMARY KEY);
CREATE TABLE t (a varchar(20) REFERENCES u);

-- case: foreign key numeric to int
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a numeric REFERENCES u);

-- case: foreign key int to numeric
CREATE TABLE u (a numeric PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);

-- case: foreign key int to double
CREATE TABLE u (a double precision PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);

-- case: foreign key numeric to double
CREATE TABLE u (a double precision PRIMARY KEY);
CREATE TABLE t (a numeric REFERENCES u);

-- case: foreign key timestamp to timestamptz
CREATE TABLE u (a timestamptz PRIMARY KEY);
CREATE TABLE t (a timestamp REFERENCES u);

-- case: foreign key date to timestamp
CREATE TABLE u (a timestamp PRIMARY KEY);
CREATE TABLE t (a date REFERENCES u);

-- case: foreign key char to text
CREATE TABLE u (a text PRIMARY KEY);
CREATE TABLE t (a char(3) REFERENCES u);

-- case: foreign key text to char
CREATE TABLE u (a char(3) PRIMARY KEY);
CREATE TABLE t (a text REFERENCES u);

-- case: foreign key cidr to inet
CREATE TABLE u (a inet PRIMARY KEY);
CREATE TABLE t (a cidr REFERENCES u);

-- case: foreign key inet to cidr
CREATE TABLE u (a cidr PRIMARY KEY);
CREATE TABLE t (a inet REFERENCES u);

-- case: foreign key to a view
CREATE TABLE u (a int PRIMARY KEY);
CREATE VIEW v AS SELECT a FROM u;
CREATE TABLE t (a int REFERENCES v (a));

-- case: foreign key to a missing column
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u (b));

-- case: constraint name twice in a table
CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0), b int CONSTRAINT c CHECK (b > 0));

-- case: constraint name in two tables
CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0));
CREATE TABLE u (a int CONSTRAINT c CHECK (a > 0));

-- case: key name in two tables
CREATE TABLE t (a int CONSTRAINT c UNIQUE);
CREATE TABLE u (a int CONSTRAINT c UNIQUE);

-- case: index name in two tables
CREATE TABLE t (a int);
CREATE TABLE u (a int);
CREATE INDEX i ON t (a);
CREATE INDEX i ON u (a);

-- case: index if not exists on another table
CREATE TABLE t (a int);
CREATE TABLE u (a int);
CREATE INDEX i ON t (a);
CREATE INDEX IF NOT EXISTS i ON u (a);

-- case: index on a missing column
CREATE TABLE t (a int);
CREATE INDEX ON t (b);

-- case: index with an expression on a missing column
CREATE TABLE t (a text);
CREATE INDEX ON t (lower(b));

-- case: index where a column is missing
CREATE TABLE t (a text);
CREATE INDEX ON t (a) WHERE b IS NULL;

-- case: index including a missing column
CREATE TABLE t (a text);
CREATE INDEX ON t (a) INCLUDE (b);

-- case: index on a missing table
CREATE INDEX i ON t (a);

-- case: index on a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE INDEX ON v (a);

-- case: index on a materialized view
CREATE TABLE t (a int);
CREATE MATERIALIZED VIEW v AS SELECT a FROM t;
CREATE INDEX ON v (a);

-- case: index on a missing column of a materialized view
CREATE TABLE t (a int);
CREATE MATERIALIZED VIEW v AS SELECT a AS b FROM t;
CREATE INDEX ON v (a);

-- case: chosen index name
CREATE TABLE t (a int, b int);
CREATE INDEX ON t (a, b);
DROP INDEX t_a_b_idx;

-- case: chosen index name the second time
CREATE TABLE t (a int);
CREATE INDEX ON t (a);
CREATE INDEX ON t (a);
DROP INDEX t_a_idx1;

-- case: chosen index name of an expression
CREATE TABLE t (a text);
CREATE INDEX ON t (lower(a));
DROP INDEX t_lower_idx;

-- case: chosen index name of an operator
CREATE TABLE t (a int);
CREATE INDEX ON t ((a + 1));
DROP INDEX t_expr_idx;

-- case: chosen index name with two expressions
CREATE TABLE t (a int);
CREATE INDEX ON t ((a + 1), (a + 2));
DROP INDEX t_expr_expr1_idx;

-- case: chosen index name of a cast
CREATE TABLE t (a timestamp);
CREATE INDEX ON t ((a::date));
DROP INDEX t_a_idx;

-- case: chosen index name of coalesce
CREATE TABLE t (a int);
CREATE INDEX ON t (coalesce(a, 0));
DROP INDEX t_coalesce_idx;

-- case: chosen index name of case
CREATE TABLE t (a int);
CREATE INDEX ON t ((CASE WHEN a > 0 THEN 1 END));
DROP INDEX t_case_idx;

-- case: chosen index name of a case with a column at its end
CREATE TABLE t (a int);
CREATE INDEX ON t ((CASE WHEN a > 0 THEN 1 ELSE a END));
DROP INDEX t_a_idx;

-- case: chosen index name of json
CREATE TABLE t (a jsonb);
CREATE INDEX ON t ((a ->> 'b'));
DROP INDEX t_expr_idx;

-- case: chosen index name with INCLUDE
CREATE TABLE t (a int, b int);
CREATE INDEX ON t (a) INCLUDE (b);
DROP INDEX t_a_b_idx;

-- case: long chosen index name
CREATE TABLE a_table_with_a_name_that_is_rather_long_for_a_table (a_column_with_a_long_name int, b int);
CREATE INDEX ON a_table_with_a_name_that_is_rather_long_for_a_table (a_column_with_a_long_name, b);
DROP INDEX a_table_with_a_name_that_is_rath_a_column_with_a_long_name_b_idx;

-- case: chosen check names
CREATE TABLE t (a int CHECK (a > 0), b int, CHECK (a > b), CHECK (b > 0), CHECK (b > 1));
ALTER TABLE t DROP CONSTRAINT t_a_check, DROP CONSTRAINT t_check, DROP CONSTRAINT t_b_check, DROP CONSTRAINT t_b_check1;

-- case: chosen key names
CREATE TABLE t (a int UNIQUE, b int UNIQUE, c int, UNIQUE (a, b), PRIMARY KEY (c));
ALTER TABLE t DROP CONSTRAINT t_a_key, DROP CONSTRAINT t_b_key, DROP CONSTRAINT t_a_b_key, DROP CONSTRAINT t_pkey;

-- case: chosen foreign key names
CREATE TABLE u (a int, b int, PRIMARY KEY (a, b), UNIQUE (a));
CREATE TABLE t (a int REFERENCES u (a), b int, FOREIGN KEY (a, b) REFERENCES u, FOREIGN KEY (a) REFERENCES u (a));
ALTER TABLE t DROP CONSTRAINT t_a_fkey, DROP CONSTRAINT t_a_b_fkey, DROP CONSTRAINT t_a_fkey1;

-- case: chosen check name taken in another table
CREATE TABLE u (a int CONSTRAINT t_a_check CHECK (a > 0));
CREATE TABLE t (a int CHECK (a > 0));
ALTER TABLE t DROP CONSTRAINT t_a_check1;

-- case: chosen exclusion name
CREATE TABLE t (a int4range, EXCLUDE USING gist (a WITH &&));
ALTER TABLE t DROP CONSTRAINT t_a_excl;

-- case: unknown constraint
CREATE TABLE t (a int UNIQUE);
ALTER TABLE t DROP CONSTRAINT t_b_key;

-- case: unknown constraint if exists
CREATE TABLE t (a int UNIQUE);
ALTER TABLE t DROP CONSTRAINT IF EXISTS t_b_key;

-- case: key dropped under a foreign key
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);
ALTER TABLE u DROP CONSTRAINT u_pkey;

-- case: key dropped under a foreign key, cascade
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);
ALTER TABLE u DROP CONSTRAINT u_pkey CASCADE;
ALTER TABLE t DROP CONSTRAINT t_a_fkey;

-- case: index of a key dropped
CREATE TABLE t (a int PRIMARY KEY);
DROP INDEX t_pkey;

-- case: unique index dropped under a foreign key
CREATE TABLE u (a int);
CREATE UNIQUE INDEX i ON u (a);
CREATE TABLE t (a int REFERENCES u (a));
DROP INDEX i;

-- case: add a column twice
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN a int;

-- case: add a column if not exists
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN IF NOT EXISTS a text UNIQUE;
ALTER TABLE t DROP CONSTRAINT t_a_key;

-- case: add and drop in one
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN a text, DROP COLUMN a;

-- case: constraint before its column
CREATE TABLE t (a int);
ALTER TABLE t ADD CHECK (b > 0), ADD COLUMN b int;

-- case: drop a missing column
CREATE TABLE t (a int);
ALTER TABLE t DROP COLUMN b;

-- case: drop a column twice
CREATE TABLE t (a int, b int);
ALTER TABLE t DROP COLUMN b;
ALTER TABLE t DROP COLUMN b;

-- case: drop a column takes its index
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t (a, b);
ALTER TABLE t DROP COLUMN b;
DROP INDEX i;

-- case: drop a column takes its partial index
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t (a) WHERE b > 0;
ALTER TABLE t DROP COLUMN b;
DROP INDEX i;

-- case: drop a column takes its check
CREATE TABLE t (a int, b int, CONSTRAINT c CHECK (a > b));
ALTER TABLE t DROP COLUMN b;
ALTER TABLE t DROP CONSTRAINT c;

-- case: drop a column takes its foreign key
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u, b int);
ALTER TABLE t DROP COLUMN a;
DROP TABLE u;

-- case: drop a column under a view
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE t DROP COLUMN a;

-- case: drop a column beside a view
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE t DROP COLUMN b;

-- case: drop a column under a view of all
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT * FROM t;
ALTER TABLE t DROP COLUMN b;

-- case: drop a column under a view, cascade
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE t DROP COLUMN a CASCADE;
SELECT * FROM v;

-- case: drop a column in the where of a view
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a FROM t WHERE b > 0;
ALTER TABLE t DROP COLUMN b;

-- case: drop a column in a join of a view
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
CREATE VIEW v AS SELECT t.a, u.c FROM t JOIN u USING (a);
ALTER TABLE u DROP COLUMN a;

-- case: drop a referenced column
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);
ALTER TABLE u DROP COLUMN a;

-- case: drop a column under a generated one
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED);
ALTER TABLE t DROP COLUMN a;

-- case: drop a column under a policy
CREATE TABLE t (a int, b int);
CREATE POLICY p ON t USING (a > 0);
ALTER TABLE t DROP COLUMN a;

-- case: drop a column under a trigger
CREATE TABLE t (a int, b int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE t DROP COLUMN a;

-- case: drop a column in the condition of a trigger
CREATE TABLE t (a int, b int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW WHEN (old.a IS DISTINCT FROM new.a) EXECUTE FUNCTION f();
ALTER TABLE t DROP COLUMN a;

-- case: trigger on a missing column
CREATE TABLE t (a int, b int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE UPDATE OF c ON t FOR EACH ROW EXECUTE FUNCTION f();

-- case: trigger with a missing column in its condition
CREATE TABLE t (a int, b int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW WHEN (new.c > 0) EXECUTE FUNCTION f();

-- case: drop a serial column takes its sequence
CREATE TABLE t (a serial, b int);
ALTER TABLE t DROP COLUMN a;
DROP SEQUENCE t_a_seq;

-- case: drop the sequence of a serial column
CREATE TABLE t (a serial);
DROP SEQUENCE t_a_seq;

-- case: drop the sequence of a serial column, cascade
CREATE TABLE t (a serial);
DROP SEQUENCE t_a_seq CASCADE;

-- case: drop the sequence of an identity
CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);
DROP SEQUENCE t_a_seq;

-- case: drop a sequence in a default
CREATE SEQUENCE s;
CREATE TABLE t (a int DEFAULT nextval('s'));
DROP SEQUENCE s;

-- case: drop the partition key
CREATE TABLE t (a int, b int) PARTITION BY RANGE (a);
ALTER TABLE t DROP COLUMN a;

-- case: drop a table
CREATE TABLE t (a int);
DROP TABLE t;

-- case: drop a table twice
CREATE TABLE t (a int);
DROP TABLE t;
DROP TABLE t;

-- case: drop a table twice, if exists
CREATE TABLE t (a int);
DROP TABLE t;
DROP TABLE IF EXISTS t;

-- case: drop a table under a foreign key
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);
DROP TABLE u;

-- case: drop both tables
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);
DROP TABLE u, t;

-- case: drop a table under a foreign key, cascade
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);
DROP TABLE u CASCADE;
ALTER TABLE t DROP CONSTRAINT t_a_fkey;

-- case: drop a table that references itself
CREATE TABLE u (a int PRIMARY KEY, b int REFERENCES u);
DROP TABLE u;

-- case: drop a table under a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
DROP TABLE t;

-- case: drop a table under a view without columns
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT 1 AS one FROM t;
DROP TABLE t;

-- case: drop a table in a subquery of a view
CREATE TABLE t (a int);
CREATE TABLE u (a int);
CREATE VIEW v AS SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a);
DROP TABLE u;

-- case: drop a view under a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE VIEW w AS SELECT a FROM v;
DROP VIEW v;

-- case: drop a table, cascade takes the views on views
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE VIEW w AS SELECT a FROM v;
DROP TABLE t CASCADE;
DROP VIEW w;

-- case: drop a table in a policy of another
CREATE TABLE t (a int);
CREATE TABLE u (a int);
CREATE POLICY p ON t USING (EXISTS (SELECT 1 FROM u WHERE u.a = t.a));
DROP TABLE u;

-- case: drop a view as a table
CREATE VIEW v AS SELECT 1 AS a;
DROP TABLE v;

-- case: drop a table as a view
CREATE TABLE t (a int);
DROP VIEW t;

-- case: drop a view as a materialized one
CREATE VIEW v AS SELECT 1 AS a;
DROP MATERIALIZED VIEW v;

-- case: drop an index as a table
CREATE TABLE t (a int);
CREATE INDEX i ON t (a);
DROP TABLE i;

-- case: drop a table as an index
CREATE TABLE t (a int);
DROP INDEX t;

-- case: drop a table as an index if exists
CREATE TABLE t (a int);
DROP INDEX IF EXISTS t;

-- case: alter a view as a table
CREATE VIEW v AS SELECT 1 AS a;
ALTER TABLE v ADD COLUMN b int;

-- case: rename a view as a table
CREATE VIEW v AS SELECT 1 AS a;
ALTER TABLE v RENAME TO w;
DROP VIEW w;

-- case: rename an index as a table
CREATE TABLE t (a int);
CREATE INDEX i ON t (a);
ALTER TABLE i RENAME TO j;
DROP INDEX j;

-- case: rename a table to one that is there
CREATE TABLE t (a int);
CREATE TABLE u (a int);
ALTER TABLE t RENAME TO u;

-- case: rename a table that is not there
ALTER TABLE t RENAME TO u;

-- case: rename a table leaves names of keys
CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE);
ALTER TABLE t RENAME TO u;
ALTER TABLE u DROP CONSTRAINT t_pkey, DROP CONSTRAINT t_b_key;

-- case: rename a table carries the foreign key
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);
ALTER TABLE u RENAME TO w;
DROP TABLE w;

-- case: rename a table, then use the old name
CREATE TABLE t (a int);
ALTER TABLE t RENAME TO u;
INSERT INTO t VALUES (1);

-- case: rename a column
CREATE TABLE t (a int);
ALTER TABLE t RENAME COLUMN a TO b;
CREATE INDEX ON t (b);

-- case: rename a column, then use the old name
CREATE TABLE t (a int);
ALTER TABLE t RENAME COLUMN a TO b;
CREATE INDEX ON t (a);

-- case: rename a missing column
CREATE TABLE t (a int);
ALTER TABLE t RENAME COLUMN b TO c;

-- case: rename a column to one that is there
CREATE TABLE t (a int, b int);
ALTER TABLE t RENAME COLUMN a TO b;

-- case: rename a column under a view
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE t RENAME COLUMN a TO c;
SELECT a FROM v;

-- case: rename a column under a view, then drop it
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE t RENAME COLUMN a TO c;
ALTER TABLE t DROP COLUMN c;

-- case: rename a column in a check, then drop it
CREATE TABLE t (a int, b int, CONSTRAINT k CHECK (a > b));
ALTER TABLE t RENAME COLUMN a TO c;
ALTER TABLE t DROP COLUMN c;
ALTER TABLE t DROP CONSTRAINT k;

-- case: rename a constraint
CREATE TABLE t (a int UNIQUE);
ALTER TABLE t RENAME CONSTRAINT t_a_key TO k;
ALTER TABLE t DROP CONSTRAINT k;

-- case: rename an index renames the key
CREATE TABLE t (a int UNIQUE);
ALTER INDEX t_a_key RENAME TO k;
ALTER TABLE t DROP CONSTRAINT k;

-- case: rename a missing index
CREATE TABLE t (a int UNIQUE);
ALTER INDEX k RENAME TO l;

-- case: rename a sequence
CREATE TABLE t (a serial);
ALTER SEQUENCE t_a_seq RENAME TO s;
ALTER TABLE t DROP COLUMN a;
DROP SEQUENCE s;

-- case: type of a column under a view
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE t ALTER COLUMN a TYPE bigint;

-- case: type of a column in a policy
CREATE TABLE t (a int, b int);
CREATE POLICY p ON t USING (a > 0);
ALTER TABLE t ALTER COLUMN a TYPE bigint;

-- case: type of a column in a trigger
CREATE TABLE t (a int, b int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE t ALTER COLUMN a TYPE bigint;

-- case: type of a column in a generated one
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED);
ALTER TABLE t ALTER COLUMN a TYPE bigint;

-- case: type of a column to an unknown type
CREATE TABLE t (a int);
ALTER TABLE t ALTER COLUMN a TYPE bigintt;

-- case: type with a missing column in USING
CREATE TABLE t (a int);
ALTER TABLE t ALTER COLUMN a TYPE text USING b::text;

-- case: text to int without USING
-- missed: which types cast by themselves is not followed
CREATE TABLE t (a text);
ALTER TABLE t ALTER COLUMN a TYPE int;

-- case: drop not null of a primary key
CREATE TABLE t (a int PRIMARY KEY);
ALTER TABLE t ALTER COLUMN a DROP NOT NULL;

-- case: drop not null of an identity
CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);
ALTER TABLE t ALTER COLUMN a DROP NOT NULL;

-- case: drop not null of a serial
CREATE TABLE t (a serial);
ALTER TABLE t ALTER COLUMN a DROP NOT NULL;

-- case: add an identity to a column that takes null
CREATE TABLE t (a int);
ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY;

-- case: add an identity
CREATE TABLE t (a int NOT NULL);
ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY;

-- case: add an identity to a serial
CREATE TABLE t (a serial);
ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY;

-- case: add an identity twice
CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);
ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY;

-- case: drop an identity that is none
CREATE TABLE t (a int);
ALTER TABLE t ALTER COLUMN a DROP IDENTITY;

-- case: set a missing column not null
CREATE TABLE t (a int);
ALTER TABLE t ALTER COLUMN b SET NOT NULL;

-- case: validate a constraint
CREATE TABLE t (a int);
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
ALTER TABLE t VALIDATE CONSTRAINT c;

-- case: validate a missing constraint
CREATE TABLE t (a int);
ALTER TABLE t VALIDATE CONSTRAINT c;

-- case: key from an index
CREATE TABLE t (a int);
CREATE UNIQUE INDEX i ON t (a);
ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i;
DROP INDEX k;

-- case: key from an index that is not unique
CREATE TABLE t (a int);
CREATE INDEX i ON t (a);
ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i;

-- case: key from a missing index
CREATE TABLE t (a int);
ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i;

-- case: key from an index keeps its name
CREATE TABLE t (a int);
CREATE UNIQUE INDEX i ON t (a);
ALTER TABLE t ADD PRIMARY KEY USING INDEX i;
ALTER TABLE t DROP CONSTRAINT i;

-- case: view of a missing table
CREATE VIEW v AS SELECT a FROM t;

-- case: view of a missing column
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT b FROM t;

-- case: view twice
CREATE VIEW v AS SELECT 1 AS a;
CREATE VIEW v AS SELECT 1 AS a;

-- case: view replaced
CREATE VIEW v AS SELECT 1 AS a;
CREATE OR REPLACE VIEW v AS SELECT 1 AS a, 2 AS b;

-- case: view replaced with fewer columns
CREATE VIEW v AS SELECT 1 AS a, 2 AS b;
CREATE OR REPLACE VIEW v AS SELECT 1 AS a;

-- case: view replaced with other columns
CREATE VIEW v AS SELECT 1 AS a, 2 AS b;
CREATE OR REPLACE VIEW v AS SELECT 1 AS b, 2 AS a;

-- case: view in place of a table
CREATE TABLE v (a int);
CREATE OR REPLACE VIEW v AS SELECT 1 AS a;

-- case: view with a list of columns
CREATE TABLE t (a int, b int);
CREATE VIEW v (x, y) AS SELECT a, b FROM t;
SELECT x, y FROM v;

-- case: column of a view of all
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT * FROM t;
SELECT c FROM v;

-- case: table from a query
CREATE TABLE t (a int, b int);
CREATE TABLE u AS SELECT a, b AS c FROM t;
CREATE INDEX ON u (c);

-- case: missing column of a table from a query
CREATE TABLE t (a int, b int);
CREATE TABLE u AS SELECT a, b AS c FROM t;
CREATE INDEX ON u (b);

-- case: table from a missing table
CREATE TABLE u AS SELECT a FROM t;

-- case: table like
CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE CHECK (b > 0));
CREATE TABLE u (LIKE t INCLUDING ALL);
ALTER TABLE u DROP CONSTRAINT u_pkey, DROP CONSTRAINT u_b_key, DROP CONSTRAINT t_b_check;

-- case: table like without anything
CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE CHECK (b > 0));
CREATE TABLE u (LIKE t);
ALTER TABLE u DROP CONSTRAINT u_pkey;

-- case: table like with its indexes
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t (b);
CREATE TABLE u (LIKE t INCLUDING INDEXES);
DROP INDEX u_b_idx;

-- case: table like a missing one
CREATE TABLE u (LIKE t);

-- case: inherited column
CREATE TABLE t (a int);
CREATE TABLE u (b int) INHERITS (t);
CREATE INDEX ON u (a);

-- case: column added to the parent
CREATE TABLE t (a int);
CREATE TABLE u (b int) INHERITS (t);
ALTER TABLE t ADD COLUMN c int;
CREATE INDEX ON u (c);

-- case: drop an inherited column
CREATE TABLE t (a int);
CREATE TABLE u (b int) INHERITS (t);
ALTER TABLE u DROP COLUMN a;

-- case: drop a parent
CREATE TABLE t (a int);
CREATE TABLE u (b int) INHERITS (t);
DROP TABLE t;

-- case: partition
CREATE TABLE t (a int, b int, PRIMARY KEY (a)) PARTITION BY RANGE (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t1 RENAME CONSTRAINT t1_pkey TO k;

-- case: index of a partition
CREATE TABLE t (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX i ON t (b);
ALTER INDEX t1_b_idx RENAME TO j;

-- case: drop a partitioned table
CREATE TABLE t (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
DROP TABLE t;
DROP TABLE t1;

-- case: attach and detach
CREATE TABLE t (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE t1 (a int, b int);
ALTER TABLE t ATTACH PARTITION t1 FOR VALUES FROM (0) TO (10);
ALTER TABLE t DETACH PARTITION t1;
DROP TABLE t;
DROP TABLE t1;

-- case: attach a missing table
CREATE TABLE t (a int, b int) PARTITION BY RANGE (a);
ALTER TABLE t ATTACH PARTITION t1 FOR VALUES FROM (0) TO (10);

-- case: detach what is not attached
CREATE TABLE t (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE t1 (a int, b int);
ALTER TABLE t DETACH PARTITION t1;

-- case: partition of what is not partitioned
CREATE TABLE t (a int, b int);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);

-- case: enum twice
CREATE TYPE m AS ENUM ('a');
CREATE TYPE m AS ENUM ('b');

-- case: type with the name of a table
CREATE TABLE t (a int);
CREATE TYPE t AS ENUM ('b');

-- case: table with the name of a type
CREATE TYPE t AS ENUM ('b');
CREATE TABLE t (a int);

-- case: enum value twice
CREATE TYPE m AS ENUM ('a');
ALTER TYPE m ADD VALUE 'a';

-- case: enum value after a missing one
CREATE TYPE m AS ENUM ('a');
ALTER TYPE m ADD VALUE 'b' AFTER 'c';

-- case: rename a missing enum value
CREATE TYPE m AS ENUM ('a');
ALTER TYPE m RENAME VALUE 'b' TO 'c';

-- case: drop a type that is used
CREATE TYPE m AS ENUM ('a');
CREATE TABLE t (a m);
DROP TYPE m;

-- case: drop a type that is used as an array
CREATE TYPE m AS ENUM ('a');
CREATE TABLE t (a m[]);
DROP TYPE m;

-- case: drop a type, cascade takes the column
CREATE TYPE m AS ENUM ('a');
CREATE TABLE t (a m, b int);
DROP TYPE m CASCADE;
CREATE INDEX ON t (a);

-- case: drop a missing type
DROP TYPE m;

-- case: rename a type
CREATE TYPE m AS ENUM ('a');
CREATE TABLE t (a m);
ALTER TYPE m RENAME TO n;
DROP TYPE n;

-- case: domain
CREATE DOMAIN d AS int CHECK (value > 0);
CREATE TABLE t (a d);
ALTER DOMAIN d DROP CONSTRAINT d_check;

-- case: drop a missing constraint of a domain
CREATE DOMAIN d AS int CHECK (value > 0);
ALTER DOMAIN d DROP CONSTRAINT e;

-- case: drop a domain that is used
CREATE DOMAIN d AS int;
CREATE TABLE t (a d);
DROP DOMAIN d;

-- case: trigger with a missing function
CREATE TABLE t (a int);
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();

-- case: trigger twice
CREATE TABLE t (a int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();

-- case: trigger on a missing table
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();

-- case: drop a function under a trigger
CREATE TABLE t (a int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
DROP FUNCTION f();

-- case: drop a missing trigger
CREATE TABLE t (a int);
DROP TRIGGER g ON t;

-- case: drop a trigger of a missing table
DROP TRIGGER g ON t;

-- case: drop a trigger of a missing table, if exists
DROP TRIGGER IF EXISTS g ON t;

-- case: function twice
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(b int) RETURNS int LANGUAGE sql AS 'SELECT 2';

-- case: function with other arguments
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 2';

-- case: function replaced with another result
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE OR REPLACE FUNCTION f(a int) RETURNS text LANGUAGE sql AS 'SELECT 2::text';

-- case: drop one of two functions
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 2';
DROP FUNCTION f;

-- case: drop a function by its arguments
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 2';
DROP FUNCTION f(integer);

-- case: drop a function with other arguments
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
DROP FUNCTION f(text);

-- case: drop a missing function
DROP FUNCTION f();

-- case: drop a missing sequence
DROP SEQUENCE s;

-- case: alter a missing sequence
ALTER SEQUENCE s RESTART;

-- case: sequence owned by a missing column
CREATE TABLE t (a int);
CREATE SEQUENCE s OWNED BY t.b;

-- case: sequence owned by a column goes with it
CREATE TABLE t (a int, b int);
CREATE SEQUENCE s OWNED BY t.b;
ALTER TABLE t DROP COLUMN b;
DROP SEQUENCE s;

-- case: policy on a missing column
CREATE TABLE t (a int);
CREATE POLICY p ON t USING (b > 0);

-- case: policy twice
CREATE TABLE t (a int);
CREATE POLICY p ON t USING (a > 0);
CREATE POLICY p ON t USING (a > 0);

-- case: drop a missing policy
CREATE TABLE t (a int);
DROP POLICY p ON t;

-- case: schema twice
CREATE SCHEMA s;
CREATE SCHEMA s;

-- case: table in a schema
CREATE SCHEMA s;
CREATE TABLE s.t (a int);
SELECT a FROM s.t;

-- case: table in a schema is not in the default one
CREATE SCHEMA s;
CREATE TABLE s.t (a int);
SELECT a FROM t;

-- case: search path
CREATE SCHEMA s;
SET LOCAL search_path = s, public;
CREATE TABLE t (a int);
SELECT a FROM s.t;

-- case: the public schema is the default one
CREATE TABLE public.t (a int);
SELECT t.a FROM t;

-- case: move a table
CREATE SCHEMA s;
CREATE TABLE t (a int);
ALTER TABLE t SET SCHEMA s;
SELECT a FROM t;

-- case: move a missing table
CREATE SCHEMA s;
ALTER TABLE t SET SCHEMA s;

-- case: drop a schema that is not empty
CREATE SCHEMA s;
CREATE TABLE s.t (a int);
DROP SCHEMA s;

-- case: drop a schema, cascade
CREATE SCHEMA s;
CREATE TABLE s.t (a int);
DROP SCHEMA s CASCADE;
SELECT a FROM s.t;

-- case: temporary table
CREATE TEMPORARY TABLE t (a int);
CREATE TABLE t (b int);
SELECT a FROM t;

-- case: insert into a missing table
INSERT INTO t VALUES (1);

-- case: insert into a missing column
CREATE TABLE t (a int);
INSERT INTO t (b) VALUES (1);

-- case: insert too many values
CREATE TABLE t (a int, b int);
INSERT INTO t VALUES (1, 2, 3);

-- case: insert fewer values
CREATE TABLE t (a int, b int);
INSERT INTO t VALUES (1);

-- case: insert fewer values than columns
CREATE TABLE t (a int, b int);
INSERT INTO t (a, b) VALUES (1);

-- case: insert more values than columns
CREATE TABLE t (a int, b int);
INSERT INTO t (a) VALUES (1, 2);

-- case: insert without a column that must have a value
CREATE TABLE t (a int, b int NOT NULL);
INSERT INTO t (a) VALUES (1);

-- case: insert without a column with a default
CREATE TABLE t (a int, b int NOT NULL DEFAULT 1, c serial, d int GENERATED ALWAYS AS IDENTITY);
INSERT INTO t (a) VALUES (1);

-- case: insert without a column that a trigger fills
CREATE TABLE t (a int, b int NOT NULL);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.b := 1; RETURN NEW; END';
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
INSERT INTO t (a) VALUES (1);

-- case: insert from a query
CREATE TABLE t (a int, b int);
CREATE TABLE u (c int, d int);
INSERT INTO t (a, b) SELECT c, d FROM u;

-- case: insert from a query with a missing column
CREATE TABLE t (a int, b int);
CREATE TABLE u (c int, d int);
INSERT INTO t (a, b) SELECT c, e FROM u;

-- case: insert on conflict
CREATE TABLE t (a int PRIMARY KEY, b int);
INSERT INTO t VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET b = excluded.b + t.b RETURNING a;

-- case: insert on conflict with a missing column
CREATE TABLE t (a int PRIMARY KEY, b int);
INSERT INTO t VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET b = excluded.c;

-- case: insert on conflict on a missing column
CREATE TABLE t (a int PRIMARY KEY, b int);
INSERT INTO t VALUES (1, 2) ON CONFLICT (c) DO NOTHING;

-- case: insert on conflict without a key
CREATE TABLE t (a int PRIMARY KEY, b int);
INSERT INTO t VALUES (1, 2) ON CONFLICT (b) DO NOTHING;

-- case: insert returning a missing column
CREATE TABLE t (a int PRIMARY KEY, b int);
INSERT INTO t VALUES (1, 2) RETURNING c;

-- case: update
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
UPDATE t SET b = u.c FROM u WHERE t.a = u.a;

-- case: update a missing column
CREATE TABLE t (a int, b int);
UPDATE t SET c = 1;

-- case: update with a missing column
CREATE TABLE t (a int, b int);
UPDATE t SET b = c;

-- case: update from with a missing column
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
UPDATE t SET b = u.d FROM u WHERE t.a = u.a;

-- case: update with an alias
CREATE TABLE t (a int, b int);
UPDATE t AS x SET b = x.a WHERE x.b IS NULL;

-- case: update with a missing column under an alias
CREATE TABLE t (a int, b int);
UPDATE t AS x SET b = x.c WHERE x.b IS NULL;

-- case: the table's own name behind an alias
CREATE TABLE t (a int, b int);
UPDATE t AS x SET b = t.a;

-- case: update with a subquery
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
UPDATE t SET b = (SELECT max(c) FROM u WHERE u.a = t.a);

-- case: update with a missing column in a subquery
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
UPDATE t SET b = (SELECT max(d) FROM u WHERE u.a = t.a);

-- case: correlated with the outer table
CREATE TABLE t (a int, b int);
CREATE TABLE u (x int, c int);
DELETE FROM t WHERE a IN (SELECT a FROM u);

-- case: delete
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
DELETE FROM t USING u WHERE t.a = u.a AND u.c > 0;

-- case: delete with a missing column
CREATE TABLE t (a int, b int);
DELETE FROM t WHERE c > 0;

-- case: common table expression
CREATE TABLE t (a int, b int);
WITH x AS (SELECT a, b FROM t) UPDATE t SET b = x.b FROM x WHERE x.a = t.a;

-- case: missing column of a common table expression
CREATE TABLE t (a int, b int);
WITH x AS (SELECT a, b AS c FROM t) SELECT b FROM x;

-- case: common table expression with the name of a table
CREATE TABLE t (a int, b int);
WITH t AS (SELECT 1 AS z) SELECT z FROM t;

-- case: recursive
CREATE TABLE t (id int, parent int);
WITH RECURSIVE x AS (SELECT id, parent FROM t WHERE parent IS NULL UNION ALL SELECT t.id, t.parent FROM t JOIN x ON x.id = t.parent) SELECT id FROM x;

-- case: data-modifying common table expression
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int);
WITH gone AS (DELETE FROM t RETURNING a) INSERT INTO u SELECT a FROM gone;

-- case: missing column in a data-modifying one
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int);
WITH gone AS (DELETE FROM t WHERE c > 0 RETURNING a) INSERT INTO u SELECT a FROM gone;

-- case: join
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
SELECT t.b, u.c FROM t LEFT JOIN u ON t.a = u.a;

-- case: join with a missing column
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
SELECT t.b FROM t LEFT JOIN u ON t.a = u.d;

-- case: join using a missing column
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
SELECT b FROM t JOIN u USING (b);

-- case: unknown qualifier
CREATE TABLE t (a int, b int);
SELECT x.a FROM t;

-- case: order by an output name
CREATE TABLE t (a int, b int);
SELECT a + b AS total FROM t ORDER BY total;

-- case: group by an output name
CREATE TABLE t (a int, b int);
SELECT a + b AS total, count(*) FROM t GROUP BY total;

-- case: where does not see output names
-- missed: a scope does not tell WHERE from ORDER BY
CREATE TABLE t (a int, b int);
SELECT a + b AS total FROM t WHERE total > 0;

-- case: order by a missing name
CREATE TABLE t (a int, b int);
SELECT a FROM t ORDER BY c;

-- case: union ordered by a column
CREATE TABLE t (a int, b int);
SELECT a AS x FROM t UNION SELECT b FROM t ORDER BY x;

-- case: missing column in an arm of a union
CREATE TABLE t (a int, b int);
SELECT a FROM t UNION SELECT c FROM t;

-- case: lateral
CREATE TABLE t (a int, b int);
SELECT x.c FROM t, LATERAL (SELECT t.a + 1 AS c) x;

-- case: function in from
CREATE TABLE t (a int, b int);
SELECT n FROM generate_series(1, 3) AS n;

-- case: values in from
SELECT a, b FROM (VALUES (1, 2)) AS v (a, b);

-- case: missing column of values
SELECT c FROM (VALUES (1, 2)) AS v (a, b);

-- case: subquery in from
CREATE TABLE t (a int, b int);
SELECT s.c FROM (SELECT a AS c FROM t) s;

-- case: missing column of a subquery
CREATE TABLE t (a int, b int);
SELECT s.a FROM (SELECT a AS c FROM t) s;

-- case: system columns
CREATE TABLE t (a int);
SELECT ctid, xmin, tableoid, t FROM t;

-- case: function of a row
CREATE TABLE t (a int);
CREATE FUNCTION f(t) RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT t.f FROM t;

-- case: catalogue
SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE n.nspname = 'public';

-- case: information schema
SELECT table_name FROM information_schema.tables;

-- case: composite field
CREATE TYPE c AS (x int, y int);
CREATE TABLE t (a c);
SELECT (a).x FROM t;

-- case: merge
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = u.c WHEN NOT MATCHED THEN INSERT (a, b) VALUES (u.a, u.c);

-- case: merge with a missing column
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, c int);
MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = u.d;

-- case: truncate a missing table
TRUNCATE t;

-- case: truncate under a foreign key
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);
TRUNCATE u;

-- case: truncate both
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);
TRUNCATE u, t;

-- case: truncate, cascade
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u);
TRUNCATE u CASCADE;

-- case: comment on a missing table
COMMENT ON TABLE t IS 'x';

-- case: comment on a missing column
CREATE TABLE t (a int);
COMMENT ON COLUMN t.b IS 'x';

-- case: comment on a column of a view
CREATE VIEW v AS SELECT 1 AS a;
COMMENT ON COLUMN v.a IS 'x';

-- case: grant on a missing table
GRANT SELECT ON t TO public;

-- case: grant on a table
CREATE TABLE t (a int);
GRANT SELECT ON t TO public;

-- case: refresh
CREATE MATERIALIZED VIEW v AS SELECT 1 AS a;
REFRESH MATERIALIZED VIEW v;

-- case: refresh a missing view
REFRESH MATERIALIZED VIEW v;

-- case: refresh a table
CREATE TABLE v (a int);
REFRESH MATERIALIZED VIEW v;

-- case: reindex a missing index
REINDEX INDEX i;

-- case: analyze a missing table
ANALYZE t;

-- case: lock a missing table
LOCK TABLE t;

-- case: a DO block may do anything
DO $$ BEGIN EXECUTE 'CREATE TABLE t (a int)'; END $$;
SELECT a FROM t;

-- case: a DO block that names the table
DO $$ BEGIN CREATE TABLE t (a int); END $$;
SELECT a FROM t;

-- case: after a DO block other names are as they were
CREATE TABLE u (a int);
DO $$ BEGIN CREATE TABLE t (a int); END $$;
SELECT b FROM u;

-- case: a function that is called may make a table
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN CREATE TABLE t (a int); END';
SELECT f();
SELECT a FROM t;

-- case: cast to an unknown type
SELECT 'a'::mood;

-- case: cast to a type
CREATE TYPE mood AS ENUM ('a');
SELECT 'a'::mood;

-- case: cast to an unknown type in a default
CREATE TABLE t (a text DEFAULT 'a'::mood);

-- case: extension
-- missed: which extensions a server brings along is not known
CREATE EXTENSION plpgsql;

-- case: add a foreign key
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int);
ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u;

-- case: add a foreign key on a missing column
CREATE TABLE u (a int PRIMARY KEY);
CREATE TABLE t (a int);
ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (b) REFERENCES u;

-- case: add a constraint twice
CREATE TABLE t (a int);
ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0);
ALTER TABLE t ADD CONSTRAINT k CHECK (a > 1);

-- case: add a unique key with the name of an index
CREATE TABLE t (a int);
CREATE INDEX k ON t (a);
ALTER TABLE t ADD CONSTRAINT k UNIQUE (a);

-- case: rule
CREATE TABLE t (a int);
CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING;

-- case: rule on a missing table
CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING;

-- case: owned serial default
CREATE TABLE t (a int);
CREATE SEQUENCE s OWNED BY t.a;
ALTER TABLE t ALTER COLUMN a SET DEFAULT nextval('s');
DROP SEQUENCE s;

-- case: no default, no need
CREATE TABLE t (a serial);
ALTER TABLE t ALTER COLUMN a DROP DEFAULT;
DROP SEQUENCE t_a_seq;

-- case: alter if exists
ALTER TABLE IF EXISTS t ADD COLUMN a int;

-- case: column of a table that was made anew
CREATE TABLE t (a int, b int);
DROP TABLE t;
CREATE TABLE t (a int);
CREATE INDEX ON t (b);

-- case: what counts with the sequence of a dropped table
CREATE TABLE t (a serial);
CREATE TABLE u (LIKE t INCLUDING DEFAULTS);
DROP TABLE t;

-- case: a copied default goes with cascade
CREATE TABLE t (a serial);
CREATE TABLE u (LIKE t INCLUDING ALL);
DROP TABLE t CASCADE;

-- case: create schema with elements in any order
CREATE SCHEMA app CREATE INDEX i ON t (a) CREATE VIEW v AS SELECT a, b FROM t CREATE TABLE t (a int, b bigint DEFAULT nextval('s')) CREATE SEQUENCE s CREATE TABLE u (t int);

-- case: create schema with a view of what is not there
CREATE SCHEMA app CREATE TABLE t (a int) CREATE VIEW v AS SELECT b FROM t;

-- case: after create schema names mean what they meant
CREATE SCHEMA app CREATE TABLE t (a int);
SELECT * FROM t;

-- case: create schema with a reference to a table outside
CREATE TABLE r (id int PRIMARY KEY);
CREATE SCHEMA app CREATE TABLE t (r int REFERENCES r, s int REFERENCES public.r);

-- case: create schema with a reference to a key that is not there
CREATE TABLE r (id int);
CREATE SCHEMA app CREATE TABLE t (r int REFERENCES r (id));

-- case: what counts with the sequence of a dropped column
CREATE TABLE t (a serial, b int);
CREATE TABLE u (LIKE t INCLUDING DEFAULTS);
ALTER TABLE t DROP COLUMN a;

-- case: both that count with a sequence are dropped
CREATE TABLE t (a serial);
CREATE TABLE u (a int DEFAULT nextval('t_a_seq'));
DROP TABLE t, u;

-- case: partitions count with the sequence of their parent
CREATE TABLE p (a serial, b int) PARTITION BY LIST (b);
CREATE TABLE q PARTITION OF p FOR VALUES IN (1);
DROP TABLE p;

-- case: fewer columns in a query than are listed
CREATE TABLE t (a int, b int, c text);
INSERT INTO t (a, b) SELECT a b FROM t;

-- case: more columns in a query than are listed
CREATE TABLE t (a int, b int, c text);
INSERT INTO t (a, b) SELECT a, b, c FROM t;

-- case: as many columns of a star as are listed
CREATE TABLE t (a int, b int);
INSERT INTO t (a, b) SELECT t.* FROM t;

-- case: fewer columns in a query than the table has
CREATE TABLE t (a int, b int);
INSERT INTO t SELECT a FROM t;

-- case: more columns in a query than the table has
CREATE TABLE t (a int, b int);
INSERT INTO t SELECT *, 1 FROM t;

-- case: more columns in a query over a join
-- missed: the columns of a join are not counted
CREATE TABLE t (a int, b int);
INSERT INTO t SELECT * FROM t x JOIN t y USING (a);

-- case: the fields of a value
CREATE TABLE t (a int, b int);
INSERT INTO t (a, b) SELECT (x).* FROM t x;

-- case: the fields of the value of a function
CREATE TABLE t (a int, b text);
INSERT INTO t (a, b) SELECT (json_populate_record(NULL::t, '{}')).*;

-- case: the fields of a value in rows
CREATE TABLE t (a int, b int);
INSERT INTO t (a, b) VALUES ((ROW(1, 2)::t).*), (1, 2);

-- case: a query after WITH
CREATE TABLE t (a int, b int);
INSERT INTO t (a, b) WITH q AS (SELECT 1 AS one) SELECT * FROM q;

-- case: WITH before INSERT
CREATE TABLE t (a int, b int);
WITH q AS (SELECT 1 AS one, 2 AS two) INSERT INTO t (a, b) SELECT one, two FROM q ON CONFLICT DO NOTHING RETURNING a, b, 1;

-- case: WITH before INSERT, and too few
CREATE TABLE t (a int, b int);
WITH q AS (SELECT 1 AS one, 2 AS two) INSERT INTO t (a, b) SELECT one FROM q ON CONFLICT DO NOTHING RETURNING a, b, 1;

-- case: the first arm of a union has too few
CREATE TABLE t (a int, b int);
INSERT INTO t (a, b) (SELECT 1 UNION SELECT 2);

-- case: a query in parentheses with enough
CREATE TABLE t (a int, b int);
INSERT INTO t (a, b) ((SELECT a, b FROM t) ORDER BY 1);

-- case: a query that gives no row leaves no column empty
CREATE TABLE t (a int NOT NULL, b int);
INSERT INTO t (b) SELECT b FROM t;

-- case: parts of a column
CREATE TABLE t (a int[], b int);
INSERT INTO t (a[1], a[2]) VALUES (1, 2);

-- case: parts of a column from a query
CREATE TABLE t (a int[], b int);
INSERT INTO t (a[1], a[2], b) SELECT 1, 2, 3;

-- case: a row for two columns
CREATE TABLE t (a int, b text);
INSERT INTO t (a, b) VALUES ((1, 'x'));

-- case: WITH before a union is in sight of all of it
CREATE TABLE t (a int);
CREATE VIEW v AS WITH w AS (SELECT a FROM t) SELECT a FROM w UNION ALL SELECT a FROM w EXCEPT SELECT 1 FROM w;

-- case: WITH in parentheses is in sight there alone
CREATE TABLE t (a int);
CREATE VIEW v AS (WITH w AS (SELECT a FROM t) SELECT a FROM w) UNION ALL SELECT a FROM w;

-- case: the sequence of a default is the one that the search path finds then
CREATE SCHEMA app;
SET search_path = app;
CREATE SEQUENCE n;
CREATE TABLE t (a int DEFAULT nextval('n'));
SET search_path = public;
CREATE SEQUENCE n;
DROP SEQUENCE n;

-- case: the sequence of a default is used, whatever the search path is later
CREATE SCHEMA app;
SET search_path = app;
CREATE SEQUENCE n;
CREATE TABLE t (a int DEFAULT nextval('n'));
SET search_path = public;
DROP SEQUENCE app.n;

-- case: the default schema before another one
CREATE SCHEMA app;
SET search_path = app, public;
CREATE SEQUENCE app.n;
CREATE SEQUENCE public.n;
CREATE TABLE t (a int DEFAULT nextval('public.n'));
DROP SEQUENCE app.n;
