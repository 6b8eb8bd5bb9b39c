use std::sync::Arc;

use migrate_core::{Dialect, SourceFile, split};

use crate::conflict::Conflict;
use crate::dialect::{self, Parsed};
use crate::schema::{Place, Schema};
use crate::{QualifiedName, Span};

/// The schema that a script makes, and the conflicts in it with what they point at.
fn applied(script: &str) -> (Schema, Vec<(Conflict, String)>) {
    let source = Arc::new(SourceFile {
        path: "up.sql".to_owned(),
        text: script.to_owned(),
    });
    let mut schema = Schema::new(Dialect::Mysql);
    let mut found = Vec::new();
    let cut = split(script, Dialect::Mysql);
    assert!(cut.problems.is_empty(), "{:?}", cut.problems);
    for statement in cut.statements {
        let span = Span::from(statement.span.clone());
        let text = statement.text(script);
        let Parsed::Changes(changes) = dialect::parse(text, span.start, Dialect::Mysql) else {
            panic!("broken: {text}");
        };
        let place = Place {
            source: &source,
            statement: span,
        };
        for change in &changes {
            for conflict in schema.apply(change, place) {
                let at = script[conflict.span.start..conflict.span.end].to_owned();
                found.push((conflict, at));
            }
        }
    }
    (schema, found)
}

/// The messages of the conflicts in a script.
fn messages(script: &str) -> Vec<String> {
    let (_, found) = applied(script);
    found.into_iter().map(|(it, _)| it.message).collect()
}

/// The columns of the table `t`, as the model has them for certain.
#[track_caller]
fn columns(script: &str) -> String {
    let (schema, found) = applied(script);
    assert!(found.is_empty(), "{found:?}");
    let name = QualifiedName::unqualified("t");
    let id = schema.new_relation(&named("t"), false);
    assert!(schema.is_certain(&id), "`t` is uncertain");
    let table = schema.table(&name).unwrap();
    let columns: Vec<&str> = table.columns.iter().map(|it| &*it.name).collect();
    columns.join(" ")
}

fn named(name: &str) -> crate::ObjectName {
    crate::ObjectName::unqualified(crate::Ident::new(name, 0..0))
}

#[test]
fn a_conflict_inside_points_at_the_call() {
    let script =
        "CREATE PROCEDURE p (IN n INT)\nBEGIN\n  ALTER TABLE t DROP COLUMN a;\nEND;\nCALL p(1);";
    let (_, found) = applied(script);
    let [(conflict, at)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(conflict.message, "table `t` does not exist");
    assert_eq!(at, "CALL p(1)");
    assert_eq!(conflict.notes, ["in procedure `p`, up.sql:3"]);
}

#[test]
fn a_conflict_of_a_prepared_text_points_at_its_execution() {
    let script =
        "SET @q = CONCAT('ALTER TABLE ', 't', '\n DROP a');\nPREPARE s FROM @q;\nEXECUTE s;";
    let (_, found) = applied(script);
    let [(conflict, at)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(conflict.message, "table `t` does not exist");
    assert_eq!(at, "EXECUTE s");
    assert_eq!(conflict.notes, ["this runs `ALTER TABLE t DROP a`"]);
}

#[test]
fn a_broken_text_is_found_where_it_is_prepared() {
    let script = "SET @q = 'ALTER TABEL t DROP a'; PREPARE s FROM @q;";
    let (_, found) = applied(script);
    let [(conflict, at)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(conflict.rule.code, "syntax");
    assert_eq!(at, "PREPARE s FROM @q");
}

#[test]
fn conditions_on_the_catalogue_are_decided() {
    let has = |what: &str| {
        let script = format!(
            "CREATE TABLE t (a INT NOT NULL, b VARCHAR(9), KEY k (b));
             CREATE TABLE u (id INT PRIMARY KEY, t INT, CONSTRAINT f FOREIGN KEY (t) REFERENCES u (id));
             CREATE VIEW v AS SELECT a FROM t;
             CREATE PROCEDURE p () BEGIN
               IF {what} THEN ALTER TABLE t ADD yes INT; ELSE ALTER TABLE t ADD no INT; END IF;
             END;
             CALL p();"
        );
        columns(&script).trim_start_matches("a b ").to_owned()
    };
    let schema = "FROM information_schema";
    for (condition, answer) in [
        (
            "EXISTS (SELECT * FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 't')",
            "yes",
        ),
        (
            "EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = SCHEMA() AND table_name = 'x')",
            "no",
        ),
        (
            "(SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 't') = 2",
            "yes",
        ),
        (
            "(SELECT is_nullable FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 't' AND column_name = 'a') = 'NO'",
            "yes",
        ),
        (
            "EXISTS (SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = DATABASE() AND s.table_name = 't' AND s.index_name IN ('j', 'k'))",
            "yes",
        ),
        (
            "EXISTS (SELECT 1 FROM information_schema.table_constraints WHERE constraint_schema = DATABASE() AND table_name = 'u' AND constraint_name = 'f' AND constraint_type = 'FOREIGN KEY')",
            "yes",
        ),
        (
            "EXISTS (SELECT 1 FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND table_name = 'u' AND referenced_table_name IS NOT NULL AND column_name = 't')",
            "yes",
        ),
        (
            "EXISTS (SELECT 1 FROM information_schema.routines WHERE routine_schema = DATABASE() AND routine_name = 'p' AND routine_type = 'PROCEDURE')",
            "yes",
        ),
        (
            "NOT EXISTS (SELECT 1 FROM information_schema.views WHERE table_schema = DATABASE() AND table_name = 'v')",
            "no",
        ),
        (
            "1 + 1 = 2 AND 'a' <> 'b' AND COALESCE(NULL, 1) AND CASE 3 WHEN 2 THEN 0 ELSE 1 END",
            "yes",
        ),
        ("NULL", "no"),
    ] {
        assert_eq!(has(condition), answer, "{condition} {schema}");
    }
}

#[test]
fn what_cannot_be_decided_makes_uncertain_what_it_would_touch() {
    // Another database may have such a table, and the size of a table is not known.
    for condition in [
        "EXISTS (SELECT 1 FROM information_schema.tables WHERE table_name = 'x')",
        "(SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 't') > 5",
        "EXISTS (SELECT 1 FROM t)",
        "@@version LIKE '10%'",
        "n > 3",
    ] {
        let script = format!(
            "CREATE TABLE t (a INT); CREATE TABLE u (a INT);
             CREATE PROCEDURE p (n INT) BEGIN
               IF {condition} THEN ALTER TABLE t ADD b INT; CREATE TABLE w (a INT); END IF;
             END;
             CALL p(@unknown);
             ALTER TABLE t DROP b;
             ALTER TABLE w ADD b INT;
             ALTER TABLE u DROP b;"
        );
        assert_eq!(
            messages(&script),
            ["column `b` does not exist on table `u`"],
            "{condition}"
        );
    }
}

#[test]
fn texts_that_are_not_known_may_do_anything() {
    let script = "CREATE TABLE t (a INT);
        SET @q = CONCAT('DROP TABLE ', @unknown);
        PREPARE s FROM @q; EXECUTE s;
        ALTER TABLE t DROP b;";
    let (schema, found) = applied(script);
    assert!(schema.is_open() && found.is_empty(), "{found:?}");
}

#[test]
fn variables_carry_values() {
    let script = "CREATE TABLE t (a INT);
        CREATE PROCEDURE name_of (IN n INT, OUT made VARCHAR(64)) SET made = CONCAT('c', n);
        CREATE PROCEDURE add_all (IN n INT) BEGIN
          DECLARE i INT DEFAULT 1;
          again: LOOP
            IF i > n THEN LEAVE again; END IF;
            CALL name_of(i, @name);
            SET i = i + 1;
            IF i = 3 THEN ITERATE again; END IF;
            EXECUTE IMMEDIATE CONCAT('ALTER TABLE t ADD ', @name, ' INT');
          END LOOP;
        END;
        CALL add_all(4);";
    assert_eq!(columns(script), "a c1 c3 c4");
}

#[test]
fn a_select_into_carries_values() {
    let script = "CREATE TABLE t (a INT, b INT, CONSTRAINT f FOREIGN KEY (b) REFERENCES t (a), KEY (a));
        SELECT constraint_name, COUNT(*) INTO @no, @n FROM information_schema.key_column_usage
          WHERE table_schema = DATABASE() AND table_name = 't' AND referenced_table_name IS NOT NULL;
        SELECT constraint_name INTO @key FROM information_schema.key_column_usage
          WHERE table_schema = DATABASE() AND table_name = 't' AND column_name = 'b'
          AND referenced_table_name = 't' LIMIT 1;
        SET @q = IF(@n = 1, CONCAT('ALTER TABLE t DROP FOREIGN KEY ', @key), 'DO 0');
        PREPARE s FROM @q; EXECUTE s; DEALLOCATE PREPARE s;
        ALTER TABLE t DROP b;";
    assert_eq!(columns(script), "a");
}

#[test]
fn caught_errors_are_none() {
    let script = "CREATE TABLE t (a INT); CREATE TABLE u (a INT);
        CREATE PROCEDURE p () BEGIN
          DECLARE CONTINUE HANDLER FOR 1091 BEGIN END;
          ALTER TABLE t DROP b;
          ALTER TABLE t ADD c INT;
        END;
        CALL p();
        ALTER TABLE t DROP c;
        ALTER TABLE u DROP c;";
    assert_eq!(messages(script), ["column `c` does not exist on table `u`"]);
}

#[test]
fn a_procedure_that_calls_itself_is_not_followed() {
    let script = "CREATE TABLE t (a INT);
        CREATE PROCEDURE p (n INT) BEGIN IF n > 0 THEN CALL p(n - 1); ELSE DROP TABLE t; END IF; END;
        CALL p(2);
        ALTER TABLE t DROP b;";
    let (schema, found) = applied(script);
    assert!(schema.is_open() && found.is_empty(), "{found:?}");
}

#[test]
fn a_loop_without_end_is_given_up() {
    let script = "CREATE TABLE t (a INT);
        CREATE PROCEDURE p () BEGIN WHILE 1 DO SET @a = 1; END WHILE; END;
        CALL p();
        ALTER TABLE t DROP b;";
    let (schema, found) = applied(script);
    assert!(schema.is_open() && found.is_empty(), "{found:?}");
}

#[test]
fn a_loop_over_rows_may_do_what_its_body_says() {
    let script = "CREATE TABLE t (a INT); CREATE TABLE u (a INT);
        CREATE PROCEDURE p () BEGIN
          DECLARE done INT DEFAULT 0;
          DECLARE n INT;
          DECLARE c CURSOR FOR SELECT a FROM u;
          DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;
          OPEN c;
          rows: LOOP
            FETCH c INTO n;
            IF done THEN LEAVE rows; END IF;
            INSERT INTO t VALUES (n);
          END LOOP;
          CLOSE c;
        END;
        CALL p();
        ALTER TABLE u DROP b;";
    assert_eq!(messages(script), ["column `b` does not exist on table `u`"]);
}
