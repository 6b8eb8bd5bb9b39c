-- Foreign keys lock both tables.
-- given:
CREATE TABLE teams (
    id bigint PRIMARY KEY,
    name text,
    leader bigint
);
CREATE TABLE users (
    id bigint PRIMARY KEY,
    team_id bigint,
    backup_team_id bigint
);
-- rows:
INSERT INTO teams SELECT i, 'team ' || i, i FROM generate_series(1, 1000) AS i;
INSERT INTO users SELECT i, i, NULL FROM generate_series(1, 1000) AS i;
-- case: add
ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id);
-- case: add_unnamed
ALTER TABLE users ADD FOREIGN KEY (team_id) REFERENCES teams;
-- case: add_on_delete_cascade
ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE;
-- case: add_deferrable
ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED;
-- case: add_on_all_null_column
ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (backup_team_id) REFERENCES teams (id);
-- case: add_to_itself
ALTER TABLE users ADD CONSTRAINT users_self FOREIGN KEY (team_id) REFERENCES users (id);
-- case: add_two_at_once
ALTER TABLE users
    ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id),
    ADD CONSTRAINT users_backup FOREIGN KEY (backup_team_id) REFERENCES teams (id);
-- case: add_not_valid
ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id) NOT VALID;
-- case: validate
-- given:
ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id) NOT VALID;
-- when:
ALTER TABLE users VALIDATE CONSTRAINT users_team;
-- case: add_and_validate_in_one_transaction
ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_team;
-- case: drop
-- given:
ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
ALTER TABLE users DROP CONSTRAINT users_team;
-- case: make_deferrable
-- given:
ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
ALTER TABLE users ALTER CONSTRAINT users_team DEFERRABLE;
-- case: new_column_then_key
ALTER TABLE users ADD COLUMN second_team bigint;
ALTER TABLE users ADD CONSTRAINT users_second FOREIGN KEY (second_team) REFERENCES teams (id);
-- case: new_column_with_key_in_one_statement
ALTER TABLE users ADD COLUMN second_team bigint, ADD CONSTRAINT users_second FOREIGN KEY (second_team) REFERENCES teams (id);
-- case: new_table_references
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
-- case: new_table_then_key
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint);
ALTER TABLE posts ADD CONSTRAINT posts_user FOREIGN KEY (user_id) REFERENCES users (id);
-- case: new_table_references_new_table
CREATE TABLE posts (id bigint PRIMARY KEY);
CREATE TABLE comments (id bigint PRIMARY KEY, post_id bigint REFERENCES posts (id));
-- case: key_to_new_table
CREATE TABLE groups (id bigint PRIMARY KEY);
ALTER TABLE users ADD CONSTRAINT users_group FOREIGN KEY (backup_team_id) REFERENCES groups (id);
-- case: drop_table_that_references
-- given:
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
-- rows:
INSERT INTO posts SELECT i, i FROM generate_series(1, 1000) AS i;
-- when:
DROP TABLE posts;
-- case: drop_table_that_is_referenced
-- given:
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
-- rows:
INSERT INTO posts SELECT i, i FROM generate_series(1, 1000) AS i;
-- when:
DROP TABLE users;
-- case: drop_table_that_is_referenced_cascade
-- given:
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
-- rows:
INSERT INTO posts SELECT i, i FROM generate_series(1, 1000) AS i;
-- when:
DROP TABLE users CASCADE;
-- case: key_of_another_type
-- given:
CREATE TABLE notes (id bigint PRIMARY KEY, user_id int);
-- rows:
INSERT INTO notes SELECT i, i FROM generate_series(1, 1000) AS i;
-- when:
ALTER TABLE notes ADD CONSTRAINT notes_user FOREIGN KEY (user_id) REFERENCES users (id);
-- case: add_that_fails
ALTER TABLE teams ADD CONSTRAINT teams_leader FOREIGN KEY (leader) REFERENCES users (team_id);
