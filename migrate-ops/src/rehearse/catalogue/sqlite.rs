//! SQLite's catalogue.

use super::Questions;

pub(super) const QUESTIONS: Questions = Questions {
    // The file is known.
    identity: None,
    session: None,
    locks: None,
    // A writer locks the whole database.
    whole_file: true,
    braking: None,
    rows: None,
    files: None,
    // An AFTER trigger is what sets a column there.
    volatile: "\
SELECT NULL, m.name, c.name, \
       CASE WHEN c.pk THEN 'it counts rows' ELSE 'its default gives another value each time' END \
FROM sqlite_master m JOIN pragma_table_info(m.name) c \
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
  AND ((c.pk AND lower(c.type) = 'integer') \
       OR lower(c.dflt_value) LIKE 'current\\_%' ESCAPE '\\' \
       OR lower(c.dflt_value) LIKE '%random%' \
       OR lower(c.dflt_value) LIKE '%''now''%' OR lower(c.dflt_value) LIKE '%unixepoch(%') \
UNION ALL \
SELECT NULL, m.name, c.name, 'the trigger ' || t.name || ' sets it' \
FROM sqlite_master t JOIN sqlite_master m ON m.type = 'table' AND m.name = t.tbl_name \
     JOIN pragma_table_info(m.name) c \
WHERE t.type = 'trigger' \
  AND replace(replace(lower(t.sql), '\"', ''), ' ', '') LIKE '%set' || lower(c.name) || '=%'",
    // Nothing in a database reaches out of its file; ATTACH cannot stand in a trigger.
    bodies: "SELECT '', '' WHERE 0",
    ways_out: None,
    powers: None,
    others: None,
};
