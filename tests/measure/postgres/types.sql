-- Columns that change their type.
-- given:
CREATE DOMAIN label AS text;
CREATE DOMAIN percent AS int CHECK (VALUE BETWEEN 0 AND 100000);
CREATE TABLE items (
    id int PRIMARY KEY,
    small smallint,
    number int,
    big bigint,
    price numeric(10, 2),
    any_price numeric,
    single real,
    code varchar(20),
    any_code varchar,
    fixed char(10),
    body text,
    bits varbit(8),
    made timestamp,
    made_exactly timestamp(3),
    seen timestamptz,
    born date,
    network cidr,
    extra json,
    extra_b jsonb,
    tags varchar(10)[],
    yes boolean
);
CREATE INDEX items_number ON items (number);
CREATE INDEX items_code ON items (code);
CREATE INDEX items_body ON items (body);
-- rows:
INSERT INTO items
SELECT i, 1, i, i, i, i, i, 'code ' || i, 'code', 'fixed', 'body ' || i, B'1', '2020-01-01', '2020-01-01', '2020-01-01',
       '2020-01-01', '10.0.0.0/8', '{}', '{}', '{a}', true
FROM generate_series(1, 1000) AS i;
-- case: int_to_bigint
ALTER TABLE items ALTER COLUMN number TYPE bigint;
-- case: unindexed_smallint_to_int
ALTER TABLE items ALTER COLUMN small TYPE int;
-- case: bigint_to_int
ALTER TABLE items ALTER COLUMN big TYPE int;
-- case: primary_key_to_bigint
ALTER TABLE items ALTER COLUMN id TYPE bigint;
-- case: int_to_int
ALTER TABLE items ALTER COLUMN number TYPE int;
-- case: int_to_integer
ALTER TABLE items ALTER COLUMN number SET DATA TYPE integer;
-- case: int_to_text
ALTER TABLE items ALTER COLUMN number TYPE text;
-- case: int_to_numeric
ALTER TABLE items ALTER COLUMN number TYPE numeric;
-- case: int_to_boolean_using
ALTER TABLE items ALTER COLUMN small TYPE boolean USING small <> 0;
-- case: int_to_text_without_cast
ALTER TABLE items ALTER COLUMN body TYPE int;
-- case: int_to_constrained_domain
ALTER TABLE items ALTER COLUMN number TYPE percent;
-- case: real_to_double
ALTER TABLE items ALTER COLUMN single TYPE double precision;
-- case: varchar_wider
ALTER TABLE items ALTER COLUMN code TYPE varchar(50);
-- case: varchar_same
ALTER TABLE items ALTER COLUMN code TYPE varchar(20);
-- case: varchar_narrower
ALTER TABLE items ALTER COLUMN code TYPE varchar(15);
-- case: varchar_unlimited
ALTER TABLE items ALTER COLUMN code TYPE varchar;
-- case: varchar_to_text
ALTER TABLE items ALTER COLUMN code TYPE text;
-- case: unlimited_varchar_to_limited
ALTER TABLE items ALTER COLUMN any_code TYPE varchar(20);
-- case: unlimited_varchar_to_text
ALTER TABLE items ALTER COLUMN any_code TYPE text;
-- case: text_to_varchar
ALTER TABLE items ALTER COLUMN body TYPE varchar;
-- case: text_to_limited_varchar
ALTER TABLE items ALTER COLUMN body TYPE varchar(100);
-- case: text_to_plain_domain
ALTER TABLE items ALTER COLUMN body TYPE label;
-- case: text_to_char
ALTER TABLE items ALTER COLUMN body TYPE char(100);
-- case: char_to_text
ALTER TABLE items ALTER COLUMN fixed TYPE text;
-- case: char_wider
ALTER TABLE items ALTER COLUMN fixed TYPE char(20);
-- case: char_to_varchar
ALTER TABLE items ALTER COLUMN fixed TYPE varchar(10);
-- case: text_to_citext_like_collation
ALTER TABLE items ALTER COLUMN body TYPE text COLLATE "C";
-- case: unindexed_collation
ALTER TABLE items ALTER COLUMN any_code TYPE varchar COLLATE "C";
-- case: varchar_wider_and_collation
ALTER TABLE items ALTER COLUMN code TYPE varchar(50) COLLATE "C";
-- case: numeric_more_digits
ALTER TABLE items ALTER COLUMN price TYPE numeric(12, 2);
-- case: numeric_fewer_digits
ALTER TABLE items ALTER COLUMN price TYPE numeric(8, 2);
-- case: numeric_other_scale
ALTER TABLE items ALTER COLUMN price TYPE numeric(12, 4);
-- case: numeric_unlimited
ALTER TABLE items ALTER COLUMN price TYPE numeric;
-- case: unlimited_numeric_to_limited
ALTER TABLE items ALTER COLUMN any_price TYPE numeric(20, 2);
-- case: numeric_to_bigint
ALTER TABLE items ALTER COLUMN price TYPE bigint;
-- case: varbit_wider
ALTER TABLE items ALTER COLUMN bits TYPE varbit(16);
-- case: varbit_unlimited
ALTER TABLE items ALTER COLUMN bits TYPE varbit;
-- case: varbit_narrower
ALTER TABLE items ALTER COLUMN bits TYPE varbit(4);
-- case: cidr_to_inet
ALTER TABLE items ALTER COLUMN network TYPE inet;
-- case: timestamp_to_timestamptz_in_utc
SET LOCAL TimeZone = 'UTC';
ALTER TABLE items ALTER COLUMN made TYPE timestamptz;
-- case: timestamp_to_timestamptz_elsewhere
SET LOCAL TimeZone = 'Europe/Rome';
ALTER TABLE items ALTER COLUMN made TYPE timestamptz;
-- case: timestamptz_to_timestamp_elsewhere
SET LOCAL TimeZone = 'Europe/Rome';
ALTER TABLE items ALTER COLUMN seen TYPE timestamp;
-- case: timestamp_to_timestamptz_using
ALTER TABLE items ALTER COLUMN made TYPE timestamptz USING made AT TIME ZONE 'Europe/Rome';
-- case: timestamp_to_less_precision
ALTER TABLE items ALTER COLUMN made TYPE timestamp(3);
-- case: timestamp_to_more_precision
ALTER TABLE items ALTER COLUMN made_exactly TYPE timestamp(6);
-- case: timestamp_to_full_precision
ALTER TABLE items ALTER COLUMN made_exactly TYPE timestamp;
-- case: date_to_timestamp
ALTER TABLE items ALTER COLUMN born TYPE timestamp;
-- case: timestamp_to_date
ALTER TABLE items ALTER COLUMN made TYPE date;
-- case: json_to_jsonb
ALTER TABLE items ALTER COLUMN extra TYPE jsonb;
-- case: jsonb_to_json
ALTER TABLE items ALTER COLUMN extra_b TYPE json USING extra_b::json;
-- case: array_of_wider_varchar
ALTER TABLE items ALTER COLUMN tags TYPE varchar(20)[];
-- case: varchar_array_to_text_array
ALTER TABLE items ALTER COLUMN tags TYPE text[];
-- case: same_type_using_itself
ALTER TABLE items ALTER COLUMN number TYPE int USING number;
-- case: same_type_using_expression
ALTER TABLE items ALTER COLUMN number TYPE int USING number + 1;
-- case: wider_varchar_using_cast
ALTER TABLE items ALTER COLUMN code TYPE varchar(50) USING code::varchar(50);
-- case: text_to_enum
-- given:
CREATE TYPE mood AS ENUM ('code');
-- when:
ALTER TABLE items ALTER COLUMN any_code TYPE mood USING any_code::mood;
-- case: two_changes_one_rewrites
ALTER TABLE items ALTER COLUMN code TYPE varchar(50), ALTER COLUMN small TYPE int;
-- case: two_changes_without_rewrite
ALTER TABLE items ALTER COLUMN code TYPE varchar(50), ALTER COLUMN price TYPE numeric(12, 2);
-- case: referenced_primary_key
-- given:
CREATE TABLE parts (id int PRIMARY KEY, item_id int REFERENCES items);
-- rows:
INSERT INTO parts SELECT i, i FROM generate_series(1, 1000) AS i;
-- when:
ALTER TABLE items ALTER COLUMN id TYPE bigint;
-- case: referencing_column
-- given:
CREATE TABLE parts (id int PRIMARY KEY, item_id int REFERENCES items);
-- rows:
INSERT INTO parts SELECT i, i FROM generate_series(1, 1000) AS i;
-- when:
ALTER TABLE parts ALTER COLUMN item_id TYPE bigint;
-- case: widened_referenced_varchar
-- given:
ALTER TABLE items ADD UNIQUE (code);
CREATE TABLE parts (id int PRIMARY KEY, item_code varchar(20) REFERENCES items (code));
-- rows:
INSERT INTO parts SELECT i, 'code ' || i FROM generate_series(1, 1000) AS i;
-- when:
ALTER TABLE items ALTER COLUMN code TYPE varchar(50);
-- case: with_check_on_the_column
-- given:
ALTER TABLE items ADD CONSTRAINT items_code_check CHECK (code <> '');
-- when:
ALTER TABLE items ALTER COLUMN code TYPE varchar(50);
-- case: used_by_view
-- given:
CREATE VIEW numbers AS SELECT number FROM items;
-- when:
ALTER TABLE items ALTER COLUMN number TYPE bigint;
