//! Puts a backup in the place of its database and kills itself, as the kernel would, when it is told of a step.
//!
//! `restorer PROJECT BACKUP STEP`, with the database's URL in `DATABASE_URL`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a worker that cannot go on is a failed test"
)]

use std::path::Path;
use std::process::Command;

use migrate_ops::event::{Event, Listener, Step};
use migrate_tests::reinstating::put_back;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [project, backup, step] = arguments.as_slice() else {
        panic!("usage: restorer PROJECT BACKUP STEP");
    };
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
    let mut killer = Killer { step };
    put_back(Path::new(project), &url, backup, &mut killer);
}

struct Killer<'a> {
    step: &'a str,
}

impl Listener for Killer<'_> {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Progress {
            step: Step::Restore,
            text,
            ..
        } = event
            && text.starts_with(self.step)
        {
            let me = std::process::id().to_string();
            let killed = Command::new("kill").args(["-9", &me]).status();
            panic!("still alive: {killed:?}");
        }
    }
}
