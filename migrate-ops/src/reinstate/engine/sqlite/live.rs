//! A handle of SQLite's own, for what diesel has no safe way to: copying one database over another, and asking
//! whether somebody wrote. The only place of this crate with `unsafe`.

#![allow(
    unsafe_code,
    reason = "SQLite is a C library; each block says why it is sound"
)]

use std::ffi::{CStr, CString, c_int, c_void};
use std::path::Path;
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

use libsqlite3_sys as ffi;

use crate::backup::BackupError;
use crate::reinstate::error::ReinstateError;

/// How long to wait before a lock is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// A database file that is open.
pub(super) struct Handle {
    raw: *mut ffi::sqlite3,
    shown: String,
}

impl Handle {
    /// Opens a file, or makes one.
    pub(super) fn open(path: &Path, make: bool) -> Result<Self, ReinstateError> {
        let shown = path.display().to_string();
        let name = path
            .to_str()
            .and_then(|text| CString::new(text).ok())
            .ok_or_else(|| BackupError::Path(path.to_owned()))?;
        let mut flags = ffi::SQLITE_OPEN_READWRITE;
        if make {
            flags |= ffi::SQLITE_OPEN_CREATE;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: the name is a C string and `raw` outlives the call; the handle, which may be null on failure,
        // is closed by `Drop`.
        let code = unsafe { ffi::sqlite3_open_v2(name.as_ptr(), &mut raw, flags, ptr::null()) };
        let handle = Handle { raw, shown };
        handle.is_ok(code, "to be opened")?;
        Ok(handle)
    }

    /// A number that becomes another one when somebody else writes; it looks at the file first.
    pub(super) fn version(&self) -> Result<u32, ReinstateError> {
        let begun = Instant::now();
        // The first look fills what the second one compares with.
        for _ in 0..2 {
            loop {
                // SAFETY: the handle is open, the text is a C string, and nobody is called back.
                let code = unsafe {
                    ffi::sqlite3_exec(
                        self.raw,
                        c"SELECT count(*) FROM sqlite_schema".as_ptr(),
                        None,
                        ptr::null_mut(),
                        ptr::null_mut(),
                    )
                };
                match code {
                    ffi::SQLITE_BUSY if begun.elapsed() < super::PATIENCE => thread::sleep(PAUSE),
                    code => {
                        self.is_ok(code, "to be read")?;
                        break;
                    }
                }
            }
        }
        self.counted()
    }

    /// The same number, as of the last time that this handle looked at the file or locked it.
    pub(super) fn counted(&self) -> Result<u32, ReinstateError> {
        let mut version: u32 = 0;
        // SAFETY: the handle is open, the name is a C string, and this code writes one 32 bit number.
        let code = unsafe {
            ffi::sqlite3_file_control(
                self.raw,
                c"main".as_ptr(),
                ffi::SQLITE_FCNTL_DATA_VERSION,
                ptr::from_mut(&mut version).cast::<c_void>(),
            )
        };
        self.is_ok(code, "to tell whether others wrote")?;
        Ok(version)
    }

    /// Makes this database a copy of another, in one transaction. `locked` is asked when nobody else can write to
    /// it any more and nothing is written yet; where it fails, nothing is.
    pub(super) fn overwrite(
        &self,
        source: &Handle,
        patience: Duration,
        locked: impl FnOnce(&Handle) -> Result<(), ReinstateError>,
    ) -> Result<(), ReinstateError> {
        // SAFETY: both handles are open and outlive the copying, which ends in this function.
        let raw = unsafe {
            ffi::sqlite3_backup_init(self.raw, c"main".as_ptr(), source.raw, c"main".as_ptr())
        };
        if raw.is_null() {
            return Err(self.failed("to be written over"));
        }
        let copying = Copying(raw);
        // No page yet: it only takes the lock.
        copying.step(0, patience).map_err(|code| self.of(code))?;
        locked(self)?;
        copying.step(-1, patience).map_err(|code| self.of(code))?;
        let code = copying.finish();
        self.is_ok(code, "to be written over")
    }

    fn is_ok(&self, code: c_int, doing: &'static str) -> Result<(), ReinstateError> {
        match code {
            ffi::SQLITE_OK => Ok(()),
            _ => Err(self.failed(doing)),
        }
    }

    fn of(&self, code: c_int) -> ReinstateError {
        // SAFETY: SQLite answers with a constant text for any code.
        let text = unsafe { CStr::from_ptr(ffi::sqlite3_errstr(code)) };
        self.error("to be written over", &text.to_string_lossy())
    }

    /// What SQLite says to the last call.
    fn failed(&self, doing: &'static str) -> ReinstateError {
        // SAFETY: SQLite answers for a null handle too; the text is copied before anything else is called.
        let text = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(self.raw)) };
        self.error(doing, &text.to_string_lossy())
    }

    fn error(&self, doing: &'static str, text: &str) -> ReinstateError {
        ReinstateError::Database {
            database: format!("sqlite://{}", self.shown),
            doing,
            source: diesel::result::Error::QueryBuilderError(text.into()),
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is not used any more, and null is allowed.
        unsafe { ffi::sqlite3_close(self.raw) };
    }
}

/// A copying that goes on; taken back where it is dropped before its end.
struct Copying(*mut ffi::sqlite3_backup);

impl Copying {
    /// Copies so many pages, all where they are less than none; the result code where it cannot.
    fn step(&self, pages: c_int, patience: Duration) -> Result<(), c_int> {
        let begun = Instant::now();
        loop {
            // SAFETY: it was begun and is not finished.
            match unsafe { ffi::sqlite3_backup_step(self.0, pages) } {
                ffi::SQLITE_DONE => return Ok(()),
                ffi::SQLITE_OK if pages == 0 => return Ok(()),
                ffi::SQLITE_OK => {}
                ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED if begun.elapsed() < patience => {
                    thread::sleep(PAUSE);
                }
                code => return Err(code),
            }
        }
    }

    fn finish(self) -> c_int {
        // SAFETY: it was begun and is finished only once: `Drop` does not follow.
        let code = unsafe { ffi::sqlite3_backup_finish(self.0) };
        std::mem::forget(self);
        code
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        // SAFETY: it was begun and is not finished; its transaction is rolled back.
        unsafe { ffi::sqlite3_backup_finish(self.0) };
    }
}
