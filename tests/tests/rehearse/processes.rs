//! Processes, as the system tells of them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Every process that runs: its id, its parent's, its user's, and its command line.
pub(crate) fn all() -> Vec<(u32, u32, u32, String)> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let status = fs::read_to_string(entry.path().join("status")).ok()?;
            let field = |name: &str| -> Option<String> {
                let line = status.lines().find(|line| line.starts_with(name))?;
                Some(line.split_whitespace().nth(1)?.to_owned())
            };
            let command = fs::read(entry.path().join("cmdline")).ok()?;
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            // One that has ended and that nobody has asked about runs no longer.
            if field("State:")? == "Z" {
                return None;
            }
            let parent = field("PPid:")?.parse().ok()?;
            Some((pid, parent, field("Uid:")?.parse().ok()?, command))
        })
        .collect()
}

/// The processes whose command line names a folder: the server and its guard, while it runs.
pub(crate) fn of_folder(folder: &Path) -> Vec<(u32, u32, u32, String)> {
    let name = folder.to_str().unwrap();
    let mut found = all();
    found.retain(|(_, _, _, command)| command.contains(name));
    found
}

pub(crate) fn kill9(pid: u32) {
    let status = Command::new("sh")
        .args(["-c", "kill -KILL \"$0\""])
        .arg(pid.to_string())
        .status();
    assert!(status.unwrap().success(), "{pid} runs");
}

/// Waits until something is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
