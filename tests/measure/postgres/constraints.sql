-- NOT NULL, CHECK, UNIQUE, PRIMARY KEY and EXCLUDE.
-- given:
CREATE TABLE users (
    id bigint NOT NULL,
    name text,
    email text,
    age int,
    room int4range
);
-- rows:
INSERT INTO users SELECT i, 'name ' || i, 'mail ' || i, 20, int4range(i, i + 1) FROM generate_series(1, 1000) AS i;
-- case: set_not_null
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- case: set_not_null_again
ALTER TABLE users ALTER COLUMN id SET NOT NULL;
-- case: set_not_null_proven_by_check
-- given:
ALTER TABLE users ADD CONSTRAINT name_there CHECK (name IS NOT NULL);
-- when:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- case: set_not_null_proven_by_check_of_more
-- given:
ALTER TABLE users ADD CONSTRAINT name_there CHECK (name IS NOT NULL AND age > 0);
-- when:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- case: set_not_null_with_unproven_check
-- given:
ALTER TABLE users ADD CONSTRAINT name_there CHECK (name IS NOT NULL) NOT VALID;
-- when:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- case: set_not_null_with_check_of_another_column
-- given:
ALTER TABLE users ADD CONSTRAINT mail_there CHECK (email IS NOT NULL);
-- when:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- case: set_not_null_with_check_that_says_less
-- given:
ALTER TABLE users ADD CONSTRAINT name_long CHECK (length(name) > 0);
-- when:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- case: set_not_null_after_validated_check_earlier
-- given:
ALTER TABLE users ADD CONSTRAINT name_there CHECK (name IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT name_there;
-- when:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT name_there;
-- case: drop_check_and_set_not_null_in_one_statement
-- given:
ALTER TABLE users ADD CONSTRAINT name_there CHECK (name IS NOT NULL);
-- when:
ALTER TABLE users ALTER COLUMN name SET NOT NULL, DROP CONSTRAINT name_there;
-- case: set_not_null_of_two
ALTER TABLE users ALTER COLUMN name SET NOT NULL, ALTER COLUMN email SET NOT NULL;
-- case: drop_not_null
ALTER TABLE users ALTER COLUMN id DROP NOT NULL;
-- case: add_check
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0);
-- case: add_unnamed_check
ALTER TABLE users ADD CHECK (age > 0);
-- case: add_check_that_fails
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 100);
-- case: add_check_not_valid
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;
-- case: validate_check
-- given:
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;
-- when:
ALTER TABLE users VALIDATE CONSTRAINT grown;
-- case: validate_valid_check
-- given:
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0);
-- when:
ALTER TABLE users VALIDATE CONSTRAINT grown;
-- case: add_and_validate_check_in_one_transaction
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT grown;
-- case: drop_check
-- given:
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0);
-- when:
ALTER TABLE users DROP CONSTRAINT grown;
-- case: rename_constraint
-- given:
ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0);
-- when:
ALTER TABLE users RENAME CONSTRAINT grown TO adult;
-- case: add_unique
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
-- case: add_unique_of_two
ALTER TABLE users ADD UNIQUE (name, email);
-- case: add_unique_using_index
-- given:
CREATE UNIQUE INDEX users_email ON users (email);
-- when:
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email;
-- case: drop_unique
-- given:
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
-- when:
ALTER TABLE users DROP CONSTRAINT users_email;
-- case: add_primary_key
ALTER TABLE users ADD PRIMARY KEY (id);
-- case: add_primary_key_of_nullable
ALTER TABLE users ADD PRIMARY KEY (name);
-- case: add_primary_key_using_index
-- given:
CREATE UNIQUE INDEX users_id ON users (id);
-- when:
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_id;
-- case: add_primary_key_using_index_of_nullable
-- given:
CREATE UNIQUE INDEX users_name ON users (name);
-- when:
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_name;
-- case: add_primary_key_using_index_of_nullable_proven
-- given:
CREATE UNIQUE INDEX users_name ON users (name);
ALTER TABLE users ADD CONSTRAINT name_there CHECK (name IS NOT NULL);
-- when:
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_name;
-- case: replace_primary_key_using_index
-- given:
ALTER TABLE users ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX users_new ON users (id);
-- when:
ALTER TABLE users DROP CONSTRAINT users_pkey, ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_new;
-- case: drop_primary_key
-- given:
ALTER TABLE users ADD PRIMARY KEY (id);
-- when:
ALTER TABLE users DROP CONSTRAINT users_pkey;
-- case: add_exclude
ALTER TABLE users ADD CONSTRAINT alone EXCLUDE USING gist (room WITH &&);
