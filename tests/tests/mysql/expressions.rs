//! Expressions in the words of a script and in those of the server are equal.

use migrate_core::Dialect;
use migrate_sql::dialect;
use migrate_tests::server;

/// Of checks and generated columns. Columns: a, b, c INT; s VARCHAR; d DATETIME; p POINT.
const EXPRESSIONS: &[&str] = &[
    "NOT a > 3",
    "!(a)",
    "NOT (a>3 AND b<2)",
    "NOT a LIKE 'x'",
    "NOT (a IN (1,2))",
    "NOT (a BETWEEN 1 AND 2)",
    "NOT (a IS NULL)",
    "NOT s",
    "a != 3 and b <> 2",
    "a && b || c",
    "a XOR b",
    "a % 2 = 0",
    "MOD(a,2)",
    "a DIV 2",
    "a MOD 2",
    "-a",
    "-(a+1)",
    "- -a",
    "+a",
    "~a",
    "a - (b - c)",
    "(a+b)*c",
    "a+b*c",
    "a<<2|b&c^d",
    "a = b IS TRUE",
    "a IS NOT FALSE",
    "a IS UNKNOWN",
    "s LIKE 'x%' ESCAPE '!'",
    "s NOT LIKE 'x%'",
    "s RLIKE '^a'",
    "s NOT REGEXP 'a'",
    "s SOUNDS LIKE 'x'",
    "BINARY s = 'x'",
    "s COLLATE utf8mb4_bin = 'x'",
    "CAST(a AS CHAR)",
    "CAST(a AS CHAR(10))",
    "CAST(a AS SIGNED)",
    "CAST(a AS SIGNED INTEGER)",
    "CAST(a AS UNSIGNED)",
    "CAST(a AS DECIMAL)",
    "CAST(a AS DECIMAL(10,2))",
    "CAST(s AS DATE)",
    "CAST(s AS DATETIME(3))",
    "CAST(a as DOUBLE)",
    "CAST(a AS BINARY)",
    "CAST(s AS CHAR CHARACTER SET latin1)",
    "CONVERT(a, CHAR)",
    "CONVERT(s USING utf8mb4)",
    "DATE_ADD(d, INTERVAL 1 DAY)",
    "d + INTERVAL 1 MONTH",
    "DATE_SUB(d, INTERVAL 2 HOUR)",
    "d - INTERVAL '1:2' HOUR_MINUTE",
    "ADDDATE(d, 3)",
    "ADDDATE(d, INTERVAL 3 DAY)",
    "EXTRACT(YEAR FROM d)",
    "YEAR(d)",
    "DAY(d)",
    "DAYOFMONTH(d)",
    "LENGTH(s)",
    "OCTET_LENGTH(s)",
    "CHAR_LENGTH(s)",
    "CHARACTER_LENGTH(s)",
    "SUBSTR(s,1,2)",
    "SUBSTRING(s,1,2)",
    "SUBSTRING(s FROM 1 FOR 2)",
    "MID(s,1,2)",
    "LEFT(s,2)",
    "UPPER(s)",
    "UCASE(s)",
    "LOWER(s)",
    "LCASE(s)",
    "TRIM(s)",
    "TRIM(LEADING 'x' FROM s)",
    "TRIM('x' FROM s)",
    "LTRIM(s)",
    "CONCAT(s,'a')",
    "CONCAT_WS('-',s,a)",
    "COALESCE(a,b)",
    "IFNULL(a,b)",
    "NVL(a,b)",
    "NULLIF(a,b)",
    "IF(a>1,2,3)",
    "CASE a WHEN 1 THEN 2 ELSE 3 END",
    "CASE WHEN a>1 THEN 'x' END",
    "POW(a,2)",
    "POWER(a,2)",
    "CEIL(a)",
    "CEILING(a)",
    "SIGN(a)",
    "ABS(a)",
    "ROUND(a,2)",
    "TRUNCATE(a,2)",
    "GREATEST(a,b)",
    "LOCATE('a',s)",
    "POSITION('a' IN s)",
    "INSTR(s,'a')",
    "REPLACE(s,'a','b')",
    "REPEAT('a',3)",
    "MD5(s)",
    "SHA(s)",
    "SHA1(s)",
    "SHA2(s,256)",
    "HEX(s)",
    "UNHEX(s)",
    "JSON_VALID(s)",
    "JSON_EXTRACT(s,'$.a')",
    "JSON_UNQUOTE(JSON_EXTRACT(s,'$.a'))",
    "JSON_VALUE(s,'$.a')",
    "a IN (1,2,3)",
    "a NOT IN (1,2)",
    "(a,b) = (1,2)",
    "a BETWEEN 1 AND 10",
    "a NOT BETWEEN 1 AND 10",
    "a <=> NULL",
    "a IS NULL OR b IS NOT NULL",
    "a = TRUE",
    "a = '5'",
    r#"s = "dq""#,
    "s = 'it''s'",
    r#"s = 'a\\b\'c'"#,
    "s = N'x'",
    "s = _latin1'x'",
    "s = _utf8mb4'x'",
    "a = 0x41",
    "a = x'41'",
    "a = b'101'",
    "a = 1.50",
    "a = 1e3",
    "a = .5",
    "d > '2020-01-01'",
    "d > DATE '2020-01-01'",
    "d > TIMESTAMP'2020-01-01 00:00:00'",
    "s = 'a' 'b'",
    "ST_X(p)",
    "FIND_IN_SET(s,'a,b')",
    "FIELD(s,'a','b')",
    "ELT(a,'x')",
    "TIMESTAMPDIFF(DAY,d,d)",
    "TIMESTAMPADD(DAY,1,d)",
    "DATEDIFF(d,d)",
    "QUARTER(d)",
    "UNIX_TIMESTAMP(d)",
    "DATE(d)",
    "CRC32(s)",
    "INET_ATON(s)",
    "((a > 1))",
    "a > 1 = TRUE",
    "NOT a = b",
    "1",
    "a IS NOT NULL AND (b > 1 OR c > 2)",
    "a > 1 AND (b > 1 AND c > 2)",
    "(a > 1 OR b > 1) OR c > 2",
    "a BETWEEN b+1 AND c AND d IS NULL",
    "s REGEXP BINARY 'a'",
    "CHAR(65)",
    "CHAR(65 USING utf8mb4)",
    "ASCII(s)",
    "SPACE(3)",
    "LPAD(s,3,'x')",
    "REVERSE(s)",
    "STRCMP(s,'x')",
    "FLOOR(a/b)",
    "a / b",
    "LOG(a)",
    "LN(a)",
    "WEEKDAY(d)",
    "TO_DAYS(d)",
    "MAKEDATE(2020,1)",
];

/// Types of columns and their defaults.
const DEFAULTS: &[(&str, &str)] = &[
    ("int", "0"),
    ("int", "'0'"),
    ("int", "-1"),
    ("int", "+5"),
    ("int", "NULL"),
    ("int", "007"),
    ("int", "(1 + 2)"),
    ("int", "(a + 1)"),
    ("tinyint(1)", "TRUE"),
    ("tinyint(1)", "false"),
    ("bigint", "'-5'"),
    ("bit(1)", "b'0'"),
    ("bit(1)", "0"),
    ("bit(4)", "b'101'"),
    ("decimal(10,2)", "0"),
    ("decimal(10,2)", "1.5"),
    ("decimal(10,2)", "'2.50'"),
    ("double", "1.5"),
    ("varchar(20)", "''"),
    ("varchar(20)", "'x'"),
    ("varchar(20)", "\"x\""),
    ("varchar(20)", "'it''s'"),
    ("varchar(20)", "'a\\'b'"),
    ("varchar(20)", "'a\\\\b'"),
    ("varchar(20)", "'5'"),
    ("varchar(20)", "5"),
    ("varchar(20)", "'NULL'"),
    ("varchar(20)", "NULL"),
    ("varchar(20)", "'current_timestamp()'"),
    ("varchar(20)", "_utf8mb4'x'"),
    ("varchar(20)", "(concat('a', 'b'))"),
    ("varchar(36)", "uuid()"),
    ("varchar(36)", "(UUID())"),
    ("varchar(64)", "USER()"),
    ("enum('a','b')", "'a'"),
    ("set('a','b')", "'a,b'"),
    ("date", "'2020-01-01'"),
    ("date", "CURRENT_DATE"),
    ("date", "(curdate())"),
    ("time", "'00:00:00'"),
    ("time", "'10:00'"),
    ("datetime", "'2020-01-01'"),
    ("datetime", "'2020-01-01 10:00:00'"),
    ("datetime(3)", "'2020-01-01 10:00:00.5'"),
    ("datetime", "CURRENT_TIMESTAMP"),
    ("datetime", "NOW()"),
    ("datetime", "LOCALTIME"),
    ("datetime(6)", "CURRENT_TIMESTAMP(6)"),
    ("datetime(6)", "NOW(6)"),
    ("timestamp", "current_timestamp()"),
    ("timestamp", "'1999-12-31 23:59:59'"),
    ("datetime", "(NOW() + INTERVAL 1 DAY)"),
    ("text", "'x'"),
    ("text", "('x')"),
    ("json", "'{}'"),
    ("json", "(json_object())"),
    ("binary(2)", "'ab'"),
    ("year", "2020"),
];

fn canonical(text: &str) -> String {
    let expression = dialect::expression(text, Dialect::Mysql);
    assert!(!expression.scope.opaque, "not read: {text}");
    expression.canonical
}

#[test]
fn checks() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("checks");
    let mut script = String::new();
    for (index, expression) in EXPRESSIONS.iter().enumerate() {
        script.push_str(&format!(
            "CREATE TABLE t{index} (a INT, b INT, c INT, s VARCHAR(50), d DATETIME, p POINT, \
             CONSTRAINT k CHECK ({expression}));\n\
             SELECT check_clause FROM information_schema.check_constraints \
             WHERE constraint_schema = DATABASE() AND table_name = 't{index}';\n"
        ));
    }
    let answer = database.sql(&script);
    assert_eq!(answer.lines().count(), EXPRESSIONS.len());
    for (written, given) in EXPRESSIONS.iter().zip(answer.lines()) {
        assert_eq!(canonical(written), canonical(given), "{written} is {given}");
    }
}

#[test]
fn generated_columns() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("generated");
    let mut script = String::new();
    for (index, expression) in EXPRESSIONS.iter().enumerate() {
        script.push_str(&format!(
            "CREATE TABLE t{index} (a INT, b INT, c INT, s VARCHAR(50), d DATETIME, p POINT, \
             g VARCHAR(100) AS ({expression}) VIRTUAL);\n\
             SELECT generation_expression FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = 't{index}' AND column_name = 'g';\n"
        ));
    }
    let answer = database.sql(&script);
    for (written, given) in EXPRESSIONS.iter().zip(answer.lines()) {
        assert_eq!(canonical(written), canonical(given), "{written} is {given}");
    }
}

#[test]
fn defaults() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("defaults");
    let mut script = String::new();
    for (index, (column_type, default)) in DEFAULTS.iter().enumerate() {
        script.push_str(&format!(
            "CREATE TABLE t{index} (a INT, x {column_type} DEFAULT {default});\n\
             SELECT column_default FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = 't{index}' AND column_name = 'x';\n"
        ));
    }
    let answer = database.sql(&script);
    assert_eq!(answer.lines().count(), DEFAULTS.len());
    for ((column_type, written), given) in DEFAULTS.iter().zip(answer.lines()) {
        let statement = format!("CREATE TABLE t (x {column_type} DEFAULT {written})");
        let ours = default_of(&statement);
        assert_eq!(
            ours,
            canonical(given),
            "{column_type} DEFAULT {written} is {given}"
        );
    }
}

fn default_of(statement: &str) -> String {
    use migrate_sql::change::Change;
    use migrate_sql::dialect::Parsed;
    match dialect::parse(statement, 0, Dialect::Mysql) {
        Parsed::Changes(changes) => match &changes[..] {
            [Change::CreateTable(table)] => {
                let default = table.columns[0].default.as_ref().expect("a default");
                default.canonical.clone()
            }
            other => panic!("{statement}: {other:?}"),
        },
        Parsed::Broken(errors) => panic!("{statement}: {errors:?}"),
    }
}

/// Different expressions stay different.
#[test]
fn differences() {
    for (one, other) in [
        ("a > 1", "a >= 1"),
        ("a - (b - c)", "a - b - c"),
        ("(a + b) * c", "a + b * c"),
        ("a AND b OR c", "a AND (b OR c)"),
        ("s = 'a'", "s = 'A'"),
        ("a IN (1, 2)", "a IN (2, 1)"),
        ("NOT (a AND b)", "NOT a AND NOT b"),
        ("'a'", "a"),
        ("current_timestamp(3)", "current_timestamp(6)"),
        ("a IS NULL", "a IS NOT NULL"),
        ("cast(a AS CHAR(5))", "cast(a AS CHAR(6))"),
        ("-a", "a"),
    ] {
        assert_ne!(canonical(one), canonical(other), "{one} and {other}");
    }
}
