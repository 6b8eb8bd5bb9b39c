//! Types in the words of a script and in those of the server are equal.

use migrate_core::Dialect;
use migrate_sql::dialect;
use migrate_tests::server;

const TYPES: &[&str] = &[
    "TINYINT",
    "TINYINT(1)",
    "TINYINT(4)",
    "TINYINT UNSIGNED",
    "BOOL",
    "BOOLEAN",
    "SMALLINT",
    "SMALLINT(3)",
    "MEDIUMINT",
    "INT",
    "INT(5)",
    "INT UNSIGNED",
    "INT(10) UNSIGNED",
    "INTEGER",
    "BIGINT",
    "BIGINT(20) UNSIGNED",
    "INT ZEROFILL",
    "INT(5) ZEROFILL",
    "INT UNSIGNED ZEROFILL",
    "TINYINT ZEROFILL",
    "BIGINT ZEROFILL",
    "SMALLINT ZEROFILL",
    "MEDIUMINT ZEROFILL",
    "INT SIGNED",
    "INT1",
    "INT2",
    "INT3",
    "INT4",
    "INT8",
    "MIDDLEINT",
    "DECIMAL",
    "DECIMAL(5)",
    "DECIMAL(5,2)",
    "DECIMAL(0)",
    "DECIMAL(5,2) UNSIGNED",
    "DECIMAL(5,2) ZEROFILL",
    "DEC(5)",
    "NUMERIC(5, 2)",
    "FIXED(3)",
    "FLOAT",
    "FLOAT(5)",
    "FLOAT(30)",
    "FLOAT(7,4)",
    "FLOAT UNSIGNED",
    "FLOAT4",
    "FLOAT8",
    "DOUBLE",
    "DOUBLE(7,4)",
    "DOUBLE PRECISION",
    "REAL",
    "REAL(7,4)",
    "BIT",
    "BIT(8)",
    "DATE",
    "TIME",
    "TIME(3)",
    "TIME(0)",
    "DATETIME",
    "DATETIME(6)",
    "TIMESTAMP",
    "TIMESTAMP(3)",
    "YEAR",
    "YEAR(4)",
    "CHAR",
    "CHAR(5)",
    "CHARACTER(5)",
    "VARCHAR(64)",
    "CHARACTER VARYING(64)",
    "CHAR VARYING(5)",
    "NATIONAL CHAR(5)",
    "NATIONAL VARCHAR(5)",
    "NCHAR(5)",
    "NVARCHAR(5)",
    "NCHAR VARYING(5)",
    "NATIONAL CHARACTER VARYING(5)",
    "CHAR(5) BYTE",
    "CHAR(5) BINARY",
    "VARCHAR(5) CHARACTER SET latin1 COLLATE latin1_bin",
    "BINARY",
    "BINARY(16)",
    "VARBINARY(16)",
    "TINYBLOB",
    "BLOB",
    "BLOB(10)",
    "BLOB(1000)",
    "BLOB(100000)",
    "BLOB(100000000)",
    "MEDIUMBLOB",
    "LONGBLOB",
    "TINYTEXT",
    "TEXT",
    "TEXT(50) CHARACTER SET utf8mb4",
    "TEXT(1000) CHARACTER SET utf8mb4",
    "TEXT(20000) CHARACTER SET utf8mb4",
    "TEXT(255) CHARACTER SET latin1",
    "TEXT(10000000) CHARACTER SET utf8mb4",
    "MEDIUMTEXT",
    "LONGTEXT",
    "LONG",
    "LONG VARCHAR",
    "LONG VARBINARY",
    "ENUM('a','b')",
    "ENUM('it''s',\"q\")",
    "ENUM('a ', 'b')",
    "SET('x','y','z')",
    "POINT",
    "GEOMETRY",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
    "INET6",
    "UUID",
];

#[test]
fn types() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("types");
    let mut script = String::new();
    for (index, written) in TYPES.iter().enumerate() {
        script.push_str(&format!(
            "CREATE TABLE t{index} (x {written});\n\
             SELECT column_type FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = 't{index}';\n"
        ));
    }
    let answer = database.sql(&script);
    assert_eq!(answer.lines().count(), TYPES.len());
    let wrong: Vec<String> = TYPES
        .iter()
        .zip(answer.lines())
        .filter(|(written, given)| read(written) != read(given))
        .map(|(written, given)| format!("{written} is {given}, not {}", read(written)))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

fn read(text: &str) -> String {
    dialect::column_type(text, Dialect::Mysql).to_string()
}

/// What MySQL 8 prints, which leaves widths out.
#[test]
fn mysql_8_prints_no_widths() {
    for (mysql, mariadb) in [
        ("int", "int(11)"),
        ("tinyint", "tinyint(4)"),
        ("tinyint(1)", "tinyint(1)"),
        ("tinyint unsigned", "tinyint(3) unsigned"),
        ("bigint unsigned", "bigint(20) unsigned"),
        ("year", "year(4)"),
        ("int(5) unsigned zerofill", "int(5) unsigned zerofill"),
    ] {
        assert_eq!(read(mysql), read(mariadb));
    }
}
