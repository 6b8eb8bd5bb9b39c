use super::DirectiveKind::*;
use super::DirectiveProblemKind as P;
use super::*;
use crate::{Dialect, split};

fn read(text: &str) -> Directives {
    directives(text, &split(text, Dialect::Postgres))
}

#[track_caller]
fn kind(comment: &str) -> DirectiveKind {
    let found = read(comment);
    assert_eq!(found.problems, [], "{comment}");
    found.directives[0].kind.clone()
}

#[track_caller]
fn problem(comment: &str) -> (String, String) {
    let found = read(comment);
    assert_eq!(found.directives, [], "{comment}");
    let problem = found.problems.first().expect("a problem");
    (problem.to_string(), problem.help())
}

#[test]
fn every_directive() {
    let section = |direction, transaction| Section {
        direction,
        transaction,
    };
    assert_eq!(kind("-- migrate:up"), section(Direction::Up, None));
    assert_eq!(
        kind("--migrate:down transaction:false "),
        section(Direction::Down, Some(false))
    );
    assert_eq!(kind("  -- Migrate:No-Transaction"), NoTransaction);
    assert_eq!(kind("-- no-transaction\nSELECT 1"), NoTransaction);
    assert_eq!(kind("-- migrate:opaque"), Opaque);
    assert_eq!(
        kind("-- migrate:irreversible the data is gone: for good"),
        Irreversible {
            reason: "the data is gone: for good".into()
        }
    );
    assert_eq!(
        kind("-- migrate:allow drop-table it is empty"),
        Allow {
            rule: "drop-table".into(),
            reason: "it is empty".into()
        }
    );
    for (value, change) in [
        ("same", RowChange::By(0)),
        ("any", RowChange::Any),
        ("+3", RowChange::By(3)),
        ("-12", RowChange::By(-12)),
    ] {
        assert_eq!(
            kind(&format!("-- migrate:expect rows a.\"b = c\" = {value}")),
            ExpectRows {
                table: "a.\"b = c\"".into(),
                change
            }
        );
    }
}

#[test]
fn what_is_no_directive() {
    for text in [
        "SELECT '-- migrate:nonsense'",
        "SELECT $$\n-- migrate:up\n$$",
        "COPY a FROM stdin;\n-- migrate:up\n\\.\n",
        "-- migrate the names",
        "-- migrate: up to ten rows",
        "-- migrate: allow nulls",
        "-- see migrate:up",
        "\n-- no-transaction",
        "/* nothing */ -- x",
    ] {
        assert_eq!(read(text), Directives::default(), "{text}");
    }
}

#[test]
fn the_statement_that_follows() {
    let text =
        "-- migrate:opaque\na;\n-- migrate:opaque\nb\n-- migrate:opaque\n c;\n-- migrate:opaque";
    let next: Vec<_> = read(text)
        .directives
        .iter()
        .map(|d| d.before_statement)
        .collect();
    assert_eq!(next, [Some(0), Some(1), Some(1), None]);
}

#[test]
fn mistakes() {
    let cases = [
        (
            "-- migrate:no-transactions",
            "unknown directive `migrate:no-transactions`",
            "did you mean `-- migrate:no-transaction`?",
        ),
        (
            "-- migrate:",
            "unknown directive `migrate:`",
            "the directives are up, down, no-transaction, irreversible, allow, opaque and expect",
        ),
        (
            "-- migrate:irreversible ",
            "`migrate:irreversible` needs a reason",
            "write `-- migrate:irreversible <reason>`",
        ),
        (
            "-- migrate:allow",
            "`migrate:allow` needs a rule and a reason",
            "write `-- migrate:allow <rule> <reason>`",
        ),
        (
            "-- migrate:allow drop-table",
            "`migrate:allow` needs a reason",
            "write `-- migrate:allow <rule> <reason>`",
        ),
        (
            "-- migrate:no-transaction false",
            "`migrate:no-transaction` does not take `false`",
            "write `-- migrate:no-transaction`, and explanations in a comment of their own",
        ),
        (
            "-- migrate:up transaction=false",
            "`migrate:up` does not take `transaction=false`",
            "write `-- migrate:up` or `-- migrate:up transaction:false`",
        ),
        (
            "-- migrate:expect rows a = 3",
            "`migrate:expect` cannot be understood",
            "write `-- migrate:expect rows <table> = same`, or `any`, `+3`, `-3`",
        ),
        (
            "-- migrate: down",
            "white space beside the colon of `migrate:down`",
            "write `-- migrate:down`",
        ),
        (
            "a; -- migrate:opaque",
            "a directive behind SQL on the same line",
            "put it on a line of its own, before the statement that it is about",
        ),
        (
            "/* migrate:opaque */",
            "a directive in a comment that does not start with `--`",
            "write it as `-- migrate:…`",
        ),
    ];
    for (text, message, help) in cases {
        assert_eq!(problem(text), (message.into(), help.into()), "{text}");
    }
    assert_eq!(
        read("# migrate:opaque").problems,
        [],
        "in PostgreSQL that is no comment"
    );
    let text = "# migrate:opaque";
    assert_eq!(
        directives(text, &split(text, Dialect::Mysql)).problems[0].kind,
        P::NotALineComment
    );
}
