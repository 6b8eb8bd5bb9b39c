//! One form for an expression as a script writes it and as the server gives it back.

use migrate_core::Dialect;
use migrate_sql::Expression;
use migrate_sql::change::{Change, ConstraintKind, PartKind};
use migrate_sql::dialect::{self, Parsed};
use migrate_tests::server;

/// A table with a column of every type that the expressions read.
const BASE: &str = "
    id int, small smallint, big bigint, num numeric(10,2), price numeric, single real,
    dbl double precision, name text, code varchar(20), fixed char(5), flag boolean, day date,
    at timestamptz, ts timestamp, tm time, span interval, data jsonb, js json, tags text[],
    nums int[], mood mood, uid uuid, ip inet, vec tsvector, rng tstzrange, \"Quoted\" text,
    raw bytea, bits bit(3), amount money, codes varchar(5)[]";

/// Types and defaults of columns of them.
const DEFAULTS: &[(&str, &str)] = &[
    ("int", "0"),
    ("int", "-1"),
    ("int", "'5'"),
    ("int", "1 + 2"),
    ("int", "(3)"),
    ("int", "+4"),
    ("bigint", "0"),
    ("bigint", "-9000000000"),
    ("bigint", "nextval('s')"),
    ("bigint", "nextval('public.s'::regclass)"),
    ("bigint", "nextval('\"S q\"')"),
    ("smallint", "'-7'"),
    ("numeric(10,2)", "0"),
    ("numeric(10,2)", "0.00"),
    ("numeric(10,2)", "-1.5"),
    ("numeric", "1e3"),
    ("numeric", ".5"),
    ("real", "1.5"),
    ("double precision", "0"),
    ("double precision", "'NaN'"),
    ("double precision", "random()"),
    ("text", "'x'"),
    ("text", "'it''s'"),
    ("text", "E'a\\x41b'"),
    ("text", "''"),
    ("text", "'1'"),
    ("text", "'a' || 'b'"),
    ("text", "U&'d\\0061ta'"),
    ("text", "$$dollar$$"),
    ("text", "CURRENT_USER"),
    ("text", "session_user"),
    ("text", "upper('x')"),
    ("text", "pg_catalog.lower('X')"),
    ("text", "NULL"),
    ("varchar(20)", "'x'"),
    ("varchar(20)", "'x'::text"),
    ("varchar", "'007'"),
    ("char(5)", "'abc'"),
    ("boolean", "true"),
    ("boolean", "'t'"),
    ("boolean", "'false'"),
    ("boolean", "FALSE"),
    ("date", "'2020-01-01'"),
    ("date", "CURRENT_DATE"),
    ("date", "now()"),
    ("date", "now()::date"),
    ("date", "current_date + 7"),
    ("date", "date '2020-02-03'"),
    ("timestamptz", "now()"),
    ("timestamptz", "CURRENT_TIMESTAMP"),
    ("timestamptz", "current_timestamp(3)"),
    ("timestamptz", "now() + interval '30 days'"),
    ("timestamptz", "now() + '1 hour'"),
    ("timestamptz", "now() - interval '1' day"),
    ("timestamp", "timezone('utc', now())"),
    ("timestamp", "LOCALTIMESTAMP"),
    ("timestamp", "'2020-01-01'"),
    ("timestamp", "'2020-01-01 10:20:30'"),
    ("timestamp", "now()::timestamp"),
    ("time", "'10:00'"),
    ("time", "LOCALTIME"),
    ("interval", "'1 day'"),
    ("interval", "interval '1 year 2 months'"),
    ("interval", "'90 minutes'"),
    ("interval", "make_interval(days => 3)"),
    ("jsonb", "'{}'"),
    ("jsonb", "'{\"a\": 1, \"b\": [1, 2]}'"),
    ("jsonb", "'[]'::jsonb"),
    ("jsonb", "jsonb_build_object('a', 1)"),
    ("json", "'{\"a\":1}'"),
    ("text[]", "'{}'"),
    ("text[]", "'{a, b}'"),
    ("text[]", "ARRAY[]::text[]"),
    ("text[]", "array['a', 'b']"),
    ("int[]", "'{1,2}'"),
    ("int[]", "ARRAY[1, 2]"),
    ("varchar(5)[]", "ARRAY['a']::varchar[]"),
    ("mood", "'happy'"),
    ("mood", "'happy'::mood"),
    ("uuid", "gen_random_uuid()"),
    ("uuid", "'00000000-0000-0000-0000-000000000000'"),
    ("inet", "'127.0.0.1'"),
    ("bytea", "'\\x00'"),
    ("bit(3)", "B'101'"),
    ("bit(8)", "X'1F'"),
    ("money", "0"),
    ("tstzrange", "'empty'"),
    ("int", "cast('3' as int)"),
    ("int", "length('abc')"),
    ("int", "case when true then 1 else 2 end"),
    ("int", "extract(year from now())"),
    ("int", "date_part('year', now())"),
    ("int", "coalesce(null, 1)"),
    ("bigint", "(extract(epoch from now()) * 1000)::bigint"),
    ("text", "md5(random()::text)"),
    ("text", "to_char(now(), 'YYYY')"),
    ("text", "substring('abc' from 2 for 1)"),
    ("text", "replace(gen_random_uuid()::text, '-', '')"),
    ("text", "current_setting('a.b', true)"),
    ("boolean", "(not true)"),
    ("timestamp", "(now() at time zone 'UTC')"),
    ("timestamptz", "(clock_timestamp() at time zone 'utc')"),
];

/// Types and what columns of them are generated from.
const GENERATED: &[(&str, &str)] = &[
    ("text", "name || ' ' || code"),
    ("text", "lower(name)"),
    ("text", "upper(code)"),
    ("text", "coalesce(name, '') || coalesce(code, '')"),
    ("tsvector", "to_tsvector('english', name)"),
    (
        "tsvector",
        "setweight(to_tsvector('simple'::regconfig, coalesce(name,'')), 'A') || setweight(to_tsvector('simple', coalesce(code,'')), 'B')",
    ),
    ("numeric", "num * 1.2"),
    ("int", "id * 2"),
    ("bigint", "id + big"),
    ("text", "data ->> 'a'"),
    ("int", "(data ->> 'n')::int"),
    ("boolean", "id > 0"),
    ("text", "case when id > 0 then 'a' else 'b' end"),
    ("text", "case when id > 0 then code end"),
    ("date", "(ts)::date"),
    ("double precision", "dbl / 2"),
    ("text", "md5(name)"),
    ("text", "left(name, 3)"),
    ("text", "trim(name)"),
    ("int", "length(name)"),
    ("text", "name::text"),
    ("varchar(5)", "substring(name, 1, 5)"),
    ("int", "extract(year from ts)"),
    ("numeric", "round(num::numeric, 2)"),
    ("text", "'x'"),
];

/// Checks; those that do not depend on settings are predicates of indexes too.
const CONDITIONS: &[&str] = &[
    "id > 0",
    "id >= 0 and id <= 100",
    "id between 1 and 10",
    "id not between 1 and 10",
    "id <> 0",
    "id != 0",
    "id in (1, 2, 3)",
    "id in (1)",
    "id not in (1, 2)",
    "not id in (1, 2)",
    "id = any (array[1,2])",
    "id = any ('{1,2}'::int[])",
    "small in (1, 2)",
    "big > 1",
    "big in (1, 2)",
    "num > 0",
    "num >= 0.5",
    "price * 2 > num",
    "single > 1",
    "dbl > 0.5",
    "dbl between 0 and 1",
    "name <> ''",
    "name = 'a' or name = 'b'",
    "name in ('a', 'b')",
    "name not in ('a', 'b')",
    "code in ('a', 'b')",
    "code = 'a'",
    "code not in ('a', 'b')",
    "code <> ''",
    "fixed in ('a', 'b')",
    "fixed = 'a'",
    "name like 'a%'",
    "name not like 'a%'",
    "name ilike 'A%'",
    "name not ilike 'A%'",
    "name like 'a!%' escape '!'",
    "name similar to 'a|b'",
    "name ~ '^[a-z]+$'",
    "name !~* 'x'",
    "code ~ '^[a-z]+$'",
    "code like 'a%'",
    "length(name) > 3",
    "length(code) between 1 and 20",
    "char_length(trim(name)) > 0",
    "trim(both 'x' from name) <> ''",
    "ltrim(name) = name",
    "position('@' in name) > 1",
    "strpos(name, '@') > 1",
    "lower(name) = name",
    "upper(substring(name from 1 for 1)) = 'A'",
    "substr(name, 1, 2) = 'ab'",
    "overlay(name placing 'x' from 1 for 2) <> ''",
    "name is null",
    "name is not null",
    "name isnull",
    "name notnull",
    "flag",
    "not flag",
    "flag is true",
    "flag is not true",
    "flag = true",
    "flag is unknown",
    "(name is null) = (code is null)",
    "name is distinct from code",
    "name is not distinct from code",
    "(id > 0 and (big > 0 and small > 0))",
    "(id > 0 or big > 0) and small > 0",
    "not (id > 0 and big > 0)",
    "id > -1",
    "id + 1 > big * 2 - 3",
    "-id < 0",
    "id % 2 = 0",
    "(id & 1) = 1",
    "id::text = name",
    "id::bigint = big",
    "cast(id as text) <> ''",
    "day > '2020-01-01'",
    "day > date '2020-01-01'",
    "at > '2020-01-01 00:00:00+00'",
    "at > ts",
    "at >= day",
    "span > '1 hour'",
    "span > interval '30 minutes'",
    "ts + interval '1 day' > ts",
    "extract(year from day) > 2000",
    "extract(dow from ts) in (0, 6)",
    "date_trunc('day', ts) = ts",
    "(at at time zone 'utc')::date = day",
    "data ? 'a'",
    "data ->> 'a' = 'b'",
    "(data ->> 'n')::int > 0",
    "(data -> 'a' ->> 'b')::numeric > 1.5",
    "data @> '{\"a\": 1}'",
    "data #>> '{a,b}' = 'x'",
    "jsonb_typeof(data) = 'object'",
    "data['a'] is not null",
    "js ->> 'a' is not null",
    "cardinality(tags) > 0",
    "array_length(tags, 1) between 1 and 3",
    "'a' = any (tags)",
    "tags && array['a', 'b']",
    "tags @> '{a}'",
    "tags[1] = 'x'",
    "nums[1:2] = '{1,2}'",
    "tags <@ array['a','b','c']::text[]",
    "codes <@ array['a','b']::varchar[]",
    "mood = 'happy'",
    "mood in ('happy', 'sad')",
    "mood <> 'sad'",
    "mood::text like 'h%'",
    "uid <> '00000000-0000-0000-0000-000000000000'",
    "ip << '10.0.0.0/8'",
    "family(ip) = 4",
    "vec @@ to_tsquery('english', 'a')",
    "not isempty(rng)",
    "lower(rng) < upper(rng)",
    "rng && tstzrange('2020-01-01 00:00:00+00', null)",
    "\"Quoted\" <> ''",
    "\"Quoted\" is not null and \"name\" is not null",
    "name collate \"C\" > 'a'",
    "octet_length(raw) < 10",
    "amount > 0::money",
    "coalesce(name, code) is not null",
    "coalesce(num, 0) >= 0",
    "coalesce(id, big) > 0",
    "nullif(name, '') is not null",
    "greatest(id, small) > 0",
    "least(id, 5, big) > 0",
    "case when id > 0 then name is not null else code is not null end",
    "case when id = 1 then true end",
    "case name when 'a' then 1 when 'b' then 2 else 3 end > 1",
    "num_nonnulls(name, code) = 1",
    "num_nulls(name, code, day) <= 1",
    "(id, small) = (1, 2)",
    "(id, small) < (1, 2)",
    "row(id, small) is not null",
    "id = 1 and name = 'x' or id = 2 and name = 'y'",
    "id in (1, 2, small)",
    "id not in (1, 2, small)",
    "name in ('x', code)",
    "1 = 1",
    "pg_catalog.length(name) > 0",
    "id operator(pg_catalog.>) 0",
    "starts_with(name, 'a')",
    "name ^@ 'a'",
    "id - 1 - 2 > 0",
    "id / 2 * 3 % 4 > 0",
    "dbl ^ 2 ^ 3 > 1",
    "name || code || name || code <> id::text || name",
    "data #> array['a'] -> 0 ->> 1 = name",
    "tm > '10:00'",
    "bits = B'101'",
    "id > 1e2",
    "abs(id) < 1000",
    "round(num, 1) > 0",
    "num::int > 3",
    "(num / 2)::numeric(10,2) > 0",
    "name || code <> 'ab'",
    "name || '-' || id <> 'x'",
    "concat(name, code) <> ''",
    "id is null or (id > 0 and id < 10 and id <> 5)",
    "date_part('hour', tm) < 5",
    "array_position(tags, 'a') is null",
];

/// What indexes are on.
const INDEXED: &[&str] = &[
    "lower(name)",
    "lower(code)",
    "(lower(name))",
    "(data ->> 'a')",
    "((data ->> 'n')::int)",
    "(id + 1)",
    "(ts::date)",
    "date_trunc('day', ts)",
    "(coalesce(name, ''))",
    "(name || code)",
    "to_tsvector('english', name)",
    "(extract(year from ts))",
    "((data -> 'a') ->> 'b')",
    "upper(\"Quoted\")",
    "(flag is true)",
    "(lower(name) collate \"C\")",
    "(id::text)",
    "md5(name)",
    "(nums[1])",
    "((at at time zone 'UTC')::date)",
    "(case when flag then id else big end)",
    "(-id)",
    "(id between 1 and 2)",
    "(code in ('a','b'))",
];

/// USING of policies, with queries in them.
const POLICIES: &[&str] = &[
    "id = 1",
    "name = current_user",
    "name = current_user::text",
    "id in (select id from base)",
    "exists (select 1 from base b where b.id = base.id)",
    "exists (select 1 from public.base b where b.id = base.id and b.name = 'x')",
    "id = any (select m.id from base m where m.flag)",
    "(select count(*) from base x) > 0",
    "id = (select max(b.id) from base as b)",
    "current_setting('app.user', true)::int = id",
    "not exists (select from base)",
    "true",
    "id not in (select big from base where big is not null)",
    "exists (select 1 from base a join base b on a.id = b.id where a.name = base.name)",
    "exists (select 1 from base a left join base b using (id) order by a.id limit 1)",
];

/// Expressions that mean different things; so they must not count as equal.
const DIFFERENT: &[(&str, &str)] = &[
    ("a", "b"),
    ("a > 1", "a >= 1"),
    ("a > 1", "a > 2"),
    ("a = 'x'", "a = 'X'"),
    ("a AND b OR c", "a AND (b OR c)"),
    ("a - (b - c)", "a - b - c"),
    ("now()", "CURRENT_TIMESTAMP"),
    ("CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP(3)"),
    ("now()", "clock_timestamp()"),
    ("'1 day'::interval", "'2 days'::interval"),
    ("a IN (1, 2)", "a IN (1, 3)"),
    ("a IN (1, 2)", "a NOT IN (1, 2)"),
    ("a LIKE 'x%'", "a ILIKE 'x%'"),
    ("a BETWEEN 1 AND 2", "a BETWEEN 2 AND 1"),
    ("a IS NULL", "a IS NOT NULL"),
    ("lower(a)", "upper(a)"),
    ("(a ->> 'x')::integer", "a ->> 'x'"),
    ("a::date", "a"),
    ("CASE WHEN a THEN 1 END", "CASE WHEN a THEN 1 ELSE 2 END"),
    ("nextval('a')", "nextval('b')"),
    ("nextval('a')", "nextval('s.a')"),
    ("\"A\"", "a"),
    ("true", "false"),
    ("1.5", "1.50"),
    ("'{\"a\": 1}'", "'{\"a\": 2}'"),
    ("f(a)", "f(a, b)"),
    ("count(a)", "count(DISTINCT a)"),
    ("EXISTS (SELECT 1 FROM t)", "EXISTS (SELECT 1 FROM u)"),
];

/// The expression that a statement is about.
fn written(statement: &str) -> Option<Expression> {
    let Parsed::Changes(mut changes) = dialect::parse(statement, 0, Dialect::Postgres) else {
        panic!("{statement} is broken");
    };
    match changes.remove(0) {
        Change::CreateTable(table) => {
            let check = table.constraints.into_iter().find_map(|it| match it.kind {
                ConstraintKind::Check(check) => Some(check),
                _ => None,
            });
            let column = table.columns.into_iter().next_back();
            check.or_else(|| {
                let column = column?;
                column
                    .generated
                    .map(|generated| generated.expression)
                    .or(column.default)
            })
        }
        Change::CreateIndex(index) => match index.predicate {
            Some(predicate) => Some(predicate),
            None => match index.parts.into_iter().next()?.kind {
                PartKind::Expression(expression) => Some(expression),
                PartKind::Column(_) => None,
            },
        },
        Change::CreatePolicy { expressions, .. } => expressions.into_iter().next(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_server_gives_back_is_equal() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("expressions");
    database.sql(&format!(
        "CREATE SEQUENCE s; CREATE SEQUENCE \"S q\"; CREATE TYPE mood AS ENUM ('happy', 'sad');
         CREATE TABLE base ({BASE});"
    ));
    // Statements, and the query that reads the expression back.
    let mut cases: Vec<(String, String)> = Vec::new();
    let default = |at: usize| {
        format!(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't{at}'::regclass"
        )
    };
    for (column_type, expression) in DEFAULTS {
        let at = cases.len();
        let statement = format!("CREATE TABLE t{at} (c {column_type} DEFAULT {expression})");
        cases.push((statement, default(at)));
    }
    for (column_type, expression) in GENERATED {
        let at = cases.len();
        let statement = format!(
            "CREATE TABLE t{at} (LIKE base, c {column_type} GENERATED ALWAYS AS ({expression}) STORED)"
        );
        cases.push((statement, default(at)));
    }
    for expression in CONDITIONS {
        let at = cases.len();
        cases.push((
            format!("CREATE TABLE t{at} (LIKE base, CHECK ({expression}))"),
            format!("SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conrelid = 't{at}'::regclass"),
        ));
    }
    for expression in INDEXED {
        let at = cases.len();
        cases.push((
            format!("CREATE INDEX i{at} ON base ({expression})"),
            format!("SELECT pg_get_expr(indexprs, indrelid) FROM pg_index WHERE indexrelid = 'i{at}'::regclass"),
        ));
    }
    for expression in CONDITIONS {
        let at = cases.len();
        cases.push((
            format!("CREATE INDEX i{at} ON base (id) WHERE {expression}"),
            format!("SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'i{at}'::regclass"),
        ));
    }
    for expression in POLICIES {
        let at = cases.len();
        cases.push((
            format!("CREATE POLICY p{at} ON base USING ({expression})"),
            format!("SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polname = 'p{at}'"),
        ));
    }
    // All at once: a client for each would take minutes. What the server refuses gives no line.
    let mut script = "\\set ON_ERROR_STOP off\nSET timezone TO 'UTC';\n".to_owned();
    for (at, (statement, query)) in cases.iter().enumerate() {
        script.push_str(&format!(
            "{statement};\n\\if :ERROR\n\\else\nSELECT {at}, regexp_replace(({query}), '\\s+', ' ', 'g');\n\\endif\n"
        ));
    }
    let answers = database.sql(&script);
    let (mut equal, mut different) = (0, Vec::new());
    for line in answers.lines() {
        let (at, kept) = line.split_once('\t').expect("two columns");
        let (statement, _) = &cases[at.parse::<usize>().expect("a number")];
        let written = written(statement).map(|it| it.canonical);
        let kept = match kept {
            "" => None,
            kept => Some(dialect::expression(kept, Dialect::Postgres).canonical),
        };
        if written == kept {
            equal += 1;
        } else {
            different.push(format!("{statement}: {written:?} is kept as {kept:?}"));
        }
    }
    assert!(different.is_empty(), "{different:#?}");
    // Some conditions may not be predicates, since they depend on settings.
    assert!(equal > cases.len() - 12, "{equal} of {}", cases.len());
}

#[test]
fn what_means_something_else_is_not_equal() {
    for (one, other) in DIFFERENT {
        let canonical = |text| dialect::expression(text, Dialect::Postgres).canonical;
        assert_ne!(canonical(one), canonical(other), "{one} and {other}");
    }
}
