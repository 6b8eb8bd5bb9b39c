//! The file with diesel's `table!` macros that a set names.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::checksum::normalise;
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::directory::MAX_FILE_BYTES;
use crate::rule;

/// Reads the file with diesel's `table!` macros; messages name it as `shown`.
///
/// # Errors
/// A finding where it cannot be read, is too large, or is not UTF-8.
pub fn read(file: &Path, shown: &str) -> Result<Arc<SourceFile>, Box<Diagnostic>> {
    let wrong = |reason: String| {
        let finding = Diagnostic::new(
            &rule::SCHEMA_FILE,
            format!("the schema file cannot be read: {reason}"),
        );
        Box::new(
            finding
                .at_path(shown)
                .help(format!("write it with `migrate schema --diesel > {shown}`")),
        )
    };
    let size = fs::metadata(file).map(|it| it.len());
    if size.is_ok_and(|size| size > MAX_FILE_BYTES) {
        let limit = MAX_FILE_BYTES >> 20;
        return Err(wrong(format!("it is larger than {limit} MiB")));
    }
    let bytes = fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
    Ok(Arc::new(SourceFile {
        path: shown.to_owned(),
        text: normalise(&text).into_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_a_finding() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("schema.rs");
        let message = || read(&file, "src/schema.rs").unwrap_err().message;
        assert!(message().starts_with("the schema file cannot be read: "));
        fs::write(&file, [0xff, 0xfe]).unwrap();
        assert!(message().ends_with("it is not UTF-8"));
        fs::write(&file, "a\r\n").unwrap();
        let source = read(&file, "src/schema.rs").unwrap();
        assert_eq!((&*source.path, &*source.text), ("src/schema.rs", "a\n"));
    }
}
