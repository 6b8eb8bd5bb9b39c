use super::database::output_of;
use super::{Database, Engine};

/// The beginnings of the names of tables that migration tools keep for themselves: ours and diesel's.
pub const MIGRATION_TABLES: &[&str] = &["_migrate_", "__diesel_"];

impl Database {
    /// The schema as the engine's own tool writes it (`pg_dump`, `mariadb-dump`, `sqlite_schema`),
    /// without tables whose names begin with one of `excluded` and without what differs between
    /// two dumps of the same schema. Equal schemas give equal text.
    ///
    /// # Panics
    /// Where the tool fails.
    #[must_use]
    pub fn schema_dump(&self, excluded: &[&str]) -> String {
        let dump = match self.engine() {
            Engine::Postgres => self.dump_postgres(excluded),
            Engine::Mariadb => self.dump_mariadb(excluded),
            Engine::Sqlite => self.dump_sqlite(excluded),
        };
        dump.unwrap_or_else(|error| panic!("the schema cannot be dumped: {error}"))
    }

    fn dump_postgres(&self, excluded: &[&str]) -> Result<String, String> {
        let mut command = self.program("pg_dump");
        command.args(["--schema-only", "--no-password", "--encoding=UTF8"]);
        command.arg("-d").arg(self.url.text_without_password());
        for beginning in excluded {
            // Quotes keep the letters' case; the star stands for the rest of the name.
            command.arg(format!(
                "--exclude-table=*.{}*",
                self.engine().quote_name(beginning)
            ));
        }
        Ok(without_postgres_noise(&output_of(&mut command)?))
    }

    fn dump_mariadb(&self, excluded: &[&str]) -> Result<String, String> {
        let mut command = self.program("mariadb-dump");
        command.args([
            "--no-data",
            "--routines",
            "--events",
            "--triggers",
            "--skip-comments",
        ]);
        for table in self.tables_beginning(excluded)?.lines() {
            command.arg(format!("--ignore-table={}.{table}", self.name()));
        }
        command.arg("--").arg(self.name());
        Ok(without_counters(&output_of(&mut command)?))
    }

    fn tables_beginning(&self, excluded: &[&str]) -> Result<String, String> {
        let text = |text: &&str| self.engine().quote_text(text);
        let conditions: Vec<String> = (excluded.iter().map(text))
            .map(|beginning| format!("LEFT(table_name, CHAR_LENGTH({beginning})) = {beginning}"))
            .collect();
        if conditions.is_empty() {
            return Ok(String::new());
        }
        self.try_sql(&format!(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND ({})",
            conditions.join(" OR ")
        ))
    }

    fn dump_sqlite(&self, excluded: &[&str]) -> Result<String, String> {
        // sqlite_ is what SQLite itself keeps: sqlite_sequence, sqlite_stat1.
        let conditions: Vec<String> = (excluded.iter().chain(&["sqlite_"]))
            .map(|beginning| self.engine().quote_text(beginning))
            .map(|beginning| format!("substr(tbl_name, 1, length({beginning})) <> {beginning}"))
            .collect();
        self.try_sql(&format!(
            "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND {} ORDER BY type, name",
            conditions.join(" AND ")
        ))
    }
}

/// Takes out versions and the random key of `\restrict` (`PostgreSQL` 15.14 and later).
fn without_postgres_noise(dump: &str) -> String {
    const NOISE: [&str; 4] = [
        "\\restrict ",
        "\\unrestrict ",
        "-- Dumped from ",
        "-- Dumped by ",
    ];
    let lines = dump
        .lines()
        .filter(|line| !NOISE.iter().any(|noise| line.starts_with(noise)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Takes out the next value of AUTO_INCREMENT, which is data and not schema.
fn without_counters(dump: &str) -> String {
    const COUNTER: &str = " AUTO_INCREMENT=";
    let line = |line: &str| match line.split_once(COUNTER) {
        Some((before, after)) if line.starts_with(") ENGINE=") => {
            before.to_owned() + after.trim_start_matches(|c: char| c.is_ascii_digit())
        }
        _ => line.to_owned(),
    };
    dump.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_go_and_the_rest_stays() {
        let dump = "  `n` int DEFAULT ' AUTO_INCREMENT=5',\n) ENGINE=InnoDB AUTO_INCREMENT=42 CHARSET=utf8mb4;";
        let without = without_counters(dump);
        assert_eq!(
            without,
            "  `n` int DEFAULT ' AUTO_INCREMENT=5',\n) ENGINE=InnoDB CHARSET=utf8mb4;"
        );
    }
}
