-- Columns that change their type, character set or collation.
-- given:
CREATE TABLE items (
    id int PRIMARY KEY,
    small smallint,
    number int,
    positive int unsigned,
    big bigint,
    price decimal(10, 2),
    single float,
    code varchar(20),
    bytes_124 varchar(31),
    bytes_128 varchar(32),
    short varchar(63),
    medium varchar(64),
    latin varchar(200) CHARACTER SET latin1,
    three varchar(20) CHARACTER SET utf8mb3,
    fixed char(10),
    body text,
    bytes varbinary(100),
    mood enum('good', 'bad'),
    flags set('a', 'b'),
    made datetime,
    seen timestamp NULL,
    day date,
    yes tinyint(1),
    extra longtext,
    indexed varchar(20),
    KEY items_indexed (indexed)
) DEFAULT CHARACTER SET utf8mb4;
-- rows:
INSERT INTO items
SELECT seq, 1, seq, seq, seq, seq, seq, CONCAT('code ', seq), 'a', 'a', 'short', 'medium', 'latin', 'three', 'fixed', 'body', 'bytes',
       'good', 'a', '2020-01-01', '2020-01-01', '2020-01-01', 1, '{}', CONCAT('i ', seq)
FROM seq_1_to_20000;
-- case: int_to_bigint
ALTER TABLE items MODIFY COLUMN number bigint;
-- case: smallint_to_int
ALTER TABLE items MODIFY COLUMN small int;
-- case: bigint_to_int
ALTER TABLE items MODIFY COLUMN big int;
-- case: primary_key_to_bigint
ALTER TABLE items MODIFY COLUMN id bigint;
-- case: int_to_unsigned
ALTER TABLE items MODIFY COLUMN number int unsigned;
-- case: unsigned_to_bigint
ALTER TABLE items MODIFY COLUMN positive bigint unsigned;
-- case: int_display_width
ALTER TABLE items MODIFY COLUMN number int(5);
-- case: int_to_varchar
ALTER TABLE items MODIFY COLUMN number varchar(20);
-- case: add_auto_increment
ALTER TABLE items MODIFY COLUMN id int NOT NULL AUTO_INCREMENT;
-- case: decimal_more_digits
ALTER TABLE items MODIFY COLUMN price decimal(12, 2);
-- case: decimal_other_scale
ALTER TABLE items MODIFY COLUMN price decimal(12, 4);
-- case: float_to_double
ALTER TABLE items MODIFY COLUMN single double;
-- case: varchar_wider_below_the_byte
ALTER TABLE items MODIFY COLUMN code varchar(63);
-- case: varchar_wider_across_the_byte
ALTER TABLE items MODIFY COLUMN code varchar(64);
-- case: varchar_31_to_64
ALTER TABLE items MODIFY COLUMN bytes_124 varchar(64);
-- case: varchar_32_to_64
ALTER TABLE items MODIFY COLUMN bytes_128 varchar(64);
-- case: varchar_32_to_63
ALTER TABLE items MODIFY COLUMN bytes_128 varchar(63);
-- case: varchar_63_to_64
ALTER TABLE items MODIFY COLUMN short varchar(64);
-- case: varchar_wider_above_the_byte
ALTER TABLE items MODIFY COLUMN medium varchar(500);
-- case: varchar_narrower
ALTER TABLE items MODIFY COLUMN code varchar(15);
-- case: latin_varchar_200_to_255
ALTER TABLE items MODIFY COLUMN latin varchar(255) CHARACTER SET latin1;
-- case: latin_varchar_200_to_256
ALTER TABLE items MODIFY COLUMN latin varchar(256) CHARACTER SET latin1;
-- case: indexed_varchar_wider
ALTER TABLE items MODIFY COLUMN indexed varchar(40);
-- case: varbinary_wider
ALTER TABLE items MODIFY COLUMN bytes varbinary(200);
-- case: varbinary_100_to_300
ALTER TABLE items MODIFY COLUMN bytes varbinary(300);
-- case: char_wider
ALTER TABLE items MODIFY COLUMN fixed char(20);
-- case: char_to_varchar
ALTER TABLE items MODIFY COLUMN fixed varchar(10);
-- case: varchar_to_text
ALTER TABLE items MODIFY COLUMN code text;
-- case: text_to_mediumtext
ALTER TABLE items MODIFY COLUMN body mediumtext;
-- case: text_to_varchar
ALTER TABLE items MODIFY COLUMN body varchar(500);
-- case: longtext_to_json
ALTER TABLE items MODIFY COLUMN extra json;
-- case: enum_append
ALTER TABLE items MODIFY COLUMN mood enum('good', 'bad', 'fair');
-- case: enum_insert
ALTER TABLE items MODIFY COLUMN mood enum('good', 'fair', 'bad');
-- case: enum_reorder
ALTER TABLE items MODIFY COLUMN mood enum('bad', 'good');
-- case: enum_remove
ALTER TABLE items MODIFY COLUMN mood enum('good');
-- case: enum_to_varchar
ALTER TABLE items MODIFY COLUMN mood varchar(10);
-- case: varchar_to_enum
ALTER TABLE items MODIFY COLUMN short enum('short');
-- case: set_append
ALTER TABLE items MODIFY COLUMN flags set('a', 'b', 'c');
-- case: set_reorder
ALTER TABLE items MODIFY COLUMN flags set('b', 'a');
-- case: set_append_over_eight
ALTER TABLE items MODIFY COLUMN flags set('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');
-- case: datetime_precision
ALTER TABLE items MODIFY COLUMN made datetime(6);
-- case: datetime_to_timestamp
ALTER TABLE items MODIFY COLUMN made timestamp NULL;
-- case: timestamp_to_datetime
ALTER TABLE items MODIFY COLUMN seen datetime;
-- case: date_to_datetime
ALTER TABLE items MODIFY COLUMN day datetime;
-- case: tinyint_to_boolean
ALTER TABLE items MODIFY COLUMN yes boolean;
-- case: utf8mb3_to_utf8mb4
ALTER TABLE items MODIFY COLUMN three varchar(20) CHARACTER SET utf8mb4;
-- case: latin1_to_utf8mb4
ALTER TABLE items MODIFY COLUMN latin varchar(200) CHARACTER SET utf8mb4;
-- case: collation
ALTER TABLE items MODIFY COLUMN code varchar(20) COLLATE utf8mb4_unicode_ci;
-- case: collation_of_indexed
ALTER TABLE items MODIFY COLUMN indexed varchar(20) COLLATE utf8mb4_unicode_ci;
-- case: default_character_set
ALTER TABLE items DEFAULT CHARACTER SET latin1;
-- case: default_collation
ALTER TABLE items COLLATE utf8mb4_unicode_ci;
-- case: convert_character_set
ALTER TABLE items CONVERT TO CHARACTER SET latin1;
-- case: convert_to_another_collation
ALTER TABLE items CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
-- case: two_changes_one_copies
ALTER TABLE items MODIFY COLUMN code varchar(40), MODIFY COLUMN number bigint;
-- case: two_changes_instant
ALTER TABLE items MODIFY COLUMN code varchar(40), MODIFY COLUMN mood enum('good', 'bad', 'fair');
-- case: bigger_and_not_null
ALTER TABLE items MODIFY COLUMN code varchar(40) NOT NULL;
-- case: varchar_wider_and_default
ALTER TABLE items MODIFY COLUMN code varchar(40) DEFAULT 'none';
