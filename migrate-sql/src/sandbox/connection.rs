//! A connection to a SQLite database in memory that can do no harm: no file, no extension, a limit
//! to its steps. The only place of this crate with `unsafe`.

#![allow(
    unsafe_code,
    reason = "SQLite is a C library; each block says why it is sound"
)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::slice;

use libsqlite3_sys as ffi;

/// Steps of SQLite's machine that one statement may take. A statement of a schema migration on empty
/// tables takes hundreds.
const STEPS_A_STATEMENT: u32 = 20_000_000;
/// Steps between two looks at the limit.
const STEPS_BETWEEN_LOOKS: u32 = 10_000;
/// PRAGMAs that change nothing outside the database in memory.
const HARMLESS_PRAGMAS: &[&str] = &[
    "application_id",
    "auto_vacuum",
    "automatic_index",
    "busy_timeout",
    "cache_size",
    "case_sensitive_like",
    "cell_size_check",
    "collation_list",
    "compile_options",
    "count_changes",
    "database_list",
    "defer_foreign_keys",
    "encoding",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "full_column_names",
    "function_list",
    "ignore_check_constraints",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "journal_mode",
    "journal_size_limit",
    "legacy_alter_table",
    "locking_mode",
    "module_list",
    "optimize",
    "page_count",
    "page_size",
    "pragma_list",
    "query_only",
    "quick_check",
    "recursive_triggers",
    "reverse_unordered_selects",
    "secure_delete",
    "short_column_names",
    "synchronous",
    "table_info",
    "table_list",
    "table_xinfo",
    "temp_store",
    "threads",
    "user_version",
    "wal_autocheckpoint",
];
/// Functions that reach outside, where a build of SQLite has them.
const REACHING_FUNCTIONS: &[&str] = &[
    "edit",
    "fts3_tokenizer",
    "load_extension",
    "readfile",
    "writefile",
];

/// Why SQLite did not do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// SQLite's primary result code.
    pub(crate) code: c_int,
    /// SQLite's message.
    pub(crate) message: String,
    /// The byte in the statement that it is about, where SQLite knows.
    pub(crate) offset: Option<usize>,
    /// The sandbox did not allow it.
    pub(crate) denied: bool,
}

impl Failure {
    /// Rows contradict a constraint.
    pub(crate) fn is_constraint(&self) -> bool {
        self.code == ffi::SQLITE_CONSTRAINT
    }

    /// The sandbox does not allow it, or cut it short; a real database may well do it.
    pub(crate) fn is_sandbox(&self) -> bool {
        self.denied
            || matches!(
                self.code,
                ffi::SQLITE_AUTH
                    | ffi::SQLITE_INTERRUPT
                    | ffi::SQLITE_NOMEM
                    | ffi::SQLITE_TOOBIG
                    | ffi::SQLITE_FULL
                    | ffi::SQLITE_IOERR
                    | ffi::SQLITE_CANTOPEN
                    | ffi::SQLITE_BUSY
                    | ffi::SQLITE_LOCKED
            )
    }
}

/// What the callbacks of a connection share with it.
#[derive(Default)]
struct Guard {
    looks_left: Cell<u32>,
    stub_called: Cell<bool>,
    denied: Cell<bool>,
    touched: RefCell<BTreeSet<String>>,
    edits_catalogue: Cell<bool>,
}

/// A row of text values.
pub(crate) type Row = Vec<Option<String>>;

/// A database in memory.
pub(crate) struct Connection {
    raw: *mut ffi::sqlite3,
    // Boxed, so that the address that SQLite was given stays.
    guard: Box<Guard>,
}

impl Connection {
    /// A new, empty database with stubs for these functions of the app.
    pub(crate) fn open(stubs: &[String]) -> Result<Self, Failure> {
        let mut raw = ptr::null_mut();
        let flags = ffi::SQLITE_OPEN_READWRITE
            | ffi::SQLITE_OPEN_CREATE
            | ffi::SQLITE_OPEN_MEMORY
            | ffi::SQLITE_OPEN_NOMUTEX;
        // SAFETY: the name is a C string, `raw` outlives the call; on failure the handle, which may
        // be null, is closed by `Drop`.
        let code =
            unsafe { ffi::sqlite3_open_v2(c":memory:".as_ptr(), &mut raw, flags, ptr::null()) };
        let connection = Connection {
            raw,
            guard: Box::default(),
        };
        if code != ffi::SQLITE_OK || raw.is_null() {
            return Err(Failure {
                code,
                message: "a database in memory cannot be opened".to_owned(),
                offset: None,
                denied: true,
            });
        }
        let guard: *const Guard = &*connection.guard;
        let guard = guard.cast::<c_void>().cast_mut();
        // SAFETY: the handle is open, and the guard lives as long as the connection, which closes
        // the handle before it is dropped. The callbacks only read it through `Cell`s, on this
        // thread.
        unsafe {
            ffi::sqlite3_set_authorizer(raw, Some(authorize), guard);
            ffi::sqlite3_progress_handler(raw, STEPS_BETWEEN_LOOKS as c_int, Some(look), guard);
            ffi::sqlite3_limit(raw, ffi::SQLITE_LIMIT_ATTACHED, 0);
        }
        // Nearly every table and index has a page and few rows: small pages are little memory.
        connection.execute("PRAGMA page_size = 1024")?;
        connection.execute("PRAGMA temp_store = 2")?;
        // The bundled library has keys on, others have them off: an error must hold for both.
        connection.execute("PRAGMA foreign_keys = off")?;
        for name in stubs {
            connection.stub(name, guard)?;
        }
        Ok(connection)
    }

    fn stub(&self, name: &str, guard: *mut c_void) -> Result<(), Failure> {
        let Ok(name) = CString::new(name) else {
            return Ok(());
        };
        // SAFETY: as in `open`; the name is copied by SQLite.
        let code = unsafe {
            ffi::sqlite3_create_function_v2(
                self.raw,
                name.as_ptr(),
                -1,
                ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC,
                guard,
                Some(stub_called),
                None,
                None,
                None,
            )
        };
        self.check(code)
    }

    /// Whether a stub was called since this was asked last.
    pub(crate) fn stub_was_called(&self) -> bool {
        self.guard.stub_called.replace(false)
    }

    /// The tables and views that statements made, changed or dropped since this was asked last, in
    /// lower case; also those of their indexes and triggers.
    pub(crate) fn touched(&self) -> BTreeSet<String> {
        self.guard.touched.take()
    }

    /// Runs one statement to its end.
    pub(crate) fn execute(&self, sql: &str) -> Result<(), Failure> {
        self.run(sql, [], |_| {})
    }

    /// Runs one statement with these values.
    pub(crate) fn insert(&self, sql: &str, values: &Row) -> Result<(), Failure> {
        self.run(sql, values.iter().map(Option::as_deref), |_| {})
    }

    /// Lets statements write `sqlite_schema`, and makes SQLite read it again.
    pub(crate) fn edit_catalogue(
        &self,
        edit: impl FnOnce(&Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.guard.edits_catalogue.set(true);
        let edited = self
            .execute("PRAGMA writable_schema = ON")
            .and_then(|()| edit(self));
        let reset = self.execute("PRAGMA writable_schema = RESET");
        self.guard.edits_catalogue.set(false);
        edited.and(reset)
    }

    /// Runs one statement and gives its rows.
    pub(crate) fn query(&self, sql: &str, parameters: &[&str]) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::new();
        self.run(sql, parameters.iter().copied().map(Some), |row| {
            rows.push(row)
        })?;
        Ok(rows)
    }

    fn run<'p>(
        &self,
        sql: &str,
        parameters: impl IntoIterator<Item = Option<&'p str>>,
        mut take: impl FnMut(Row),
    ) -> Result<(), Failure> {
        self.guard.denied.set(false);
        self.guard
            .looks_left
            .set(STEPS_A_STATEMENT / STEPS_BETWEEN_LOOKS);
        let Ok(length) = c_int::try_from(sql.len()) else {
            return Err(Failure {
                code: ffi::SQLITE_TOOBIG,
                message: "the statement is too long".to_owned(),
                offset: None,
                denied: true,
            });
        };
        let mut raw = ptr::null_mut();
        // SAFETY: the handle is open; SQLite reads `length` bytes of `sql` and no more.
        let code = unsafe {
            ffi::sqlite3_prepare_v2(
                self.raw,
                sql.as_ptr().cast::<c_char>(),
                length,
                &mut raw,
                ptr::null_mut(),
            )
        };
        self.check(code)?;
        if raw.is_null() {
            // Only a comment.
            return Ok(());
        }
        let statement = Statement { raw };
        for (index, parameter) in (1..).zip(parameters) {
            // What is not bound is NULL.
            let Some(parameter) = parameter else {
                continue;
            };
            let length = c_int::try_from(parameter.len()).unwrap_or(0);
            // SAFETY: the statement is prepared. No destructor means that SQLite keeps no copy:
            // the parameters outlive the statement, which is finalised in this function.
            let code = unsafe {
                ffi::sqlite3_bind_text(
                    statement.raw,
                    index,
                    parameter.as_ptr().cast::<c_char>(),
                    length,
                    None,
                )
            };
            self.check(code)?;
        }
        loop {
            // SAFETY: the statement is prepared and not finalised.
            match unsafe { ffi::sqlite3_step(statement.raw) } {
                ffi::SQLITE_ROW => take(statement.row()),
                ffi::SQLITE_DONE => return Ok(()),
                code => return self.check(code),
            }
        }
    }

    fn check(&self, code: c_int) -> Result<(), Failure> {
        if code == ffi::SQLITE_OK {
            return Ok(());
        }
        // SAFETY: the handle is open; the message is a C string that lives until the next call.
        let (message, offset) = unsafe {
            let message = ffi::sqlite3_errmsg(self.raw);
            let message = if message.is_null() {
                String::new()
            } else {
                CStr::from_ptr(message).to_string_lossy().into_owned()
            };
            (message, ffi::sqlite3_error_offset(self.raw))
        };
        Err(Failure {
            code: code & 0xff,
            message,
            offset: usize::try_from(offset).ok(),
            denied: self.guard.denied.get(),
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: every statement is finalised; a null handle is allowed.
        unsafe { ffi::sqlite3_close(self.raw) };
    }
}

/// A prepared statement.
struct Statement {
    raw: *mut ffi::sqlite3_stmt,
}

impl Statement {
    /// The values of the row that the statement stands on.
    fn row(&self) -> Row {
        // SAFETY: the statement stands on a row; the pointers are read before the next call, text
        // first and its length after, as SQLite asks.
        unsafe {
            (0..ffi::sqlite3_column_count(self.raw))
                .map(|column| {
                    let text = ffi::sqlite3_column_text(self.raw, column);
                    let length = ffi::sqlite3_column_bytes(self.raw, column);
                    if text.is_null() {
                        return None;
                    }
                    let bytes = slice::from_raw_parts(text, usize::try_from(length).unwrap_or(0));
                    Some(String::from_utf8_lossy(bytes).into_owned())
                })
                .collect()
        }
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: finalised once, here.
        unsafe { ffi::sqlite3_finalize(self.raw) };
    }
}

/// Ends a statement that has taken too many steps.
extern "C" fn look(guard: *mut c_void) -> c_int {
    // SAFETY: `open` passed a guard that lives as long as the connection.
    let guard = unsafe { &*guard.cast::<Guard>() };
    match guard.looks_left.get().checked_sub(1) {
        Some(left) => {
            guard.looks_left.set(left);
            0
        }
        None => 1,
    }
}

/// Allows what stays in the database in memory.
unsafe extern "C" fn authorize(
    guard: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    _database: *const c_char,
    _trigger: *const c_char,
) -> c_int {
    let among = |text: *const c_char, names: &[&str]| {
        // SAFETY: SQLite passes null or a C string that lives through the call.
        !text.is_null()
            && unsafe { CStr::from_ptr(text) }
                .to_str()
                .is_ok_and(|text| names.iter().any(|name| name.eq_ignore_ascii_case(text)))
    };
    let touched = match action {
        ffi::SQLITE_ALTER_TABLE
        | ffi::SQLITE_CREATE_INDEX
        | ffi::SQLITE_CREATE_TRIGGER
        | ffi::SQLITE_DROP_INDEX
        | ffi::SQLITE_DROP_TRIGGER => second,
        ffi::SQLITE_CREATE_TABLE
        | ffi::SQLITE_CREATE_VIEW
        | ffi::SQLITE_CREATE_VTABLE
        | ffi::SQLITE_DROP_TABLE
        | ffi::SQLITE_DROP_VIEW
        | ffi::SQLITE_DROP_VTABLE => first,
        _ => ptr::null(),
    };
    if !touched.is_null() {
        // SAFETY: a C string that lives through the call, and the guard of `open`, which nothing
        // else borrows while a statement is prepared.
        let (name, guard) = unsafe { (CStr::from_ptr(touched), &*guard.cast::<Guard>()) };
        if let Ok(mut all) = guard.touched.try_borrow_mut() {
            all.insert(name.to_string_lossy().to_lowercase());
        }
    }
    // SAFETY: `open` passed a guard that lives as long as the connection.
    let edits_catalogue = unsafe { &*guard.cast::<Guard>() }.edits_catalogue.get();
    let denied = match action {
        ffi::SQLITE_ATTACH | ffi::SQLITE_DETACH => true,
        ffi::SQLITE_PRAGMA => !among(first, HARMLESS_PRAGMAS) && !edits_catalogue,
        ffi::SQLITE_FUNCTION => among(second, REACHING_FUNCTIONS),
        _ => false,
    };
    if denied {
        // SAFETY: `open` passed a guard that lives as long as the connection.
        unsafe { &*guard.cast::<Guard>() }.denied.set(true);
        return ffi::SQLITE_DENY;
    }
    ffi::SQLITE_OK
}

/// Stands for a function of the app: gives NULL, and remembers that it did.
extern "C" fn stub_called(
    context: *mut ffi::sqlite3_context,
    _count: c_int,
    _values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: SQLite passes the context of this call; its user data is the guard of `open`.
    unsafe {
        let guard = ffi::sqlite3_user_data(context).cast::<Guard>();
        if let Some(guard) = guard.as_ref() {
            guard.stub_called.set(true);
        }
        ffi::sqlite3_result_null(context);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Connection {
        Connection::open(&["BIN2B64".to_owned()]).unwrap()
    }

    #[test]
    fn it_runs_statements() {
        let connection = open();
        connection.execute("CREATE TABLE t (a, b)").unwrap();
        connection
            .execute("INSERT INTO t VALUES (1, NULL)")
            .unwrap();
        let rows = connection.query("SELECT * FROM t WHERE a = ?", &["1"]);
        assert_eq!(rows.unwrap(), Vec::<Row>::new(), "text is no number");
        let rows = connection.query("SELECT * FROM t", &[]).unwrap();
        assert_eq!(rows, [[Some("1".to_owned()), None]]);
        connection.execute("-- nothing").unwrap();
    }

    #[test]
    fn a_failure_has_its_place() {
        let connection = open();
        let failure = connection.execute("CREATE TABEL t (a)").unwrap_err();
        assert_eq!(failure.message, "near \"TABEL\": syntax error");
        assert_eq!(failure.offset, Some(7));
        assert!(!failure.is_sandbox());
    }

    #[test]
    fn it_reaches_no_file() {
        let connection = open();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.db");
        let file = file.display();
        for sql in [
            format!("ATTACH '{file}' AS x"),
            format!("VACUUM INTO '{file}'"),
            "SELECT load_extension('x')".to_owned(),
            format!("PRAGMA temp_store_directory = '{file}'"),
            "PRAGMA writable_schema = on".to_owned(),
        ] {
            let failure = connection.execute(&sql).unwrap_err();
            assert!(failure.is_sandbox(), "{sql}: {failure:?}");
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn it_ends() {
        let failure = open()
            .execute("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
            .unwrap_err();
        assert!(failure.is_sandbox(), "{failure:?}");
    }

    #[test]
    fn stubs_are_noticed() {
        let connection = open();
        connection.execute("SELECT bin2b64(x'00', 1)").unwrap();
        assert!(connection.stub_was_called());
        assert!(!connection.stub_was_called());
    }
}
