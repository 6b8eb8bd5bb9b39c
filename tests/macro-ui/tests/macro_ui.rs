//! What the compiler says about mistakes: one mistake a case.
//!
//! The cases are compiled in a package of their own, whose directory gets copies of `ui/migrations`
//! and `ui/schemas`, and a `migrate.toml`. After an intended change run with `TRYBUILD=overwrite` and read every
//! message that changed.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use migrate_core::config::Config;
use migrate_core::lockfile::{self, LockFile};
use migrate_core::project::{self, Loaded};
use migrate_core::{Dialect, rule};

/// Where the cases are compiled: the manifest directory that the macro sees.
fn package() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    target.join("tests/trybuild").join(env!("CARGO_PKG_NAME"))
}

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Copies the migrations, and adds what cannot be committed.
fn prepare() {
    let migrations = package().join("migrations");
    let _ = fs::remove_dir_all(&migrations);
    // A run that did not come to its end has left one.
    let _ = fs::remove_file(package().join("migrate.toml"));
    copy(&ui().join("migrations"), &migrations);
    copy(&ui().join("schemas"), &package().join("schemas"));
    fs::create_dir(migrations.join("empty-directory")).unwrap();
    fs::write(migrations.join("directory-is-file"), "").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        "nowhere.sql",
        migrations.join("dangling-link/1_users/verify.sql"),
    )
    .unwrap();
}

fn load(dir: &Path, dialect: Dialect) -> Loaded {
    let mut config = Config::of_crate(&package()).unwrap().top();
    config.dir = dir.to_owned();
    config.dialect = Some(dialect);
    let loaded = project::load(&config).unwrap();
    assert!(!loaded.has_errors());
    loaded
}

/// Writes a `migrate.lock` that has everything in a directory as a draft.
fn draft(dir: &Path) {
    let loaded = load(dir, Dialect::Postgres);
    let mut lock = LockFile::new(loaded.basis, Vec::new());
    for migration in loaded.set.migrations() {
        lock.add_draft(migration.version.clone(), &migration.name);
    }
    lock.write(&loaded.lock_path).unwrap();
}

/// Freezes what lies in a directory, in a `migrate.lock` beside it.
fn freeze(dir: &Path) -> PathBuf {
    let loaded = load(dir, Dialect::Sqlite);
    let update = lockfile::update(None, &loaded.set, loaded.basis, &[]).unwrap();
    update.lock.write(&loaded.lock_path).unwrap();
    loaded.lock_path
}

/// Lock files, and what happens to them and to the scripts that they vouch for.
fn prepare_lock_files() {
    let migrations = package().join("migrations");
    let freeze = |case: &str| freeze(&migrations.join(case));
    let edit = |path: &Path, change: &dyn Fn(String) -> String| {
        fs::write(path, change(fs::read_to_string(path).unwrap())).unwrap();
    };

    freeze("edited-frozen");
    edit(&migrations.join("edited-frozen/1_users/up.sql"), &|sql| {
        sql.replace("integer", "bigint")
    });
    freeze("edited-frozen-down");
    edit(
        &migrations.join("edited-frozen-down/1_users/down.sql"),
        &|sql| sql.replace(";", " ;\nSELECT 1;"),
    );
    freeze("not-in-lock");
    let comments = migrations.join("not-in-lock/3_comments");
    copy(&migrations.join("not-in-lock/2_posts"), &comments);
    for script in ["up.sql", "down.sql"] {
        edit(&comments.join(script), &|sql| {
            sql.replace("posts", "comments")
        });
    }
    freeze("lock-without-file");
    fs::remove_dir_all(migrations.join("lock-without-file/2_posts")).unwrap();
    let line_of_posts = |lock: &str| lock.lines().last().unwrap().to_owned();
    edit(&freeze("lock-conflict"), &|lock| {
        let ours = line_of_posts(&lock);
        let theirs = ours.replace("posts", "tags");
        lock.replace(
            &ours,
            &format!("<<<<<<< HEAD\n{ours}\n=======\n{theirs}\n>>>>>>> other"),
        )
    });
    // Digests of zeros, because the right ones change with the checks.
    edit(&freeze("lock-tampered"), &|lock| {
        let (head, lines) = lock.split_once('\n').unwrap();
        let zeros = |word: &str| {
            if word.len() == 64 {
                "0".repeat(64)
            } else {
                word.to_owned()
            }
        };
        let head: Vec<String> = head.split(' ').map(zeros).collect();
        format!("{}\n{lines}", head.join(" "))
    });
    draft(&migrations.join("raised-draft"));
    edit(&freeze("lock-garbage"), &|_| {
        "These are our migrations.\n".to_owned()
    });
}

fn run(config: &Path, cases: &Path) {
    fs::copy(config, package().join("migrate.toml")).unwrap();
    trybuild::TestCases::new().compile_fail(cases);
}

/// One test, because all cases share the package.
#[test]
fn every_mistake_is_explained() {
    fs::create_dir_all(package()).unwrap();
    prepare();
    prepare_lock_files();
    run(&ui().join("migrate.toml"), Path::new("ui/fail/*.rs"));
    let mut configurations: Vec<PathBuf> = fs::read_dir(ui().join("config"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    configurations.sort();
    for case in configurations {
        let name = Path::new("ui/config")
            .join(case.file_name().unwrap())
            .join("*.rs");
        run(&case.join("migrate.toml"), &name);
    }
    fs::remove_file(package().join("migrate.toml")).unwrap();
}

/// What the compiler says about every rule has been read by somebody.
#[test]
fn every_rule_has_a_case() {
    let mut folders = vec![ui().join("fail"), ui().join("config")];
    let mut said = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "stderr") {
                said.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let missing: Vec<&str> = rule::ALL
        .iter()
        .map(|rule| rule.code)
        .filter(|code| !said.contains(&format!("[{code}]\n")))
        .collect();
    assert!(
        missing.is_empty(),
        "no case in tests/macro-ui/ui: {missing:?}"
    );
}
