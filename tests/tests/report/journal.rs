//! Runs that were never run: the journal and the evidence are written here, and read as those of a
//! real run are.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_ops::event::Step;
use migrate_ops::run_state::{Entry, Outcome, RunId, RunRecord, RunState, What};
use serde::Serialize;
use tempfile::TempDir;

/// A run, and a clock that goes on as its journal is written.
pub(crate) struct Journal {
    dir: TempDir,
    id: RunId,
    milliseconds: u64,
    lines: String,
}

impl Journal {
    pub(crate) fn new(database: &str) -> Self {
        let id: RunId = "20260301T220000Z-5ea1".parse().expect("an id");
        let dir = tempfile::tempdir().expect("a directory");
        let mut journal = Journal {
            dir,
            id,
            milliseconds: 0,
            lines: String::new(),
        };
        fs::create_dir_all(journal.folder()).expect("a folder");
        journal.write(What::RunStarted {
            run: journal.id.to_string(),
            database: database.to_owned(),
            pid: 4711,
            tool_version: "0.1.0".to_owned(),
        });
        journal
    }

    /// The state directory.
    pub(crate) fn directory(&self) -> &Path {
        self.dir.path()
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("runs").join(self.id.as_str())
    }

    /// The time as evidence says it.
    pub(crate) fn now(&self) -> String {
        let (seconds, rest) = (self.milliseconds / 1000, self.milliseconds % 1000);
        let (hours, minutes) = (22 + seconds / 3600, seconds / 60 % 60);
        format!(
            "2026-03-01T{hours:02}:{minutes:02}:{:02}.{rest:03}Z",
            seconds % 60
        )
    }

    pub(crate) fn pass(&mut self, milliseconds: u64) {
        self.milliseconds += milliseconds;
    }

    pub(crate) fn write(&mut self, what: What) {
        let time = self.now();
        let line = serde_json::to_string(&Entry { time, what }).expect("JSON");
        self.lines.push_str(&line);
        self.lines.push('\n');
    }

    pub(crate) fn evidence<T: Serialize>(&mut self, name: &str, evidence: &T) {
        let text = serde_json::to_vec_pretty(evidence).expect("JSON");
        fs::write(self.folder().join(format!("{name}.json")), text).expect("a file");
    }

    pub(crate) fn started(&mut self, step: Step) {
        self.write(What::StepStarted { step });
    }

    pub(crate) fn finished(&mut self, step: Step, summary: &str) {
        let summary = summary.to_owned();
        self.write(What::StepFinished { step, summary });
    }

    pub(crate) fn failed(&mut self, step: Step, reason: &str) {
        let reason = reason.to_owned();
        self.write(What::StepFailed { step, reason });
    }

    /// A step that goes well.
    pub(crate) fn step(&mut self, step: Step, milliseconds: u64, summary: &str) {
        self.started(step);
        self.pass(milliseconds);
        self.finished(step, summary);
    }

    pub(crate) fn script_started(&mut self, script: &Script<'_>) {
        self.write(What::MigrationStarted {
            step: script.step,
            version: script.version.to_owned(),
            name: script.name.to_owned(),
            direction: script.direction.to_owned(),
            statements: script.statements.len(),
            transaction: script.transaction,
            position: 1,
            of: 12,
        });
    }

    pub(crate) fn statement_started(&mut self, step: Step, statement: usize, of: usize) {
        self.write(What::StatementStarted {
            step,
            statement,
            of,
            line: statement * 4 - 3,
        });
    }

    /// A script that goes well.
    pub(crate) fn script(&mut self, script: &Script<'_>) {
        self.script_started(script);
        self.script_goes_on(script);
    }

    /// All that comes after the beginning of a script that goes well.
    pub(crate) fn script_goes_on(&mut self, script: &Script<'_>) {
        let (step, of) = (script.step, script.statements.len());
        let began = self.milliseconds;
        for (at, duration) in script.statements.iter().enumerate() {
            self.pass(3);
            self.statement_started(step, at + 1, of);
            self.pass(*duration);
            self.write(What::StatementFinished {
                step,
                statement: at + 1,
                of,
                duration_seconds: seconds(*duration),
            });
        }
        self.pass(4);
        self.write(What::MigrationFinished {
            step,
            version: script.version.to_owned(),
            name: script.name.to_owned(),
            direction: script.direction.to_owned(),
            duration_seconds: seconds(self.milliseconds - began),
        });
    }

    pub(crate) fn over(&mut self, outcome: Outcome, text: &str) {
        let text = text.to_owned();
        let next = None;
        self.write(What::RunFinished {
            outcome,
            text,
            next,
        });
    }

    /// The run as it is read.
    pub(crate) fn record(&self) -> RunRecord {
        fs::write(self.folder().join("run.jsonl"), &self.lines).expect("a file");
        RunState::read(self.directory(), &self.id).expect("a run")
    }
}

/// A script, and how long each of its statements takes, in milliseconds.
pub(crate) struct Script<'a> {
    pub(crate) step: Step,
    pub(crate) version: &'a str,
    pub(crate) name: &'a str,
    pub(crate) direction: &'a str,
    pub(crate) transaction: bool,
    pub(crate) statements: &'a [u64],
}

fn seconds(milliseconds: u64) -> f64 {
    std::time::Duration::from_millis(milliseconds).as_secs_f64()
}
