use std::ops::Range;

use migrate_core::{Direction, Hasher};

use super::{Class, MutableSet, SetScript};

/// A set with a mistake in it.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The mistake.
    pub class: Class,
    /// What is different, ordered by migration. Of a swap both migrations, else one script.
    pub edits: Vec<Edit>,
    /// What was done, for a reader: `users → usres`.
    pub what: String,
    /// The line of the first edit, from 1.
    pub line: usize,
}

/// A script with other bytes in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The index of the migration in its set.
    pub migration: usize,
    /// The script.
    pub direction: Direction,
    /// The bytes of the script that are replaced.
    pub range: Range<usize>,
    /// What stands there instead.
    pub with: String,
}

impl Mutant {
    /// The index of the first migration that is different.
    #[must_use]
    pub fn first(&self) -> usize {
        self.edits.first().map_or(0, |edit| edit.migration)
    }

    /// The place of the first byte that is different, to go through a set from its beginning.
    #[must_use]
    pub fn order(&self) -> (usize, Direction, usize) {
        let first = self.edits.first();
        first.map_or((0, Direction::Up, 0), |edit| {
            (edit.migration, edit.direction, edit.range.start)
        })
    }

    /// The index of the last migration that is different.
    #[must_use]
    pub fn last(&self) -> usize {
        self.edits.last().map_or(0, |edit| edit.migration)
    }

    /// The script of a migration and a direction in the set with the mistake.
    #[must_use]
    pub fn script(
        &self,
        set: &MutableSet,
        migration: usize,
        direction: Direction,
    ) -> Option<SetScript> {
        let mut script = set.script(migration, direction)?.clone();
        let edit = (self.edits.iter())
            .find(|edit| edit.migration == migration && edit.direction == direction);
        if let Some(edit) = edit {
            script.text.replace_range(edit.range.clone(), &edit.with);
        }
        Some(script)
    }

    /// Where it is: `0001_Initial_Schema.up.sql:12`.
    #[must_use]
    pub fn place(&self, set: &MutableSet) -> String {
        let script =
            (self.edits.first()).and_then(|edit| set.script(edit.migration, edit.direction));
        let path = script.map(|script| script.path.display().to_string());
        format!("{}:{}", path.unwrap_or_default(), self.line)
    }

    /// A digest of the edits. The mutants of a class are taken in its order, which has nothing to do
    /// with their order in the scripts.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = Hasher::new();
        for edit in &self.edits {
            hasher.part(edit.migration.to_string().as_bytes());
            hasher.part(edit.direction.name().as_bytes());
            hasher.part(format!("{:?}", edit.range).as_bytes());
            hasher.part(edit.with.as_bytes());
        }
        hasher.checksum().to_string()
    }
}
