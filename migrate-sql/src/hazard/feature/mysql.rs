//! MySQL, by the manual's lists of what is new and the pages of the statements; MariaDB, by its
//! knowledge base.

use super::{Feature, feature};

pub(super) const MYSQL: &[Feature] = &[
    feature(
        [5, 7, 8],
        "the type JSON",
        &["create", "table"],
        &["*", "json", ","],
    ),
    feature([8, 0, 1], "a common table expression", &["with"], &[]),
    feature([8, 0, 2], "a window function", &[], &[")", "over", "("]),
    feature(
        [8, 0, 3],
        "RENAME COLUMN",
        &["alter", "table"],
        &["rename", "column"],
    ),
    feature([8, 0, 4], "JSON_TABLE", &[], &["json_table", "("]),
    feature(
        [8, 0, 12],
        "ALGORITHM=INSTANT",
        &["alter", "table"],
        &["algorithm", "=", "instant"],
    ),
    feature(
        [8, 0, 13],
        "an expression as a default",
        &[],
        &["default", "("],
    ),
    feature(
        [8, 0, 13],
        "an index on an expression",
        &["create", "index"],
        &["(", "("],
    ),
    feature(
        [8, 0, 13],
        "an index on an expression",
        &["create", "unique", "index"],
        &["(", "("],
    ),
    feature(
        [8, 0, 16],
        "a CHECK, which older versions read over",
        &["create", "table"],
        &["check", "("],
    ),
    feature(
        [8, 0, 16],
        "a CHECK, which older versions read over",
        &["alter", "table"],
        &["check", "("],
    ),
    feature([8, 0, 16], "NOT ENFORCED", &[], &["not", "enforced"]),
    feature(
        [8, 0, 19],
        "DROP CONSTRAINT",
        &["alter", "table"],
        &["drop", "constraint"],
    ),
    feature([8, 0, 19], "VALUES ROW", &[], &["values", "row", "("]),
    feature(
        [8, 0, 23],
        "an invisible column",
        &["alter", "table"],
        &["add", "column", "*", "*", "invisible"],
    ),
    feature([8, 0, 31], "INTERSECT", &[], &["intersect", "select"]),
    feature([8, 0, 31], "EXCEPT", &[], &["except", "select"]),
];

pub(super) const MARIADB: &[Feature] = &[
    feature([10, 2, 1], "a common table expression", &["with"], &[]),
    feature([10, 2, 0], "a window function", &[], &[")", "over", "("]),
    feature(
        [10, 2, 1],
        "an expression as a default",
        &[],
        &["default", "("],
    ),
    feature(
        [10, 2, 1],
        "a CHECK, which older versions read over",
        &["create", "table"],
        &["check", "("],
    ),
    feature(
        [10, 2, 1],
        "a CHECK, which older versions read over",
        &["alter", "table"],
        &["check", "("],
    ),
    feature(
        [10, 2, 1],
        "DROP CONSTRAINT",
        &["alter", "table"],
        &["drop", "constraint"],
    ),
    feature(
        [10, 2, 7],
        "the type JSON",
        &["create", "table"],
        &["*", "json", ","],
    ),
    feature([10, 3, 0], "a sequence", &["create", "sequence"], &[]),
    feature(
        [10, 3, 0],
        "a sequence",
        &["create", "or", "replace", "sequence"],
        &[],
    ),
    feature(
        [10, 3, 2],
        "ALGORITHM=INSTANT",
        &["alter", "table"],
        &["algorithm", "=", "instant"],
    ),
    feature(
        [10, 3, 4],
        "a system-versioned table",
        &[],
        &["with", "system", "versioning"],
    ),
    feature([10, 3, 0], "INTERSECT", &[], &["intersect", "select"]),
    feature([10, 3, 0], "EXCEPT", &[], &["except", "select"]),
    feature(
        [10, 5, 0],
        "INSERT … RETURNING",
        &["insert"],
        &["returning"],
    ),
    feature(
        [10, 5, 0],
        "the type INET6",
        &["create", "table"],
        &["*", "inet6", ","],
    ),
    feature(
        [10, 5, 2],
        "RENAME COLUMN",
        &["alter", "table"],
        &["rename", "column"],
    ),
    feature(
        [10, 5, 2],
        "RENAME INDEX",
        &["alter", "table"],
        &["rename", "index"],
    ),
    feature([10, 6, 0], "JSON_TABLE", &[], &["json_table", "("]),
    feature([10, 6, 0], "SKIP LOCKED", &[], &["skip", "locked"]),
    feature(
        [10, 7, 0],
        "the type UUID",
        &["create", "table"],
        &["*", "uuid", ","],
    ),
];
