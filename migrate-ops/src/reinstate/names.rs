//! The names beside the database's own.

use migrate_core::Dialect;

use crate::connect::DatabaseUrl;

/// The database that the backup is restored into, and what the old one is called afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) beside: String,
    pub(super) kept: String,
}

impl Names {
    /// Names that no other run uses.
    pub(super) fn of(url: &DatabaseUrl, run: &str) -> Self {
        let database = url.database.as_deref().unwrap_or_default();
        let named = |word: &str| match url.dialect {
            Dialect::Sqlite => {
                let file = url.file().map(|file| file.display().to_string());
                format!("{}.{word}-{run}", file.unwrap_or_default())
            }
            dialect => {
                let suffix = format!("_{word}_{}", run.replace('-', "_").to_lowercase());
                // PostgreSQL has names of up to 63 bytes, MySQL and MariaDB of 64 characters.
                let room = match dialect {
                    Dialect::Postgres => {
                        database.floor_char_boundary(63_usize.saturating_sub(suffix.len()))
                    }
                    _ => database
                        .char_indices()
                        .nth(64_usize.saturating_sub(suffix.len()))
                        .map_or(database.len(), |(at, _)| at),
                };
                format!("{}{suffix}", database.get(..room).unwrap_or_default())
            }
        };
        Names {
            beside: named("restored"),
            kept: named("replaced"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_fit() {
        let run = "20260301T123456Z-9f3a";
        let of = |text: &str| Names::of(&DatabaseUrl::parse(text).unwrap(), run);
        assert_eq!(
            of("postgres://h/shop").kept,
            "shop_replaced_20260301t123456z_9f3a"
        );
        let long = "ä".repeat(63);
        let names = of(&format!("postgres://h/{long}"));
        assert!(names.beside.len() <= 63 && names.beside != names.kept);
        assert_eq!(of(&format!("mysql://h/{long}")).kept.chars().count(), 64);
        assert_eq!(
            of("sqlite:///var/app.db").beside,
            "/var/app.db.restored-20260301T123456Z-9f3a"
        );
    }
}
