//! Names and passwords that are out to do harm.

use migrate_core::visible;

use super::command::{Project, ran};

#[test]
fn names_are_shown_and_never_obeyed() {
    for name in [
        "a b",
        "it's",
        "\"quoted\"",
        "naïve 漢字 🙂",
        "semi;colon",
        "$(reboot)",
        "-dash",
        "--yes",
        "a'); DROP TABLE x; --",
    ] {
        let project = Project::new();
        let made = ran(&mut project.command_of(["new", "--version", "1", "--", name]));
        assert_eq!(made.code, Some(0), "{name}: {}", made.stderr);
        let up = format!("migrations/1_{name}/up.sql");
        project.write(&up, "CREATE TABLE x (id int);");
        project.write(&format!("migrations/1_{name}/down.sql"), "DROP TABLE x;");
        project.done("lock");
        let applied = project.done("up");
        assert!(
            applied.stderr.contains(&format!("1_{name}")),
            "{}",
            applied.stderr
        );
        assert!(project.done("status").stdout.contains(name));
        project.done("verify");
        project.done("redo");
        project.done("down");
    }
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let project = Project::new();
    let name = "a\u{1b}[31mred\u{202e}\u{200b}\u{2028}\u{feff}\nerror: spoofed\rwarning: spoofed";
    let dir = format!("1_{name}");
    let up = format!("migrations/{dir}/up.sql");
    project.migration(&dir, "CREATE TABLE x (id int);", "DROP TABLE x;");
    let check = |line: &str| {
        let ran = project.run(line);
        for text in [&ran.stdout, &ran.stderr] {
            let obeyed =
                |c: char| c != '\n' && c != visible(&c.to_string()).chars().next().unwrap();
            assert!(!text.contains(obeyed), "{line}: {text:?}");
            assert!(
                !text.lines().any(|line| line.starts_with("error: spoofed")),
                "{line}: {text}"
            );
        }
        format!("{}{}", ran.stdout, ran.stderr)
    };
    let shown =
        r"1_a\u{1b}[31mred\u{202e}\u{200b}\u{2028}\u{feff}\nerror: spoofed\rwarning: spoofed";
    for line in [
        "check",
        "up -v",
        "status",
        "redo",
        "verify",
        "lock",
        "down --all --yes",
    ] {
        check(line);
    }
    assert!(check("up").contains(shown));
    assert!(check("status").contains(&shown[2..]));
    // Wherever an error names it.
    check("redo --count 2 --yes");
    project.write(&up, "CREATE TABLE y (id int);");
    assert!(check("up").contains(shown), "edited");
    assert!(check("verify").contains(&shown[2..]));
    check("lock");
    project.write(
        &up,
        "-- migrate:no-transaction\n-- migrate:opaque\nINSERT INTO nowhere VALUES (1);",
    );
    let other = Project::new();
    other.migration(&dir, &project.read(&up), "SELECT 1;");
    let check = |line: &str| {
        let ran = other.run(line);
        let text = format!("{}{}", ran.stdout, ran.stderr);
        assert!(
            !text.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{2028}', '\r']),
            "{line}: {text:?}"
        );
        assert!(!text.contains("\nerror: spoofed"), "{line}: {text}");
        text
    };
    assert!(check("up").contains(&format!("next: correct migrations/{shown}/up.sql")));
    assert!(check("up").contains(shown), "unfinished");
    assert!(check("resume").contains(shown), "failed again");
    assert!(check("resume --abandon").contains(shown), "abandoned");
    other.write(&format!("migrations/{dir}/odd.txt"), "");
    assert!(check("check").contains(&format!("`{shown}/odd.txt` belongs to no migration")));
}

#[test]
fn new_refuses_what_is_no_name() {
    let project = Project::new();
    for name in [
        "",
        " ",
        "a/b",
        "..",
        "a\\b",
        "a\nb",
        "a.up",
        &"x".repeat(201),
    ] {
        let ran = ran(&mut project.command_of(["new", name]));
        assert_eq!(ran.code, Some(2), "{name:?}: {}", ran.stdout);
    }
    assert!(!project.join("migrations").exists());
}

#[test]
fn a_file_that_is_there_is_not_overwritten() {
    let project = Project::new();
    project.write("migrations/5_x/down.sql", "-- mine");
    let ran = project.run("new x --version 5");
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert_eq!(project.read("migrations/5_x/down.sql"), "-- mine");
    assert!(!project.join("migrations/5_x/up.sql").exists());
}

#[test]
fn a_password_is_never_printed() {
    let project = Project::bookshop();
    // Nobody listens on port 1, so that every one of these fails somewhere.
    let commands = [
        "up",
        "up -v",
        "status",
        "status --format json",
        "up --format json",
        "database create",
        "database drop --yes",
        "check",
        "verify",
    ];
    for scheme in ["postgres", "mysql"] {
        for password in [
            "hunter2",
            "hun%40ter2",
            "hunter2@x",
            "hunter2/x",
            "hunter2?x",
            "hunter2#x",
            "%zzhunter2",
            "hunter2:9",
        ] {
            for command in commands {
                let url = format!("{scheme}://user:{password}@127.0.0.1:1/db?password=hunter2");
                for by_flag in [true, false] {
                    let mut command = project.command(command);
                    match by_flag {
                        true => command.args(["--database", &url]),
                        false => command.env("DATABASE_URL", &url),
                    };
                    let ran = ran(&mut command);
                    let text = format!("{}{}", ran.stdout, ran.stderr);
                    assert!(
                        !text.contains("hunter2") && !text.contains("ter2"),
                        "{url}: {text}"
                    );
                }
            }
        }
    }
}

#[test]
fn odd_files_for_sqlite() {
    for file in [
        "a b.db",
        "q?.db",
        "per%cent.db",
        "hash#.db",
        "ünï.db",
        "it's.db",
    ] {
        let project = Project::bookshop();
        let up = ran(&mut project.command_of(["up", "--database", file]));
        assert_eq!(up.code, Some(0), "{file}: {}", up.stderr);
        assert!(project.join(file).exists(), "{file}");
        let drop = ran(&mut project.command_of(["database", "drop", "--yes", "--database", file]));
        assert_eq!(drop.code, Some(0), "{file}: {}", drop.stderr);
        assert!(!project.join(file).exists(), "{file}");
    }
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let project = Project::bookshop();
    project.done("up");
    let mut child = project.start(&mut project.command("status"));
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let project = Project::bookshop();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = project.command("up --dry-run");
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
