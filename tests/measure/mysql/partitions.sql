-- Partitions added, dropped, emptied and exchanged.
-- given:
CREATE TABLE events (
    id bigint,
    at date,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (YEAR(at)) (
    PARTITION p2020 VALUES LESS THAN (2021),
    PARTITION p2021 VALUES LESS THAN (2022)
);
-- rows:
INSERT INTO events SELECT seq, '2021-05-05' FROM seq_1_to_20000;
-- case: add_partition
ALTER TABLE events ADD PARTITION (PARTITION p2022 VALUES LESS THAN (2023));
-- case: drop_partition
ALTER TABLE events DROP PARTITION p2020;
-- case: truncate_partition
ALTER TABLE events TRUNCATE PARTITION p2021;
-- case: reorganize_partition
ALTER TABLE events REORGANIZE PARTITION p2021 INTO (PARTITION p2021a VALUES LESS THAN (2022), PARTITION rest VALUES LESS THAN MAXVALUE);
-- case: remove_partitioning
ALTER TABLE events REMOVE PARTITIONING;
-- case: exchange_partition
-- given:
CREATE TABLE lone (id bigint, at date, PRIMARY KEY (id, at));
-- rows:
INSERT INTO lone SELECT seq, '2021-06-06' FROM seq_1_to_20000;
-- when:
ALTER TABLE events EXCHANGE PARTITION p2021 WITH TABLE lone;
-- case: partitioned_add_column
ALTER TABLE events ADD COLUMN note varchar(20);
-- case: partitioned_add_index
ALTER TABLE events ADD INDEX events_at (at);
