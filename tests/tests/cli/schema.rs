//! The schema that the migrations make.

use insta::assert_snapshot;

use super::command::Project;

#[test]
fn as_diesel_has_it() {
    let project = Project::bookshop();
    project.migration(
        "3_reviews",
        "CREATE TABLE reviews (id INTEGER PRIMARY KEY, book INTEGER NOT NULL REFERENCES books, \"type\" TEXT, place geometry);\n\
         CREATE TABLE loans (book INTEGER NOT NULL REFERENCES books, due DATE);",
        "DROP TABLE loans; DROP TABLE reviews;",
    );
    let text = project.transcript(&["schema --diesel", "schema", "schema --diesel --format json"]);
    assert_snapshot!(text);
}
