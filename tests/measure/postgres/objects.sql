-- What is not a table: views, triggers, types, sequences, functions, rights.
-- given:
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN percent AS int;
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text,
    share percent,
    mood mood
);
CREATE SEQUENCE numbers;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE VIEW names AS SELECT id, name FROM users;
CREATE MATERIALIZED VIEW many AS SELECT id, name FROM users;
-- rows:
INSERT INTO users SELECT i, 'name ' || i, 50, 'good' FROM generate_series(1, 1000) AS i;
REFRESH MATERIALIZED VIEW many;
-- case: create_view
CREATE VIEW ids AS SELECT id FROM users;
-- case: replace_view
CREATE OR REPLACE VIEW names AS SELECT id, name, share FROM users;
-- case: drop_view
DROP VIEW names;
-- case: create_materialized_view
CREATE MATERIALIZED VIEW ids AS SELECT id FROM users;
-- case: create_materialized_view_without_data
CREATE MATERIALIZED VIEW ids AS SELECT id FROM users WITH NO DATA;
-- case: refresh
REFRESH MATERIALIZED VIEW many;
-- case: refresh_concurrently
-- given:
CREATE UNIQUE INDEX many_id ON many (id);
-- when:
REFRESH MATERIALIZED VIEW CONCURRENTLY many;
-- case: refresh_concurrently_without_unique_index
REFRESH MATERIALIZED VIEW CONCURRENTLY many;
-- case: refresh_with_no_data
REFRESH MATERIALIZED VIEW many WITH NO DATA;
-- case: drop_materialized_view
DROP MATERIALIZED VIEW many;
-- case: index_of_materialized_view
CREATE INDEX many_name ON many (name);
-- case: create_trigger
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note();
-- case: replace_trigger
-- given:
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note();
-- when:
CREATE OR REPLACE TRIGGER noted BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION note();
-- case: drop_trigger
-- given:
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note();
-- when:
DROP TRIGGER noted ON users;
-- case: rename_trigger
-- given:
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note();
-- when:
ALTER TRIGGER noted ON users RENAME TO seen;
-- case: disable_trigger
-- given:
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note();
-- when:
ALTER TABLE users DISABLE TRIGGER noted;
-- case: create_rule
CREATE RULE quiet AS ON DELETE TO users DO INSTEAD NOTHING;
-- case: comment_on_table
COMMENT ON TABLE users IS 'who is here';
-- case: comment_on_column
COMMENT ON COLUMN users.name IS 'how they are called';
-- case: grant
GRANT SELECT ON users TO PUBLIC;
-- case: revoke
REVOKE ALL ON users FROM PUBLIC;
-- case: create_policy
CREATE POLICY own ON users FOR SELECT USING (id > 0);
-- case: drop_policy
-- given:
CREATE POLICY own ON users FOR SELECT USING (id > 0);
-- when:
DROP POLICY own ON users;
-- case: create_function
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- case: drop_function
DROP FUNCTION note();
-- case: create_type
CREATE TYPE size AS ENUM ('small', 'large');
-- case: add_enum_value
ALTER TYPE mood ADD VALUE 'fair';
-- case: add_enum_value_before
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'fair' BEFORE 'bad';
-- case: rename_enum_value
ALTER TYPE mood RENAME VALUE 'bad' TO 'poor';
-- case: drop_type_in_use
DROP TYPE mood;
-- case: domain_add_check
ALTER DOMAIN percent ADD CONSTRAINT upto CHECK (VALUE <= 100);
-- case: domain_add_check_not_valid
ALTER DOMAIN percent ADD CONSTRAINT upto CHECK (VALUE <= 100) NOT VALID;
-- case: domain_validate
-- given:
ALTER DOMAIN percent ADD CONSTRAINT upto CHECK (VALUE <= 100) NOT VALID;
-- when:
ALTER DOMAIN percent VALIDATE CONSTRAINT upto;
-- case: domain_set_not_null
ALTER DOMAIN percent SET NOT NULL;
-- case: domain_drop_check
-- given:
ALTER DOMAIN percent ADD CONSTRAINT upto CHECK (VALUE <= 100);
-- when:
ALTER DOMAIN percent DROP CONSTRAINT upto;
-- case: domain_set_default
ALTER DOMAIN percent SET DEFAULT 1;
-- case: domain_without_users
-- given:
CREATE DOMAIN unused AS int;
-- when:
ALTER DOMAIN unused ADD CONSTRAINT upto CHECK (VALUE <= 100);
-- case: create_sequence
CREATE SEQUENCE more_numbers START 100;
-- case: alter_sequence
ALTER SEQUENCE numbers INCREMENT BY 10;
-- case: alter_sequence_type
ALTER SEQUENCE numbers AS bigint MAXVALUE 9000000000;
-- case: sequence_owned_by
ALTER SEQUENCE numbers OWNED BY users.id;
-- case: set_sequence_by_scan
SELECT setval('numbers', (SELECT count(*) FROM users));
-- case: create_publication
CREATE PUBLICATION news FOR TABLE users;
-- case: add_to_publication
-- given:
CREATE PUBLICATION news;
-- when:
ALTER PUBLICATION news ADD TABLE users;
-- case: settings
SET LOCAL statement_timeout = '10s';
-- case: do_block
DO $$ BEGIN PERFORM 1; END $$;
-- case: do_block_that_alters
DO $$ BEGIN ALTER TABLE users ADD COLUMN key uuid DEFAULT gen_random_uuid(); END $$;
