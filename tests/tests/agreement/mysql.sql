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
CREATE INDEX i ON t (b);

-- case: table or replace
CREATE TABLE t (a int);
CREATE OR REPLACE TABLE t (b int);
CREATE INDEX i ON t (b);

-- case: or replace takes the columns away
CREATE TABLE t (a int);
CREATE OR REPLACE TABLE t (b int);
CREATE INDEX i ON t (a);

-- case: or replace of a referenced table
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
CREATE OR REPLACE TABLE u (id int PRIMARY KEY);

-- case: names of tables keep their case
-- missed: whether case counts is up to the server's file system
CREATE TABLE Users (Id int);
INSERT INTO users VALUES (1);

-- case: two tables that differ in case
CREATE TABLE Users (id int);
CREATE TABLE users (id int);

-- case: names of columns do not
CREATE TABLE t (Id int);
CREATE INDEX i ON t (ID);

-- case: columns that differ in case
CREATE TABLE t (a int, A int);

-- case: column twice
CREATE TABLE t (a int, b int, a text);

-- case: table with the name of an index
CREATE TABLE t (a int, KEY i (a));
CREATE TABLE i (a int);

-- case: table with the name of a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE TABLE v (a int);

-- case: table with the name of a sequence
CREATE SEQUENCE s;
CREATE TABLE s (a int);

-- case: table without columns
CREATE TABLE t ();

-- case: table without a definition
CREATE TABLE t;

-- case: unknown type
CREATE TABLE t (a intger);

-- case: type of another database
CREATE TABLE t (a uniqueidentifier);

-- case: serial
CREATE TABLE t (id serial);

-- case: serial is a key
CREATE TABLE t (id serial, PRIMARY KEY (id));

-- case: two primary keys
CREATE TABLE t (a int PRIMARY KEY, b int PRIMARY KEY);

-- case: two primary keys in two ways
CREATE TABLE t (a int PRIMARY KEY, b int, PRIMARY KEY (b));

-- case: a second primary key
CREATE TABLE t (a int PRIMARY KEY, b int);
ALTER TABLE t ADD PRIMARY KEY (b);

-- case: primary key on a missing column
CREATE TABLE t (a int, PRIMARY KEY (b));

-- case: index on a missing column
CREATE TABLE t (a int, KEY (b));

-- case: unique on a missing column
CREATE TABLE t (a int, UNIQUE (b));

-- case: column twice in a key
CREATE TABLE t (a int, UNIQUE (a, a));

-- case: column twice in an index in another case
CREATE TABLE t (a int, KEY (a, A));

-- case: two keys of one name
CREATE TABLE t (a int, b int, KEY k (a), KEY k (b));

-- case: two keys of one name in another case
CREATE TABLE t (a int, b int, KEY k (a), KEY K (b));

-- case: key with the name of another table's
CREATE TABLE t (a int, KEY k (a));
CREATE TABLE u (a int, KEY k (a));

-- case: key named primary
CREATE TABLE t (a int, KEY `PRIMARY` (a));

-- case: unique key chooses another name
CREATE TABLE t (a int, b int, KEY a (b), UNIQUE (a));
ALTER TABLE t DROP INDEX a_2;

-- case: text needs a length in a key
CREATE TABLE t (a text, KEY (a));

-- case: text with a length in a key
CREATE TABLE t (a text, KEY (a(10)));

-- case: blob needs a length in a primary key
CREATE TABLE t (a blob, PRIMARY KEY (a));

-- case: text in a unique key
CREATE TABLE t (a text, UNIQUE (a));

-- case: json in a key
CREATE TABLE t (a json, KEY (a));

-- case: a length on a number
CREATE TABLE t (a int, KEY (a(2)));

-- case: a length that is too long
CREATE TABLE t (a varchar(5), KEY (a(10)));

-- case: fulltext on a number
CREATE TABLE t (a int, FULLTEXT KEY (a));

-- case: fulltext on text
CREATE TABLE t (a text, FULLTEXT KEY (a));

-- case: spatial on a nullable column
CREATE TABLE t (a point, SPATIAL KEY (a));

-- case: spatial
CREATE TABLE t (a point NOT NULL, SPATIAL KEY (a));

-- case: auto increment without a key
CREATE TABLE t (a int AUTO_INCREMENT);

-- case: auto increment with an index
CREATE TABLE t (a int AUTO_INCREMENT, KEY (a));

-- case: two auto increments
CREATE TABLE t (a int AUTO_INCREMENT PRIMARY KEY, b int AUTO_INCREMENT UNIQUE);

-- case: auto increment of text
CREATE TABLE t (a varchar(10) AUTO_INCREMENT PRIMARY KEY);

-- case: auto increment with a default
CREATE TABLE t (a int DEFAULT 1 AUTO_INCREMENT PRIMARY KEY);

-- case: auto increment second in its key
-- missed: other engines than InnoDB take it
CREATE TABLE t (a int, b int AUTO_INCREMENT, PRIMARY KEY (a, b));

-- case: not null with the default null
CREATE TABLE t (a int NOT NULL DEFAULT NULL);

-- case: null primary key
CREATE TABLE t (a int NULL PRIMARY KEY);

-- case: default of a wrong type
CREATE TABLE t (a int DEFAULT 'x');

-- case: default of a bare word
CREATE TABLE t (a varchar(10) DEFAULT active);

-- case: default of a date that is none
CREATE TABLE t (a date DEFAULT 'today');

-- case: default is now
CREATE TABLE t (a timestamp DEFAULT CURRENT_TIMESTAMP, b datetime DEFAULT now());

-- case: now for a date
CREATE TABLE t (a date DEFAULT now());

-- case: default of text
CREATE TABLE t (a text DEFAULT 'x');

-- case: default with another column
CREATE TABLE t (a int, b int DEFAULT (a + 1));

-- case: default with a missing column
CREATE TABLE t (a int, b int DEFAULT (c + 1));

-- case: default out of an enum
CREATE TABLE t (a enum('x', 'y') DEFAULT 'z');

-- case: default in an enum
CREATE TABLE t (a enum('x', 'y') DEFAULT 'y');

-- case: enum value twice
-- missed: a warning where the SQL mode is not strict
CREATE TABLE t (a enum('x', 'x'));

-- case: set value with a comma
-- missed: values of sets are not looked at
CREATE TABLE t (a set('x,y'));

-- case: varchar without a length
CREATE TABLE t (a varchar);

-- case: varchar that is too long
-- missed: a text where the SQL mode is not strict
CREATE TABLE t (a varchar(70000));

-- case: char that is too long
CREATE TABLE t (a char(256));

-- case: decimal with more places than digits
CREATE TABLE t (a decimal(4, 6));

-- case: decimal that is too long
CREATE TABLE t (a decimal(70, 2));

-- case: time that is too exact
CREATE TABLE t (a datetime(7));

-- case: bit that is too long
CREATE TABLE t (a bit(65));

-- case: on update of a number
CREATE TABLE t (a int ON UPDATE CURRENT_TIMESTAMP);

-- case: on update
CREATE TABLE t (a timestamp ON UPDATE CURRENT_TIMESTAMP);

-- case: check on a missing column
CREATE TABLE t (a int, CHECK (b > 0));

-- case: check sees other columns
CREATE TABLE t (a int, b int, CHECK (b > a));

-- case: column check that sees a later column
CREATE TABLE t (a int CHECK (b > a), b int);

-- case: two checks of one name
CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0), CONSTRAINT c CHECK (a < 9));

-- case: check with the name of another table's
CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0));
CREATE TABLE u (a int, CONSTRAINT c CHECK (a > 0));

-- case: check with a subquery
-- missed: older servers read checks and forget them
CREATE TABLE t (a int, CHECK (a IN (SELECT 1)));

-- case: generated from a missing column
CREATE TABLE t (a int, b int AS (c * 2));

-- case: generated
CREATE TABLE t (a int, b int AS (a * 2) STORED, c int GENERATED ALWAYS AS (b + a) VIRTUAL);

-- case: generated from a column that comes later
CREATE TABLE t (b int AS (a * 2), a int);

-- case: generated columns that are added together
CREATE TABLE t (x int);
ALTER TABLE t ADD b int AS (a * 2), ADD a int, ADD CHECK (a > b);

-- case: default with a column that comes later
CREATE TABLE t (b int DEFAULT (a + 1), a int);

-- case: generated with a default
CREATE TABLE t (a int, b int AS (a * 2) DEFAULT 5);

-- case: generated with a subquery
-- missed: what functions a generated column may call is not looked at
CREATE TABLE t (a int, b int AS ((SELECT 1)));

-- case: foreign key to a missing table
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));

-- case: foreign key to a missing table without checks
SET FOREIGN_KEY_CHECKS = 0;
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));

-- case: foreign key to a missing column
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (idd));

-- case: foreign key on a missing column
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (b) REFERENCES u (id));

-- case: foreign key to itself
CREATE TABLE t (id int PRIMARY KEY, parent int, FOREIGN KEY (parent) REFERENCES t (id));

-- case: foreign key to no key
CREATE TABLE u (a int);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (a));

-- case: foreign key to an index
CREATE TABLE u (a int, KEY (a));
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (a));

-- case: foreign key to the first part of an index
CREATE TABLE u (a int, b int, KEY (a, b));
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (a));

-- case: foreign key to the second part of an index
CREATE TABLE u (a int, b int, KEY (a, b));
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (b));

-- case: foreign key with fewer columns
CREATE TABLE u (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (a, b));

-- case: foreign key without columns of the other table
-- missed: newer versions of MySQL take the primary key
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u);

-- case: foreign key of another type
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a varchar(10), FOREIGN KEY (a) REFERENCES u (id));

-- case: foreign key of another size
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a bigint, FOREIGN KEY (a) REFERENCES u (id));

-- case: foreign key of another sign
CREATE TABLE u (id int UNSIGNED PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));

-- case: foreign key of another length
CREATE TABLE u (id varchar(20) PRIMARY KEY);
CREATE TABLE t (a varchar(10), FOREIGN KEY (a) REFERENCES u (id));

-- case: foreign key of another character set
-- missed: character sets of foreign keys are not compared
CREATE TABLE u (id varchar(20) CHARACTER SET latin1 PRIMARY KEY);
CREATE TABLE t (a varchar(20) CHARACTER SET utf8mb4, FOREIGN KEY (a) REFERENCES u (id));

-- case: foreign key that sets a NOT NULL column to NULL
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int NOT NULL, FOREIGN KEY (a) REFERENCES u (id) ON DELETE SET NULL);

-- case: foreign key beside a column
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u (id));

-- case: foreign key beside a column to a missing table
CREATE TABLE t (a int REFERENCES u (id));

-- case: two foreign keys of one name
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, b int, CONSTRAINT k FOREIGN KEY (a) REFERENCES u (id), CONSTRAINT k FOREIGN KEY (b) REFERENCES u (id));

-- case: foreign key with the name of another table's
-- missed: newer versions of MariaDB take it
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, CONSTRAINT k FOREIGN KEY (a) REFERENCES u (id));
CREATE TABLE v (a int, CONSTRAINT k FOREIGN KEY (a) REFERENCES u (id));

-- case: foreign key to a view
CREATE TABLE u (id int PRIMARY KEY);
CREATE VIEW v AS SELECT id FROM u;
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES v (id));

-- case: foreign key from a generated column with cascade
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, b int AS (a) STORED, FOREIGN KEY (b) REFERENCES u (id) ON UPDATE CASCADE);

-- case: temporary tables have no foreign keys
CREATE TABLE u (id int PRIMARY KEY);
CREATE TEMPORARY TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));

-- case: temporary table over another
CREATE TABLE t (a int);
CREATE TEMPORARY TABLE t (b int);
INSERT INTO t (b) VALUES (1);

-- case: like
CREATE TABLE t (a int, KEY (a));
CREATE TABLE u LIKE t;
ALTER TABLE u DROP INDEX a;

-- case: like a missing table
CREATE TABLE u LIKE t;

-- case: like a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE TABLE u LIKE v;

-- case: as a query
CREATE TABLE t (a int, b int);
CREATE TABLE u AS SELECT a, b AS c FROM t;
CREATE INDEX i ON u (c);

-- case: as a query of a missing table
CREATE TABLE u AS SELECT a FROM t;

-- case: as a query of a missing column
CREATE TABLE t (a int);
CREATE TABLE u AS SELECT b FROM t;

-- case: as a query with a column twice
CREATE TABLE t (a int);
CREATE TABLE u AS SELECT a, a FROM t;

-- case: as a query with own columns
CREATE TABLE t (a int);
CREATE TABLE u (x int, KEY (a)) AS SELECT a FROM t;

-- case: unknown engine
-- missed: which engines there are is up to the server
CREATE TABLE t (a int) ENGINE = InoDB;

-- case: unknown character set
-- missed: which character sets there are is up to the server
CREATE TABLE t (a varchar(5)) CHARACTER SET utf9;

-- case: unknown collation
-- missed: which collations there are is up to the server
CREATE TABLE t (a varchar(5) COLLATE utf8mb4_nowhere_ci);

-- case: collation of another character set
-- missed: which collations belong together is not known
CREATE TABLE t (a varchar(5) CHARACTER SET latin1 COLLATE utf8mb4_general_ci);

-- case: options
CREATE TABLE t (a int) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci COMMENT = 'x' ROW_FORMAT = DYNAMIC;

-- case: name that is too long
CREATE TABLE a1234567890123456789012345678901234567890123456789012345678901234567890 (a int);

-- case: reserved word
CREATE TABLE order (a int);

-- case: reserved word in backticks
CREATE TABLE `order` (`select` int, KEY (`select`));

-- case: comma at the end
CREATE TABLE t (a int, b int,);

-- case: comma missing
CREATE TABLE t (a int b int);

-- case: bracket missing
CREATE TABLE t (a int, b int;

-- case: missing database
-- missed: databases may be made outside of migrations
CREATE TABLE nowhere.t (a int);

-- case: alter a missing table
ALTER TABLE t ADD a int;

-- case: alter a missing table if it exists
ALTER TABLE IF EXISTS t ADD a int;

-- case: add a column
CREATE TABLE t (a int);
ALTER TABLE t ADD b int NOT NULL, ADD COLUMN (c int, d int);

-- case: add a column twice
CREATE TABLE t (a int);
ALTER TABLE t ADD a int;

-- case: add a column in another case
CREATE TABLE t (a int);
ALTER TABLE t ADD A int;

-- case: add a column that is there if not exists
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN IF NOT EXISTS a int;

-- case: add two columns of one name
CREATE TABLE t (a int);
ALTER TABLE t ADD b int, ADD b int;

-- case: add after a missing column
CREATE TABLE t (a int);
ALTER TABLE t ADD b int AFTER c;

-- case: add after a column that is added before
CREATE TABLE t (a int);
ALTER TABLE t ADD b int, ADD c int AFTER b;

-- case: add after a column that is added later
CREATE TABLE t (a int);
ALTER TABLE t ADD c int AFTER b, ADD b int;

-- case: add after a column that is dropped
CREATE TABLE t (a int, b int);
ALTER TABLE t ADD c int AFTER b, DROP b;

-- case: add after the new name of a column
CREATE TABLE t (a int);
ALTER TABLE t CHANGE a b int, ADD c int AFTER b;

-- case: add after the old name of a column
CREATE TABLE t (a int);
ALTER TABLE t CHANGE a b int, ADD c int AFTER a;

-- case: drop a column
CREATE TABLE t (a int, b int);
ALTER TABLE t DROP b;

-- case: drop a missing column
CREATE TABLE t (a int);
ALTER TABLE t DROP b;

-- case: drop a missing column if it exists
CREATE TABLE t (a int);
ALTER TABLE t DROP COLUMN IF EXISTS b;

-- case: drop a column twice
CREATE TABLE t (a int, b int, c int);
ALTER TABLE t DROP b, DROP b;

-- case: drop the last column
CREATE TABLE t (a int);
ALTER TABLE t DROP a;

-- case: drop all columns but the one that is added
CREATE TABLE t (a int);
ALTER TABLE t DROP a, ADD b int;

-- case: drop and add one column
CREATE TABLE t (a int, b int);
ALTER TABLE t DROP a, ADD a text;

-- case: add and drop one column
CREATE TABLE t (a int, b int);
ALTER TABLE t ADD a text, DROP a;

-- case: drop a column that is added
CREATE TABLE t (a int);
ALTER TABLE t ADD b int, DROP b;

-- case: drop a column of an index
CREATE TABLE t (a int, b int, KEY k (b));
ALTER TABLE t DROP b;

-- case: the index goes with its column
CREATE TABLE t (a int, b int, KEY k (b));
ALTER TABLE t DROP b;
ALTER TABLE t DROP INDEX k;

-- case: drop a column of a unique key of two
-- missed: MySQL takes it
CREATE TABLE t (a int, b int, UNIQUE k (a, b));
ALTER TABLE t DROP b;

-- case: drop a column and its index
CREATE TABLE t (a int, b int, KEY k (b));
ALTER TABLE t DROP b, DROP INDEX k;

-- case: drop a column of a foreign key
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, b int, CONSTRAINT k FOREIGN KEY (b) REFERENCES u (id));
ALTER TABLE t DROP b;

-- case: drop a column with its foreign key
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, b int, CONSTRAINT k FOREIGN KEY (b) REFERENCES u (id));
ALTER TABLE t DROP b, DROP FOREIGN KEY k;

-- case: drop a column that a foreign key references
CREATE TABLE u (id int PRIMARY KEY, x int);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE u DROP id;

-- case: drop a column of a check of two
-- missed: older servers read checks and forget them
CREATE TABLE t (a int, b int, CHECK (a < b));
ALTER TABLE t DROP b;

-- case: drop a column of its own check
CREATE TABLE t (a int, b int CHECK (b > 0));
ALTER TABLE t DROP b;

-- case: drop a column of a table check with itself only
CREATE TABLE t (a int, b int, CHECK (b > 0));
ALTER TABLE t DROP b;

-- case: drop a column that a generated one reads
CREATE TABLE t (a int, b int, c int AS (b + 1));
ALTER TABLE t DROP b;

-- case: drop a column with the generated one
CREATE TABLE t (a int, b int, c int AS (b + 1));
ALTER TABLE t DROP b, DROP c;

-- case: drop a column that a view reads
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT b FROM t;
ALTER TABLE t DROP b;

-- case: modify a column
CREATE TABLE t (a int);
ALTER TABLE t MODIFY a bigint NOT NULL;

-- case: modify a missing column
CREATE TABLE t (a int);
ALTER TABLE t MODIFY b bigint;

-- case: modify a missing column if it exists
CREATE TABLE t (a int);
ALTER TABLE t MODIFY COLUMN IF EXISTS b bigint;

-- case: modify a column twice
CREATE TABLE t (a int);
ALTER TABLE t MODIFY a bigint, MODIFY a int;

-- case: modify and drop
CREATE TABLE t (a int, b int);
ALTER TABLE t MODIFY a bigint, DROP a;

-- case: modify a column that is added
CREATE TABLE t (a int);
ALTER TABLE t ADD b int, MODIFY b bigint;

-- case: modify to an unknown type
CREATE TABLE t (a int);
ALTER TABLE t MODIFY a bigintt;

-- case: modify to text under an index
CREATE TABLE t (a varchar(20), KEY (a));
ALTER TABLE t MODIFY a text;

-- case: modify the type of a foreign key's column
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE t MODIFY a bigint;

-- case: modify the type of a referenced column
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE u MODIFY id bigint;

-- case: not null for a foreign key that sets null
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id) ON DELETE SET NULL);
ALTER TABLE t MODIFY a int NOT NULL;

-- case: modify to another primary key
CREATE TABLE t (a int PRIMARY KEY, b int);
ALTER TABLE t MODIFY b int PRIMARY KEY;

-- case: modify away the key of auto increment
CREATE TABLE t (a int AUTO_INCREMENT PRIMARY KEY, b int);
ALTER TABLE t DROP PRIMARY KEY;

-- case: drop the primary key and the auto increment
CREATE TABLE t (a int AUTO_INCREMENT PRIMARY KEY, b int);
ALTER TABLE t MODIFY a int NOT NULL, DROP PRIMARY KEY;

-- case: modify to auto increment without a key
CREATE TABLE t (a int, b int);
ALTER TABLE t MODIFY a int AUTO_INCREMENT;

-- case: auto increment with a key in the same statement
CREATE TABLE t (a int, b int);
ALTER TABLE t MODIFY a int AUTO_INCREMENT, ADD PRIMARY KEY (a);

-- case: change a column
CREATE TABLE t (a int);
ALTER TABLE t CHANGE a b text;

-- case: change a missing column
CREATE TABLE t (a int);
ALTER TABLE t CHANGE b c text;

-- case: change to a name that is taken
CREATE TABLE t (a int, b int);
ALTER TABLE t CHANGE a b int;

-- case: change to the same name
CREATE TABLE t (a int);
ALTER TABLE t CHANGE a a bigint;

-- case: change to the same name in another case
CREATE TABLE t (a int);
ALTER TABLE t CHANGE a A bigint;

-- case: swap two columns
CREATE TABLE t (a int, b int);
ALTER TABLE t CHANGE a b int, CHANGE b a int;

-- case: swap two columns with rename
CREATE TABLE t (a int, b text);
ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a;

-- case: shift three columns
CREATE TABLE t (a int, b int, c int);
ALTER TABLE t CHANGE a b int, CHANGE b c int, CHANGE c a int;

-- case: shift two columns to a new name
CREATE TABLE t (a int, b int);
ALTER TABLE t CHANGE a b int, CHANGE b c int;
CREATE INDEX i ON t (b, c);

-- case: the old name is gone after a shift
CREATE TABLE t (a int, b int);
ALTER TABLE t CHANGE a b int, CHANGE b c int;
CREATE INDEX i ON t (a);

-- case: two columns to one name
CREATE TABLE t (a int, b int);
ALTER TABLE t CHANGE a c int, CHANGE b c int;

-- case: change to the name of a column that is dropped
CREATE TABLE t (a int, b int);
ALTER TABLE t CHANGE a b int, DROP b;

-- case: change one column twice
CREATE TABLE t (a int);
ALTER TABLE t CHANGE a b int, CHANGE b c int;

-- case: change and add the old name
CREATE TABLE t (a int);
ALTER TABLE t CHANGE a b int, ADD a int;

-- case: change and index the new name
CREATE TABLE t (a int);
ALTER TABLE t CHANGE a b int, ADD INDEX (b);

-- case: change and index the old name
CREATE TABLE t (a int);
ALTER TABLE t CHANGE a b int, ADD INDEX (a);

-- case: change and drop the new name
CREATE TABLE t (a int, c int);
ALTER TABLE t CHANGE a b int, DROP b;

-- case: indexes follow a swap
CREATE TABLE t (a int, b text, KEY k (a));
ALTER TABLE t CHANGE a b int, CHANGE b a text;
ALTER TABLE t DROP b;
ALTER TABLE t DROP INDEX k;

-- case: rename a column
CREATE TABLE t (a int);
ALTER TABLE t RENAME COLUMN a TO b;

-- case: rename a missing column
CREATE TABLE t (a int);
ALTER TABLE t RENAME COLUMN b TO c;

-- case: rename a column to one that is there
CREATE TABLE t (a int, b int);
ALTER TABLE t RENAME COLUMN a TO b;

-- case: rename a column that a check reads
CREATE TABLE t (a int, b int, CHECK (a < b));
ALTER TABLE t RENAME COLUMN a TO c;

-- case: rename a column that a generated one reads
CREATE TABLE t (a int, b int AS (a + 1));
ALTER TABLE t RENAME COLUMN a TO c;

-- case: change a column that a foreign key references
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE u CHANGE id key_of int;

-- case: set a default
CREATE TABLE t (a int);
ALTER TABLE t ALTER a SET DEFAULT 5;

-- case: set the default of a missing column
CREATE TABLE t (a int);
ALTER TABLE t ALTER b SET DEFAULT 5;

-- case: drop the default of a missing column
CREATE TABLE t (a int);
ALTER TABLE t ALTER b DROP DEFAULT;

-- case: set a default that does not fit
CREATE TABLE t (a int);
ALTER TABLE t ALTER a SET DEFAULT 'x';

-- case: add an index
CREATE TABLE t (a int);
ALTER TABLE t ADD INDEX (a), ADD UNIQUE (a), ADD KEY k (a);

-- case: add an index on a missing column
CREATE TABLE t (a int);
ALTER TABLE t ADD INDEX (b);

-- case: add an index on a column that is added
CREATE TABLE t (a int);
ALTER TABLE t ADD INDEX (b), ADD b int;

-- case: add an index on a column that is dropped
CREATE TABLE t (a int, b int);
ALTER TABLE t ADD INDEX (b), DROP b;

-- case: add an index twice
CREATE TABLE t (a int, KEY k (a));
ALTER TABLE t ADD INDEX k (a);

-- case: add an index that is there if not exists
CREATE TABLE t (a int, KEY k (a));
ALTER TABLE t ADD INDEX IF NOT EXISTS k (a);

-- case: drop and add an index
CREATE TABLE t (a int, b int, KEY k (a));
ALTER TABLE t ADD INDEX k (b), DROP INDEX k;

-- case: add a second primary key
CREATE TABLE t (a int PRIMARY KEY, b int);
ALTER TABLE t ADD PRIMARY KEY (b);

-- case: another primary key
CREATE TABLE t (a int PRIMARY KEY, b int);
ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (b);

-- case: drop a primary key that is not there
CREATE TABLE t (a int);
ALTER TABLE t DROP PRIMARY KEY;

-- case: drop the primary key that is referenced
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE u DROP PRIMARY KEY;

-- case: drop an index
CREATE TABLE t (a int, KEY k (a));
ALTER TABLE t DROP INDEX k;

-- case: drop a missing index
CREATE TABLE t (a int);
ALTER TABLE t DROP INDEX k;

-- case: drop a missing index if it exists
CREATE TABLE t (a int);
ALTER TABLE t DROP INDEX IF EXISTS k;

-- case: drop an index twice
CREATE TABLE t (a int, KEY k (a));
ALTER TABLE t DROP INDEX k, DROP INDEX k;

-- case: drop the index of a foreign key
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, KEY k (a), FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE t DROP INDEX k;

-- case: drop the index of a foreign key that has another
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, b int, KEY k (a), KEY l (a, b), FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE t DROP INDEX k;

-- case: drop the index with its foreign key
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, KEY k (a), CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE t DROP INDEX k, DROP FOREIGN KEY f;

-- case: drop a unique key that is referenced
CREATE TABLE u (id int, UNIQUE k (id));
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE u DROP INDEX k;

-- case: rename an index
CREATE TABLE t (a int, KEY k (a));
ALTER TABLE t RENAME INDEX k TO l;

-- case: rename a missing index
CREATE TABLE t (a int);
ALTER TABLE t RENAME INDEX k TO l;

-- case: rename an index to one that is there
CREATE TABLE t (a int, KEY k (a), KEY l (a));
ALTER TABLE t RENAME INDEX k TO l;

-- case: swap two indexes
CREATE TABLE t (a int, KEY k (a), KEY l (a));
ALTER TABLE t RENAME INDEX k TO l, RENAME INDEX l TO k;

-- case: drop a foreign key
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, CONSTRAINT k FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE t DROP FOREIGN KEY k;

-- case: drop a missing foreign key
CREATE TABLE t (a int, KEY k (a));
ALTER TABLE t DROP FOREIGN KEY k;

-- case: drop a missing foreign key if it exists
CREATE TABLE t (a int);
ALTER TABLE t DROP FOREIGN KEY IF EXISTS k;

-- case: drop a foreign key by the name that the server chose
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, b int, FOREIGN KEY (a) REFERENCES u (id), FOREIGN KEY (b) REFERENCES u (id));
ALTER TABLE t DROP FOREIGN KEY t_ibfk_2;

-- case: drop and add a foreign key of one name
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, CONSTRAINT k FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE t DROP FOREIGN KEY k, ADD CONSTRAINT l FOREIGN KEY (a) REFERENCES u (id) ON DELETE CASCADE;

-- case: add a foreign key
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int);
ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u (id);

-- case: add a foreign key to a missing table
CREATE TABLE t (a int);
ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id);

-- case: add a foreign key to a missing column
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int);
ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (di);

-- case: add a foreign key on a missing column
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int);
ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES u (id);

-- case: add a foreign key twice
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, CONSTRAINT k FOREIGN KEY (a) REFERENCES u (id));
ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u (id);

-- case: add a foreign key to no key
CREATE TABLE u (id int, a int, KEY (a));
CREATE TABLE t (a int);
ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id);

-- case: drop a constraint
CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0));
ALTER TABLE t DROP CONSTRAINT c;

-- case: drop a missing constraint
CREATE TABLE t (a int);
ALTER TABLE t DROP CONSTRAINT c;

-- case: drop a unique key as a constraint
CREATE TABLE t (a int, UNIQUE k (a));
ALTER TABLE t DROP CONSTRAINT k;

-- case: add a check twice
CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0));
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1);

-- case: add a check on a missing column
CREATE TABLE t (a int);
ALTER TABLE t ADD CHECK (b > 1);

-- case: rename a table in alter
CREATE TABLE t (a int);
ALTER TABLE t RENAME TO u, ADD b int;
CREATE INDEX i ON u (b);

-- case: rename a table in alter to one that is there
CREATE TABLE t (a int);
CREATE TABLE u (a int);
ALTER TABLE t RENAME u;

-- case: convert
CREATE TABLE t (a varchar(10)) CHARACTER SET latin1;
ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- case: convert to an unknown character set
-- missed: which character sets there are is up to the server
CREATE TABLE t (a varchar(10));
ALTER TABLE t CONVERT TO CHARACTER SET utf5;

-- case: alter a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE v ADD b int;

-- case: two actions without a comma
CREATE TABLE t (a int);
ALTER TABLE t ADD b int ADD c int;

-- case: order by
CREATE TABLE t (a int);
ALTER TABLE t ORDER BY a;

-- case: algorithm and lock
CREATE TABLE t (a int);
ALTER TABLE t ADD b int, ALGORITHM = INPLACE, LOCK = NONE;

-- case: unknown algorithm
CREATE TABLE t (a int);
ALTER TABLE t ADD b int, ALGORITHM = QUICKLY;

-- case: create an index
CREATE TABLE t (a int, b varchar(200));
CREATE INDEX i ON t (a, b(10) DESC);

-- case: create an index on a missing table
CREATE INDEX i ON t (a);

-- case: create an index on a missing column
CREATE TABLE t (a int);
CREATE UNIQUE INDEX i ON t (b);

-- case: create an index twice
CREATE TABLE t (a int);
CREATE INDEX i ON t (a);
CREATE INDEX i ON t (a);

-- case: create an index twice if not exists
CREATE TABLE t (a int);
CREATE INDEX i ON t (a);
CREATE INDEX IF NOT EXISTS i ON t (a);

-- case: create or replace an index
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t (a);
CREATE OR REPLACE INDEX i ON t (b);

-- case: create an index on a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE INDEX i ON v (a);

-- case: create an index without a name
CREATE TABLE t (a int);
CREATE INDEX ON t (a);

-- case: create an index on an expression
-- missed: MySQL takes it
CREATE TABLE t (a int);
CREATE INDEX i ON t ((a + 1));

-- case: drop an index of its table
CREATE TABLE t (a int, KEY i (a));
DROP INDEX i ON t;

-- case: drop an index without its table
CREATE TABLE t (a int, KEY i (a));
DROP INDEX i;

-- case: drop an index of another table
CREATE TABLE t (a int, KEY i (a));
CREATE TABLE u (a int);
DROP INDEX i ON u;

-- case: drop an index of a missing table
DROP INDEX i ON t;

-- case: drop an index that is not there if it exists
CREATE TABLE t (a int);
DROP INDEX IF EXISTS i ON t;

-- case: drop the primary key as an index
CREATE TABLE t (a int PRIMARY KEY);
DROP INDEX `PRIMARY` ON t;

-- case: drop a table
CREATE TABLE t (a int);
DROP TABLE t;

-- case: drop a missing table
DROP TABLE t;

-- case: drop a missing table if it exists
DROP TABLE IF EXISTS t;

-- case: drop a table twice
CREATE TABLE t (a int);
DROP TABLE t;
DROP TABLE t;

-- case: drop two tables of which one is missing
CREATE TABLE t (a int);
DROP TABLE t, u;

-- case: drop one table twice in a statement
CREATE TABLE t (a int);
DROP TABLE t, t;

-- case: drop a referenced table
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
DROP TABLE u;

-- case: drop a referenced table with the other
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
DROP TABLE t, u;

-- case: drop a referenced table before the other
-- missed: MySQL takes it
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
DROP TABLE u, t;

-- case: drop a referenced table without checks
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
SET FOREIGN_KEY_CHECKS = 0;
DROP TABLE u;

-- case: drop a view as a table
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
DROP TABLE v;

-- case: drop a view as a table if it exists
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
DROP TABLE IF EXISTS v;

-- case: drop a table with a view on it
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
DROP TABLE t;

-- case: drop a table with cascade
CREATE TABLE t (a int);
DROP TABLE t CASCADE;

-- case: view
CREATE TABLE t (a int, b int);
CREATE VIEW v (x, y) AS SELECT a, b FROM t;

-- case: view on a missing table
CREATE VIEW v AS SELECT a FROM t;

-- case: view on a missing column
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT b FROM t;

-- case: view on a missing column by alias
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT x.b FROM t x;

-- case: view with an unknown alias
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT y.a FROM t x;

-- case: view with another number of columns
CREATE TABLE t (a int, b int);
CREATE VIEW v (x) AS SELECT a, b FROM t;

-- case: view with a column twice
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a, a FROM t;

-- case: view twice
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE VIEW v AS SELECT a FROM t;

-- case: view or replace
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a FROM t;
CREATE OR REPLACE VIEW v AS SELECT b FROM t;

-- case: view if not exists
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE VIEW IF NOT EXISTS v AS SELECT a FROM t;

-- case: view with the name of a table
CREATE TABLE t (a int);
CREATE VIEW t AS SELECT 1;

-- case: view or replace with the name of a table
CREATE TABLE t (a int);
CREATE OR REPLACE VIEW t AS SELECT 1;

-- case: view on a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a AS x FROM t;
CREATE VIEW w AS SELECT x FROM v;

-- case: view on a missing column of a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a AS x FROM t;
CREATE VIEW w AS SELECT a FROM v;

-- case: view with a join
CREATE TABLE t (a int, u int);
CREATE TABLE u (id int, name text);
CREATE VIEW v AS SELECT t.a, u.name FROM t JOIN u ON u.id = t.u;

-- case: view with a join on a missing column
CREATE TABLE t (a int, u int);
CREATE TABLE u (id int, name text);
CREATE VIEW v AS SELECT t.a, u.name FROM t JOIN u ON u.idd = t.u;

-- case: view that reads a column of two tables
-- missed: ambiguous names are not looked for
CREATE TABLE t (a int);
CREATE TABLE u (a int);
CREATE VIEW v AS SELECT a FROM t, u;

-- case: view that calls a missing function
-- missed: functions may be loaded from libraries
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT lowwer(a) FROM t;

-- case: alter view
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a FROM t;
ALTER VIEW v AS SELECT b FROM t;

-- case: alter a missing view
-- missed: ALTER VIEW is read as CREATE OR REPLACE VIEW
CREATE TABLE t (a int);
ALTER VIEW v AS SELECT a FROM t;

-- case: drop a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
DROP VIEW v;

-- case: drop a missing view
DROP VIEW v;

-- case: drop a missing view if it exists
DROP VIEW IF EXISTS v;

-- case: drop a table as a view
CREATE TABLE t (a int);
DROP VIEW t;

-- case: trigger
CREATE TABLE t (a int);
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;

-- case: trigger on a missing table
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1;

-- case: trigger on a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE TRIGGER x BEFORE INSERT ON v FOR EACH ROW SET @a = 1;

-- case: trigger twice
CREATE TABLE t (a int);
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1;
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1;

-- case: trigger twice on two tables
CREATE TABLE t (a int);
CREATE TABLE u (a int);
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1;
CREATE TRIGGER x BEFORE INSERT ON u FOR EACH ROW SET @a = 1;

-- case: trigger if not exists
CREATE TABLE t (a int);
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1;
CREATE TRIGGER IF NOT EXISTS x BEFORE INSERT ON t FOR EACH ROW SET @a = 2;

-- case: trigger that sets a missing column
-- missed: bodies of triggers are not looked up
CREATE TABLE t (a int);
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.b = 1;

-- case: trigger that reads OLD on insert
-- missed: bodies of triggers are not looked up
CREATE TABLE t (a int);
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = OLD.a;

-- case: trigger instead of
CREATE TABLE t (a int);
CREATE TRIGGER x INSTEAD OF INSERT ON t FOR EACH ROW SET @a = 1;

-- case: trigger with a block
CREATE TABLE t (a int);
CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW BEGIN IF NEW.a < 0 THEN SET NEW.a = OLD.a; END IF; END;

-- case: trigger with a broken block
CREATE TABLE t (a int);
CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW BEGIN IF NEW.a < 0 THEN SET NEW.a = OLD.a; END; END;

-- case: trigger without for each row
CREATE TABLE t (a int);
CREATE TRIGGER x BEFORE INSERT ON t SET NEW.a = 1;

-- case: drop a trigger
CREATE TABLE t (a int);
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1;
DROP TRIGGER x;

-- case: drop a missing trigger
DROP TRIGGER x;

-- case: drop a missing trigger if it exists
DROP TRIGGER IF EXISTS x;

-- case: triggers go with their table
CREATE TABLE t (a int);
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1;
DROP TABLE t;
DROP TRIGGER x;

-- case: procedure
CREATE PROCEDURE p (IN a int, OUT b int) SET b = a;

-- case: procedure twice
CREATE PROCEDURE p () SELECT 1;
CREATE PROCEDURE p (a int) SELECT a;

-- case: procedure or replace
CREATE PROCEDURE p () SELECT 1;
CREATE OR REPLACE PROCEDURE p () SELECT 2;

-- case: procedure if not exists
CREATE PROCEDURE p () SELECT 1;
CREATE PROCEDURE IF NOT EXISTS p () SELECT 2;

-- case: procedure and function of one name
CREATE PROCEDURE p () SELECT 1;
CREATE FUNCTION p () RETURNS int RETURN 1;

-- case: procedure of names that are looked up later
CREATE PROCEDURE p () SELECT nothing FROM nowhere;

-- case: procedure with a parameter twice
CREATE PROCEDURE p (a int, a int) SELECT a;

-- case: procedure with a broken body
CREATE PROCEDURE p () BEGIN SELEC 1; END;

-- case: procedure that leaves a missing label
-- missed: labels are not looked up
CREATE PROCEDURE p () BEGIN LEAVE nowhere; END;

-- case: drop a procedure
CREATE PROCEDURE p () SELECT 1;
DROP PROCEDURE p;

-- case: drop a missing procedure
DROP PROCEDURE p;

-- case: drop a missing procedure if it exists
DROP PROCEDURE IF EXISTS p;

-- case: drop a function as a procedure
CREATE FUNCTION f () RETURNS int RETURN 1;
DROP PROCEDURE f;

-- case: function
CREATE FUNCTION f (a int) RETURNS int DETERMINISTIC RETURN a + 1;

-- case: function without a type
CREATE FUNCTION f (a int) RETURN a + 1;

-- case: function without a return
CREATE FUNCTION f (a int) RETURNS int BEGIN SET a = 1; END;

-- case: function twice
CREATE FUNCTION f () RETURNS int RETURN 1;
CREATE FUNCTION f (a int) RETURNS int RETURN 1;

-- case: function in a default
-- missed: what functions a default may call is not looked at
CREATE FUNCTION f () RETURNS int RETURN 1;
CREATE TABLE t (a int DEFAULT (f()));

-- case: drop a missing function
DROP FUNCTION f;

-- case: event
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1;

-- case: event twice
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1;

-- case: drop a missing event
DROP EVENT e;

-- case: call
CREATE PROCEDURE p () CREATE TABLE t (a int);
CALL p ();
CREATE INDEX i ON t (a);

-- case: call makes a table twice
CREATE PROCEDURE p () CREATE TABLE t (a int);
CALL p;
CALL p;

-- case: call a missing procedure
CALL p ();

-- case: call a function
CREATE FUNCTION f () RETURNS int RETURN 1;
CALL f ();

-- case: call with too few arguments
CREATE PROCEDURE p (a int) SET @a = a;
CALL p ();

-- case: call with too many arguments
CREATE PROCEDURE p () SET @a = 1;
CALL p (1);

-- case: call with a value for OUT
-- missed: what OUT parameters are given is not looked at
CREATE PROCEDURE p (OUT a int) SET a = 1;
CALL p (1);

-- case: call of what was dropped
CREATE PROCEDURE p () SET @a = 1;
DROP PROCEDURE p;
CALL p ();

-- case: called names are looked up
CREATE PROCEDURE p () INSERT INTO t (a) VALUES (1);
CALL p ();

-- case: parameters are no columns
CREATE TABLE t (a int);
CREATE PROCEDURE p (n int) BEGIN DECLARE m int DEFAULT 5; INSERT INTO t VALUES (n), (m); DELETE FROM t WHERE a = n; END;
CALL p (1);

-- case: other names in a body are columns
CREATE TABLE t (a int);
CREATE PROCEDURE p (n int) DELETE FROM t WHERE b = n;
CALL p (1);

-- case: call drops an index if it is there
CREATE TABLE t (a int, KEY k (a));
CREATE PROCEDURE drop_index (IN tbl varchar(64), IN idx varchar(64)) BEGIN IF EXISTS (SELECT * FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = tbl AND INDEX_NAME = idx) THEN SET @query = CONCAT('ALTER TABLE ', tbl, ' DROP INDEX ', idx, ';'); PREPARE stmt FROM @query; EXECUTE stmt; DEALLOCATE PREPARE stmt; END IF; END;
CALL drop_index ('t', 'k');
CALL drop_index ('t', 'k');
CREATE INDEX k ON t (a);

-- case: what a call has dropped is gone
CREATE TABLE t (a int, KEY k (a));
CREATE PROCEDURE drop_index (IN tbl varchar(64), IN idx varchar(64)) BEGIN IF EXISTS (SELECT * FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = tbl AND INDEX_NAME = idx) THEN SET @query = CONCAT('ALTER TABLE ', tbl, ' DROP INDEX ', idx, ';'); PREPARE stmt FROM @query; EXECUTE stmt; DEALLOCATE PREPARE stmt; END IF; END;
CALL drop_index ('t', 'k');
DROP INDEX k ON t;

-- case: what a call could not find stays
CREATE TABLE t (a int, KEY k (a));
CREATE PROCEDURE drop_index (IN tbl varchar(64), IN idx varchar(64)) BEGIN IF EXISTS (SELECT * FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = tbl AND INDEX_NAME = idx) THEN SET @query = CONCAT('ALTER TABLE ', tbl, ' DROP INDEX ', idx, ';'); PREPARE stmt FROM @query; EXECUTE stmt; DEALLOCATE PREPARE stmt; END IF; END;
CALL drop_index ('t', 'l');
CREATE INDEX k ON t (a);

-- case: a column is added once
CREATE TABLE t (a int);
CREATE PROCEDURE add_b () BEGIN IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 't' AND column_name = 'b') THEN ALTER TABLE t ADD COLUMN b int; END IF; END;
CALL add_b ();
CALL add_b ();
CREATE INDEX i ON t (b);

-- case: a column that a call added is there
CREATE TABLE t (a int);
CREATE PROCEDURE add_b () BEGIN IF (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 't' AND column_name = 'b') = 0 THEN ALTER TABLE t ADD COLUMN b int; END IF; END;
CALL add_b ();
ALTER TABLE t ADD b int;

-- case: a handler takes errors
CREATE TABLE t (a int);
CREATE PROCEDURE p () BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN c int; END;
CALL p ();

-- case: a branch that is not taken
CREATE TABLE t (a int);
CREATE PROCEDURE p (n int) BEGIN IF n = 1 THEN DROP TABLE t; ELSEIF n = 2 THEN ALTER TABLE t ADD b int; ELSE DROP TABLE u; END IF; END;
CALL p (2);
CREATE INDEX i ON t (b);

-- case: a branch that is taken
CREATE TABLE t (a int);
CREATE PROCEDURE p (n int) BEGIN IF n = 1 THEN DROP TABLE t; ELSEIF n = 2 THEN ALTER TABLE t ADD b int; ELSE DROP TABLE u; END IF; END;
CALL p (3);

-- case: case in a procedure
CREATE TABLE t (a int);
CREATE PROCEDURE p (n varchar(9)) BEGIN CASE n WHEN 'x' THEN DROP TABLE t; WHEN 'y' THEN ALTER TABLE t ADD b int; ELSE BEGIN END; END CASE; END;
CALL p ('y');
CREATE INDEX i ON t (b);

-- case: rows are fetched
CREATE TABLE t (a int);
CREATE TABLE u (a int);
INSERT INTO u VALUES (1), (2);
CREATE PROCEDURE p () BEGIN DECLARE done int DEFAULT 0; DECLARE n int; DECLARE c CURSOR FOR SELECT a FROM u; DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1; OPEN c; l: LOOP FETCH c INTO n; IF done THEN LEAVE l; END IF; SET @q = CONCAT('ALTER TABLE t ADD c', n, ' int'); PREPARE s FROM @q; EXECUTE s; END LOOP; CLOSE c; END;
CALL p ();
CREATE INDEX i ON t (c1, c2);

-- case: an error after a loop over rows
CREATE TABLE u (a int);
CREATE PROCEDURE p () BEGIN DECLARE done int DEFAULT 0; DECLARE n int; DECLARE c CURSOR FOR SELECT a FROM u; DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1; OPEN c; l: LOOP FETCH c INTO n; IF done THEN LEAVE l; END IF; END LOOP; CLOSE c; ALTER TABLE u DROP b; END;
CALL p ();

-- case: a block that is left by a handler
CREATE TABLE t (a int);
CREATE PROCEDURE p () BEGIN BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION SET @failed = 1; ALTER TABLE t DROP b; ALTER TABLE t ADD c int; END; IF @failed IS NULL THEN ALTER TABLE t DROP c; END IF; END;
CALL p ();

-- case: a check that raises an error
CREATE TABLE t (a int);
CREATE PROCEDURE p () BEGIN IF (SELECT COUNT(*) FROM t) > 0 THEN SIGNAL SQLSTATE '45000'; END IF; ALTER TABLE t ADD b int; END;
CALL p ();
ALTER TABLE t ADD b int;

-- case: a loop
CREATE TABLE t (a int);
CREATE PROCEDURE p () BEGIN DECLARE i int DEFAULT 0; WHILE i < 3 DO INSERT INTO t VALUES (i); SET i = i + 1; END WHILE; END;
CALL p ();

-- case: a loop that makes columns
CREATE TABLE t (a int);
CREATE PROCEDURE p () BEGIN DECLARE i int DEFAULT 0; WHILE i < 3 DO SET @q = CONCAT('ALTER TABLE t ADD c', i, ' int'); PREPARE s FROM @q; EXECUTE s; SET i = i + 1; END WHILE; END;
CALL p ();
CREATE INDEX i ON t (c0, c1, c2);

-- case: a procedure that calls another
CREATE PROCEDURE inner_one (n varchar(64)) BEGIN SET @q = CONCAT('CREATE TABLE `', n, '` (a int)'); PREPARE s FROM @q; EXECUTE s; END;
CREATE PROCEDURE outer_one () BEGIN CALL inner_one('t'); CALL inner_one('u'); END;
CALL outer_one ();
CALL inner_one ('u');

-- case: a procedure that signals
-- missed: an error that a script raises itself is its own affair
CREATE PROCEDURE p () SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no';
CALL p ();

-- case: a procedure that leaves early
CREATE PROCEDURE p () body: BEGIN LEAVE body; DROP TABLE nowhere; END;
CALL p ();

-- case: prepared outside of a procedure
CREATE TABLE t (a int);
SET @q = 'ALTER TABLE t ADD b int';
PREPARE s FROM @q;
EXECUTE s;
DEALLOCATE PREPARE s;
ALTER TABLE t ADD b int;

-- case: prepared if the column is missing
CREATE TABLE t (a int);
SET @n = (SELECT COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 't' AND COLUMN_NAME = 'b');
SET @q = IF(@n > 0, 'SELECT 1', 'ALTER TABLE t ADD COLUMN b int');
PREPARE s FROM @q;
EXECUTE s;
CREATE INDEX i ON t (b);

-- case: prepared if the column is there
CREATE TABLE t (a int, b int);
SELECT COUNT(*) INTO @n FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 't' AND COLUMN_NAME = 'b';
SET @q = IF(@n > 0, 'SELECT 1', 'ALTER TABLE t ADD COLUMN b int');
PREPARE s FROM @q;
EXECUTE s;

-- case: execute of nothing
-- missed: the session may have prepared it before
EXECUTE s;

-- case: prepared text that is broken
SET @q = 'ALTER TABEL t ADD b int';
PREPARE s FROM @q;

-- case: execute immediate
CREATE TABLE t (a int);
EXECUTE IMMEDIATE 'ALTER TABLE t DROP COLUMN b';

-- case: compound statement outside of a procedure
CREATE TABLE t (a int);
BEGIN NOT ATOMIC IF NOT EXISTS (SELECT * FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 't' AND column_name = 'b') THEN ALTER TABLE t ADD b int; END IF; END;
CREATE INDEX i ON t (b);

-- case: rename a table
CREATE TABLE t (a int);
RENAME TABLE t TO u;

-- case: rename a missing table
RENAME TABLE t TO u;

-- case: rename a missing table if it exists
RENAME TABLE IF EXISTS t TO u;

-- case: rename a table to one that is there
CREATE TABLE t (a int);
CREATE TABLE u (a int);
RENAME TABLE t TO u;

-- case: swap two tables
CREATE TABLE t (a int);
CREATE TABLE u (b int);
RENAME TABLE t TO x, u TO t, x TO u;
CREATE INDEX i ON u (a);

-- case: rename to a missing database
-- missed: databases may be made outside of migrations
CREATE TABLE t (a int);
RENAME TABLE t TO nowhere.t;

-- case: the old name is free
CREATE TABLE t (a int);
RENAME TABLE t TO u;
CREATE TABLE t (a int);

-- case: the old name is gone
CREATE TABLE t (a int);
RENAME TABLE t TO u;
ALTER TABLE t ADD b int;

-- case: foreign keys follow a rename
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
RENAME TABLE u TO w;
DROP TABLE w;

-- case: rename a view
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
RENAME TABLE v TO w;

-- case: partitions
CREATE TABLE t (a int) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);

-- case: foreign keys of an engine without any
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES nowhere (id)) ENGINE = MyISAM;

-- case: an invisible column
CREATE TABLE t (a int, b int INVISIBLE DEFAULT 5, c int);
INSERT INTO t VALUES (1, 2);

-- case: all but the invisible columns
CREATE TABLE t (a int, b int INVISIBLE DEFAULT 5);
CREATE VIEW v (x) AS SELECT * FROM t;

-- case: fields of a row
CREATE TABLE t (a int);
CREATE PROCEDURE p () BEGIN DECLARE r ROW (x int, y int); SET r.x = 1; INSERT INTO t VALUES (r.x); FOR q IN (SELECT a FROM t) DO UPDATE t SET a = q.a + 1; END FOR; END;
CALL p ();

-- case: default with a quote
CREATE TABLE t (a enum('it''s', 'b') DEFAULT 'it''s', c decimal(0, 0), d int DEFAULT '7', e date DEFAULT '2020-01-01');

-- case: partition by a missing column
-- missed: keys of partitions are not resolved
CREATE TABLE t (a int) PARTITION BY HASH (b) PARTITIONS 4;

-- case: partition with a key that leaves it out
-- missed: keys of partitions are not resolved
CREATE TABLE t (id int PRIMARY KEY, a int) PARTITION BY HASH (a) PARTITIONS 4;

-- case: two partitions of one name
-- missed: the model has no partitions of MySQL
CREATE TABLE t (a int) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p0 VALUES LESS THAN (20));

-- case: partition with foreign keys
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id)) PARTITION BY HASH (a);

-- case: add a partition
CREATE TABLE t (a int) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10));
ALTER TABLE t ADD PARTITION (PARTITION p1 VALUES LESS THAN (20));

-- case: drop a missing partition
-- missed: the model has no partitions of MySQL
CREATE TABLE t (a int) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
ALTER TABLE t DROP PARTITION p2;

-- case: drop a partition of a table without any
-- missed: the model has no partitions of MySQL
CREATE TABLE t (a int);
ALTER TABLE t DROP PARTITION p0;

-- case: remove partitioning
CREATE TABLE t (a int) PARTITION BY HASH (a);
ALTER TABLE t REMOVE PARTITIONING;

-- case: drop the column of the partitions
-- missed: keys of partitions are not resolved
CREATE TABLE t (a int, b int) PARTITION BY HASH (a);
ALTER TABLE t DROP a;

-- case: insert
CREATE TABLE t (a int, b text);
INSERT INTO t (b, a) VALUES ('x', 1), ('y', 2);

-- case: insert into a missing table
INSERT INTO t VALUES (1);

-- case: insert into a missing column
CREATE TABLE t (a int);
INSERT INTO t (b) VALUES (1);

-- case: insert a column twice
CREATE TABLE t (a int);
INSERT INTO t (a, a) VALUES (1, 2);

-- case: insert too few values
CREATE TABLE t (a int, b int);
INSERT INTO t VALUES (1);

-- case: insert too many values
CREATE TABLE t (a int, b int);
INSERT INTO t (a) VALUES (1, 2);

-- case: insert rows of another length
CREATE TABLE t (a int, b int);
INSERT INTO t (a, b) VALUES (1, 2), (3);

-- case: insert nothing
CREATE TABLE t (a int, b int);
INSERT INTO t VALUES ();

-- case: insert a query
CREATE TABLE t (a int);
CREATE TABLE u (b int);
INSERT INTO t (a) SELECT b FROM u;

-- case: insert a query of a missing column
CREATE TABLE t (a int);
CREATE TABLE u (b int);
INSERT INTO t (a) SELECT a FROM u;

-- case: insert a query with too few columns
CREATE TABLE t (a int, b int);
CREATE TABLE u (c int);
INSERT INTO t (a, b) SELECT c FROM u;

-- case: insert a query with a column too many
CREATE TABLE t (a int, b int);
CREATE TABLE u (c int, d int, e int);
INSERT INTO t SELECT c, d, e FROM u;

-- case: insert on duplicate key
CREATE TABLE t (a int PRIMARY KEY, b int);
INSERT INTO t VALUES (1, 2) ON DUPLICATE KEY UPDATE b = VALUES(b) + 1;

-- case: insert on duplicate key of a missing column
CREATE TABLE t (a int PRIMARY KEY, b int);
INSERT INTO t VALUES (1, 2) ON DUPLICATE KEY UPDATE c = 1;

-- case: insert a query on duplicate key
CREATE TABLE t (a int PRIMARY KEY, b int);
CREATE TABLE u (c int, d int);
INSERT INTO t (a, b) SELECT c, d FROM u ON DUPLICATE KEY UPDATE b = t.b + u.d;

-- case: insert a union
CREATE TABLE t (a int, b int);
CREATE TABLE u (c int, d int);
INSERT INTO t (a, b) SELECT c, d FROM u UNION ALL SELECT a, b FROM t UNION SELECT 1, 2;

-- case: insert all columns of a join
CREATE TABLE t (a int, b int, c int);
CREATE TABLE u (x int, y int);
CREATE TABLE v (z int);
INSERT INTO t SELECT * FROM u JOIN v ON v.z = u.x;

-- case: insert all columns of a table with more
CREATE TABLE t (a int, b int);
CREATE TABLE u (x int, y int, z int);
INSERT INTO t SELECT * FROM u;

-- case: insert a common table expression
CREATE TABLE t (a int, b int);
INSERT INTO t (a, b) WITH x AS (SELECT 1 AS p, 2 AS q) SELECT p, q FROM x;

-- case: insert values that read columns
CREATE TABLE t (a int, b int);
INSERT INTO t (a, b) VALUES (1, a + 1);

-- case: insert into a view
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a, b FROM t;
INSERT INTO v (a, b) VALUES (1, 2);

-- case: insert set
CREATE TABLE t (a int, b int);
INSERT INTO t SET a = 1, b = 2;

-- case: insert set of a missing column
CREATE TABLE t (a int, b int);
INSERT INTO t SET a = 1, c = 2;

-- case: insert into a generated column
-- missed: DEFAULT may be written, and a warning is enough elsewhere
CREATE TABLE t (a int, b int AS (a + 1));
INSERT INTO t (a, b) VALUES (1, 2);

-- case: replace into a missing column
CREATE TABLE t (a int);
REPLACE INTO t (b) VALUES (1);

-- case: update
CREATE TABLE t (a int, b int);
UPDATE t SET a = b + 1 WHERE b IS NULL ORDER BY a LIMIT 3;

-- case: update a missing table
UPDATE t SET a = 1;

-- case: update a missing column
CREATE TABLE t (a int);
UPDATE t SET b = 1;

-- case: update from a missing column
CREATE TABLE t (a int);
UPDATE t SET a = b;

-- case: update where a missing column
CREATE TABLE t (a int);
UPDATE t SET a = 1 WHERE b = 1;

-- case: update of a join
CREATE TABLE t (a int, u int);
CREATE TABLE u (id int, x int);
UPDATE t JOIN u ON u.id = t.u SET t.a = u.x;

-- case: update of a join with a missing column
CREATE TABLE t (a int, u int);
CREATE TABLE u (id int, x int);
UPDATE t JOIN u ON u.id = t.u SET t.a = u.y;

-- case: update of aliases
CREATE TABLE t (a int, u int);
CREATE TABLE u (id int, x int);
UPDATE t AS p, u AS q SET p.a = q.x WHERE p.u = q.id AND EXISTS (SELECT 1 FROM t r WHERE r.a = p.a);

-- case: update with an unknown alias
CREATE TABLE t (a int);
UPDATE t AS p SET p.a = q.x;

-- case: update with a subquery
CREATE TABLE t (a int);
CREATE TABLE u (id int, x int);
UPDATE t SET a = (SELECT x FROM u WHERE u.id = t.a);

-- case: update with a subquery on a missing table
CREATE TABLE t (a int);
UPDATE t SET a = (SELECT x FROM u WHERE u.id = t.a);

-- case: delete
CREATE TABLE t (a int);
DELETE FROM t WHERE a > 1;

-- case: delete from a missing table
DELETE FROM t;

-- case: delete where a missing column
CREATE TABLE t (a int);
DELETE FROM t WHERE b = 1;

-- case: delete of a join
CREATE TABLE t (a int);
CREATE TABLE u (a int);
DELETE t FROM t LEFT JOIN u ON u.a = t.a WHERE u.a IS NULL;

-- case: delete of an alias
CREATE TABLE t (a int);
DELETE x FROM t x WHERE x.a = 1;

-- case: delete of a table that is not in it
-- missed: names of several tables before FROM are not resolved
CREATE TABLE t (a int);
CREATE TABLE u (a int);
DELETE u FROM t WHERE t.a = 1;

-- case: select
CREATE TABLE t (a int);
SELECT a AS x, COUNT(*) FROM t GROUP BY x HAVING x > 1 ORDER BY x;

-- case: select from a missing table
SELECT * FROM t;

-- case: select a missing column
CREATE TABLE t (a int);
SELECT b FROM t;

-- case: select of a subquery
CREATE TABLE t (a int);
SELECT x.b FROM (SELECT a AS b FROM t) x;

-- case: select a missing column of a subquery
CREATE TABLE t (a int);
SELECT x.a FROM (SELECT a AS b FROM t) x;

-- case: select of a common table expression
CREATE TABLE t (a int);
WITH x AS (SELECT a AS b FROM t) SELECT b FROM x;

-- case: select of a missing common table expression
CREATE TABLE t (a int);
WITH x AS (SELECT a AS b FROM t) SELECT b FROM y;

-- case: select an aliased table by its name
CREATE TABLE t (a int);
SELECT t.a FROM t x;

-- case: union of another number of columns
-- missed: arms of set operations are not compared
SELECT 1 UNION SELECT 1, 2;

-- case: truncate
CREATE TABLE t (a int);
TRUNCATE t;

-- case: truncate a missing table
TRUNCATE TABLE t;

-- case: truncate a referenced table
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES u (id));
TRUNCATE u;

-- case: sequence
CREATE SEQUENCE s START WITH 5;
CREATE TABLE t (a bigint DEFAULT (NEXT VALUE FOR s));

-- case: sequence twice
CREATE SEQUENCE s;
CREATE SEQUENCE s;

-- case: default of a missing sequence
CREATE TABLE t (a bigint DEFAULT (NEXT VALUE FOR s));

-- case: drop a missing sequence
DROP SEQUENCE s;

-- case: alter a missing sequence
ALTER SEQUENCE s RESTART 5;

-- case: no statement
CRAETE TABLE t (a int);

-- case: keyword of insert
CREATE TABLE t (a int);
INSERT INOT t VALUES (1);

-- case: keyword of select
CREATE TABLE t (a int);
SELECT a FORM t;

-- case: keyword of where
CREATE TABLE t (a int);
DELETE FROM t WEHRE a = 1;

-- case: WITH before a union is in sight of all of it
CREATE TABLE t (a int);
CREATE VIEW v AS WITH w AS (SELECT a FROM t) SELECT a FROM w UNION ALL SELECT a FROM w;
