use proptest::prelude::*;

use super::*;
use crate::listing::{Entry, EntryKind};

fn files(names: &[&str]) -> Vec<Entry> {
    names
        .iter()
        .map(|name| Entry {
            name: (*name).to_owned(),
            kind: EntryKind::File,
        })
        .collect()
}

fn up_only(names: &[&str]) -> (Option<Layout>, Vec<String>) {
    let grouped = group(&files(names), "");
    assert_eq!(grouped.diagnostics, [], "{names:?}");
    let title = |files: &MigrationFiles| format!("{} {}", files.version, files.name);
    (
        grouped.layout,
        grouped.migrations.iter().map(title).collect(),
    )
}

#[test]
fn names_are_cut_after_the_version() {
    for (names, layout, expected) in [
        (
            &["10_b.sql", "9_a.sql"][..],
            Layout::SingleFiles,
            &["9 a", "10 b"][..],
        ),
        (
            &["2026-01-31-120000_a_b c.sql"],
            Layout::SingleFiles,
            &["20260131120000 a_b c"],
        ),
        (
            &["1_add.thing.sql", "2_it's \"é\".sql"],
            Layout::SingleFiles,
            &["1 add.thing", "2 it's \"é\""],
        ),
        (&["1__a.sql"], Layout::SingleFiles, &["1 _a"]),
        (&["1_a.down.sql", "1_a.up.sql"], Layout::Pairs, &["1 a"]),
        (
            &["U1__a_b.sql", "V1__a_b.sql"],
            Layout::Prefixed,
            &["1 a_b"],
        ),
    ] {
        let expected = expected.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(up_only(names), (Some(layout), expected));
    }
}

proptest! {
    #[test]
    fn any_name_is_a_migration_or_a_finding(
        names in prop::collection::btree_set("[VUR]?[0-9\\-_.é]{0,5}(_a)?(\\.up|\\.dwn|\\.down)?(\\.sql|\\.rs|\\.SQL)?", 0..6),
        directory in any::<bool>(),
    ) {
        let entry = |name: &String| Entry {
            name: name.clone(),
            kind: if directory { EntryKind::Directory(files(&["up.sql"])) } else { EntryKind::File },
        };
        let grouped = group(&names.iter().map(entry).collect::<Vec<_>>(), "");
        let belongs = |name: &String| grouped.migrations.iter().any(|files| {
            let paths = [&files.up, &files.down].into_iter().flatten();
            paths.into_iter().any(|path| path.trim_end_matches("/up.sql") == name)
        });
        for name in &names {
            let found = grouped.diagnostics.iter().any(|f| f.path.as_ref() == Some(name));
            prop_assert!(belongs(name) || found, "{name}");
        }
        let versions: Vec<_> = grouped.migrations.iter().map(|files| &files.version).collect();
        prop_assert!(versions.is_sorted());
    }
}
