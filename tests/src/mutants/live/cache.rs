//! Verdicts of earlier runs.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::Verdict;

/// A file of verdicts, a JSON object a line. What cannot be read is judged again.
#[derive(Debug)]
pub struct Cache {
    known: BTreeMap<String, Verdict>,
    file: Option<File>,
}

impl Cache {
    /// A cache in this file, which need not exist.
    ///
    /// # Panics
    /// Where the file cannot be written.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let known = text.lines().filter_map(entry).collect();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("a folder for the cache");
        }
        let file = OpenOptions::new().create(true).append(true).open(path);
        Self {
            known,
            file: Some(file.expect("the cache can be written")),
        }
    }

    /// A cache that remembers nothing.
    #[must_use]
    pub fn none() -> Self {
        Self {
            known: BTreeMap::new(),
            file: None,
        }
    }

    /// The verdict of this key.
    pub(super) fn get(&self, key: &str) -> Option<Verdict> {
        self.known.get(key).cloned()
    }

    /// Keeps a verdict.
    pub(super) fn keep(&mut self, key: &str, verdict: &Verdict) {
        let Some(file) = &mut self.file else { return };
        self.known.insert(key.to_owned(), verdict.clone());
        let (kind, text) = match verdict {
            Verdict::Holds => ("holds", String::new()),
            Verdict::Hidden => ("hidden", String::new()),
            Verdict::Rejected(said) => ("rejected", said.clone()),
            Verdict::NoWayBack(lines) => ("no way back", lines.join("\n")),
        };
        let line = format!("{}\n", json!({ "key": key, "verdict": kind, "text": text }));
        file.write_all(line.as_bytes()).expect("room for the cache");
    }
}

fn entry(line: &str) -> Option<(String, Verdict)> {
    let value: Value = serde_json::from_str(line).ok()?;
    let text = value["text"].as_str()?;
    let verdict = match value["verdict"].as_str()? {
        "holds" => Verdict::Holds,
        "hidden" => Verdict::Hidden,
        "rejected" => Verdict::Rejected(text.to_owned()),
        "no way back" => Verdict::NoWayBack(text.lines().map(str::to_owned).collect()),
        _ => return None,
    };
    Some((value["key"].as_str()?.to_owned(), verdict))
}
