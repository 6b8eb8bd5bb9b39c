use std::path::Path;
use std::process::{Command, Output};

fn bookshop(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bookshop"))
        .args(arguments)
        .env("BOOKSHOP_DB", dir.join("bookshop.db"))
        .output()
        .unwrap()
}

fn stdout(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn sells_books_and_migrates_once() {
    let dir = tempfile::tempdir().unwrap();
    let first = stdout(bookshop(dir.path(), &["list"]));
    assert_eq!(
        first,
        "applied 20260112090000 create_authors\n\
         applied 20260112091500 create_books\n\
         applied 20260203140000 add_price\n"
    );
    for (title, cents) in [("Persuasion", "850"), ("Emma", "999")] {
        let added = stdout(bookshop(dir.path(), &["add", "Jane Austen", title, cents]));
        assert_eq!(added, "");
    }
    assert_eq!(
        stdout(bookshop(dir.path(), &["list"])),
        "Jane Austen: Emma, 9.99\nJane Austen: Persuasion, 8.50\n"
    );
}

#[test]
fn wrong_arguments_are_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let output = bookshop(dir.path(), &["sell"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("usage: bookshop"));
}
