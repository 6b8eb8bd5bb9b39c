-- Foreign keys, with the checks on and off.
-- given:
CREATE TABLE teams (
    id bigint PRIMARY KEY,
    name varchar(50)
);
CREATE TABLE users (
    id bigint PRIMARY KEY,
    team_id bigint,
    backup_id bigint,
    KEY users_team (team_id)
);
-- rows:
INSERT INTO teams SELECT seq, CONCAT('team ', seq) FROM seq_1_to_20000;
INSERT INTO users SELECT seq, seq, NULL FROM seq_1_to_20000;
-- case: add
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- case: add_unnamed
ALTER TABLE users ADD FOREIGN KEY (team_id) REFERENCES teams (id);
-- case: add_cascade
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE;
-- case: add_without_index
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (backup_id) REFERENCES teams (id);
-- case: add_unchecked
SET foreign_key_checks = 0;
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- case: add_unchecked_without_index
SET foreign_key_checks = 0;
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (backup_id) REFERENCES teams (id);
-- case: add_unchecked_and_checks_on_again
SET foreign_key_checks = 0;
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
SET foreign_key_checks = 1;
-- case: add_to_itself
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (backup_id) REFERENCES users (id);
-- case: add_column_and_key
ALTER TABLE users ADD COLUMN second_id bigint, ADD CONSTRAINT users_fk FOREIGN KEY (second_id) REFERENCES teams (id);
-- case: add_that_fails
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (name);
-- case: drop
-- given:
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
ALTER TABLE users DROP FOREIGN KEY users_fk;
-- case: drop_key_and_index
-- given:
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
ALTER TABLE users DROP FOREIGN KEY users_fk, DROP INDEX users_team;
-- case: add_column_beside_key
-- given:
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
ALTER TABLE users ADD COLUMN age int;
-- case: bigger_referencing_column
-- given:
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
ALTER TABLE users MODIFY COLUMN team_id int;
-- case: not_null_beside_key
-- given:
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
ALTER TABLE users MODIFY COLUMN team_id bigint NOT NULL;
-- case: copy_beside_key
-- given:
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
ALTER TABLE users MODIFY COLUMN backup_id int;
-- case: rename_referenced_column
-- given:
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
ALTER TABLE teams RENAME COLUMN id TO team_id;
-- case: new_table_references
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint, FOREIGN KEY (user_id) REFERENCES users (id));
-- case: new_table_then_key
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint);
ALTER TABLE posts ADD CONSTRAINT posts_fk FOREIGN KEY (user_id) REFERENCES users (id);
-- case: drop_referenced_table
-- given:
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
DROP TABLE teams;
-- case: drop_referencing_table
-- given:
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
DROP TABLE users;
-- case: truncate_referenced
-- given:
ALTER TABLE users ADD CONSTRAINT users_fk FOREIGN KEY (team_id) REFERENCES teams (id);
-- when:
TRUNCATE teams;
