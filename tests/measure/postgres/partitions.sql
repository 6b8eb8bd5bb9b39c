-- Partitions attached, detached, added and dropped.
-- given:
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE lone (id bigint NOT NULL, at date NOT NULL, kind text);
-- rows:
INSERT INTO events SELECT i, '2020-02-02', 'a' FROM generate_series(1, 1000) AS i;
INSERT INTO lone SELECT i, '2021-02-02', 'a' FROM generate_series(1, 1000) AS i;
-- case: add_partition
CREATE TABLE events_2022 PARTITION OF events FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
-- case: add_partition_beside_default
-- given:
CREATE TABLE events_rest PARTITION OF events DEFAULT;
-- rows:
INSERT INTO events SELECT i, '1999-01-01', 'a' FROM generate_series(1, 1000) AS i;
-- when:
CREATE TABLE events_2022 PARTITION OF events FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
-- case: add_partition_beside_default_that_proves
-- given:
CREATE TABLE events_rest PARTITION OF events DEFAULT;
ALTER TABLE events_rest ADD CONSTRAINT rest CHECK (at < '2020-01-01');
-- rows:
INSERT INTO events SELECT i, '1999-01-01', 'a' FROM generate_series(1, 1000) AS i;
-- when:
CREATE TABLE events_2022 PARTITION OF events FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
-- case: add_default_partition
CREATE TABLE events_rest PARTITION OF events DEFAULT;
-- case: attach
ALTER TABLE events ATTACH PARTITION lone FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
-- case: attach_proven
-- given:
ALTER TABLE lone ADD CONSTRAINT lone_at CHECK (at >= '2021-01-01' AND at < '2022-01-01');
-- when:
ALTER TABLE events ATTACH PARTITION lone FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
-- case: attach_with_unproven_check
-- given:
ALTER TABLE lone ADD CONSTRAINT lone_at CHECK (at >= '2021-01-01' AND at < '2022-01-01') NOT VALID;
-- when:
ALTER TABLE events ATTACH PARTITION lone FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
-- case: attach_proven_beside_default
-- given:
ALTER TABLE lone ADD CONSTRAINT lone_at CHECK (at >= '2021-01-01' AND at < '2022-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
-- rows:
INSERT INTO events SELECT i, '1999-01-01', 'a' FROM generate_series(1, 1000) AS i;
-- when:
ALTER TABLE events ATTACH PARTITION lone FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
-- case: attach_new_table
CREATE TABLE events_2022 (LIKE events);
ALTER TABLE events ATTACH PARTITION events_2022 FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
-- case: attach_to_indexed_parent
-- given:
CREATE INDEX events_kind ON events (kind);
ALTER TABLE lone ADD CONSTRAINT lone_at CHECK (at >= '2021-01-01' AND at < '2022-01-01');
-- when:
ALTER TABLE events ATTACH PARTITION lone FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
-- case: attach_to_indexed_parent_with_index
-- given:
CREATE INDEX events_kind ON events (kind);
CREATE INDEX lone_kind ON lone (kind);
ALTER TABLE lone ADD CONSTRAINT lone_at CHECK (at >= '2021-01-01' AND at < '2022-01-01');
-- when:
ALTER TABLE events ATTACH PARTITION lone FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
-- case: detach
ALTER TABLE events DETACH PARTITION events_2020;
-- case: detach_concurrently
-- migrate:no-transaction
ALTER TABLE events DETACH PARTITION events_2020 CONCURRENTLY;
-- case: drop_partition
DROP TABLE events_2020;
-- case: index_of_parent
CREATE INDEX events_kind ON events (kind);
-- case: index_of_parent_alone
CREATE INDEX events_kind ON ONLY events (kind);
-- case: attach_index
-- given:
CREATE INDEX events_kind ON ONLY events (kind);
CREATE INDEX events_2020_kind ON events_2020 (kind);
-- when:
ALTER INDEX events_kind ATTACH PARTITION events_2020_kind;
-- case: index_of_parent_concurrently
-- migrate:no-transaction
CREATE INDEX CONCURRENTLY events_kind ON events (kind);
-- case: add_column_to_parent
ALTER TABLE events ADD COLUMN note text;
-- case: add_volatile_column_to_parent
ALTER TABLE events ADD COLUMN key uuid DEFAULT gen_random_uuid();
-- case: set_not_null_on_parent
ALTER TABLE events ALTER COLUMN kind SET NOT NULL;
-- case: add_primary_key_to_parent
ALTER TABLE events ADD PRIMARY KEY (id, at);
-- case: add_check_to_parent
ALTER TABLE events ADD CONSTRAINT kinds CHECK (kind <> '');
-- case: inherit
-- given:
CREATE TABLE base (id bigint NOT NULL);
-- rows:
INSERT INTO base SELECT i FROM generate_series(1, 1000) AS i;
-- when:
ALTER TABLE lone INHERIT base;
