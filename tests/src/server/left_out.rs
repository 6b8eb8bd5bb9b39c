use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

/// Says that tests are left out because something is missing here, for example
/// `"MariaDB: MIGRATE_TEST_MARIADB_URL names no server"`.
///
/// The line goes to stderr past the capture of the test harness, so that a run in which all tests
/// pass says what it did not test, and to the file that `tests/run` prints at its end. Each is
/// said once a process.
///
/// # Panics
/// With `CI=true`, where nothing may be left out.
pub fn left_out(what: &str) {
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "with CI=true nothing may be left out, but: {what}"
    );
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if !said.insert(what.to_owned()) {
        return;
    }
    // One write a line, so that lines of other threads do not get between its parts; where stderr
    // is closed there is nobody to tell.
    let _ = std::io::stderr().write_all(format!("left out: {what}\n").as_bytes());
    if let Some(path) = std::env::var_os("MIGRATE_TEST_LEFT_OUT") {
        let file = OpenOptions::new().append(true).create(true).open(path);
        let written = file.and_then(|mut file| file.write_all(format!("{what}\n").as_bytes()));
        written.expect("the file in MIGRATE_TEST_LEFT_OUT can be written");
    }
}
