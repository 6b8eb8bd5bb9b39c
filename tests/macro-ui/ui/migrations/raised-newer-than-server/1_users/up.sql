CREATE TABLE users (id bigint PRIMARY KEY, twice bigint GENERATED ALWAYS AS (id * 2) STORED);
