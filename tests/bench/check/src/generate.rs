//! A set of migrations as an application has them after years: tables that reference each other,
//! columns that come, change and go, indexes, views, triggers, rows.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use migrate_core::Dialect;

/// Writes a set of that many migrations, each with its way back.
pub(crate) fn set(dialect: Dialect, count: usize, directory: &Path) {
    let directory = directory.join("migrations");
    for number in 0..count {
        let folder = directory.join(format!("{:06}_step", number + 1));
        let (up, down) = Writer { dialect }.migration(number);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("up.sql"), up).expect("a file");
        fs::write(folder.join("down.sql"), down).expect("a file");
    }
}

struct Writer {
    dialect: Dialect,
}

impl Writer {
    /// The scripts of a migration. Ten make a module of the application, with two tables.
    fn migration(&self, number: usize) -> (String, String) {
        let module = number / 10;
        let (orders, tags) = (format!("orders_{module}"), format!("orders_{module}_tags"));
        match number % 10 {
            0 => self.orders(module),
            1 => self.add_column(&orders),
            2 => self.rows(&orders),
            3 => self.tags(&orders, &tags),
            4 => self.backfill(&orders),
            5 => self.view(&orders, &tags),
            6 => self.rename_column(&orders),
            7 => self.trigger(&orders, &tags),
            8 => self.check(&orders),
            _ => self.indexes(&orders, &tags),
        }
    }

    fn key(&self) -> &'static str {
        match self.dialect {
            Dialect::Postgres => "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            Dialect::Mysql => "id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY",
            _ => "id integer PRIMARY KEY NOT NULL",
        }
    }

    fn time(&self) -> &'static str {
        match self.dialect {
            Dialect::Postgres => "timestamptz NOT NULL DEFAULT now()",
            _ => "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP",
        }
    }

    fn orders(&self, module: usize) -> (String, String) {
        let mut up = format!(
            "-- The orders of a module.\nCREATE TABLE orders_{module} (\n    {},\n",
            self.key()
        );
        up.push_str("    customer varchar(100) NOT NULL,\n    email varchar(255),\n");
        up.push_str("    amount numeric(10, 2) NOT NULL DEFAULT 0,\n    note text,\n");
        up.push_str("    state varchar(20) NOT NULL DEFAULT 'new',\n");
        let _ = writeln!(up, "    created_at {},", self.time());
        let _ = writeln!(up, "    updated_at {},", self.time());
        up.push_str("    previous_id bigint,\n");
        if let Some(before) = module.checked_sub(1) {
            let _ = writeln!(
                up,
                "    CONSTRAINT orders_{module}_previous FOREIGN KEY (previous_id) REFERENCES orders_{before} (id) ON DELETE CASCADE,"
            );
        }
        let _ = writeln!(
            up,
            "    CONSTRAINT orders_{module}_email_key UNIQUE (email)\n);"
        );
        let _ = writeln!(
            up,
            "CREATE INDEX orders_{module}_state ON orders_{module} (state, created_at);"
        );
        (up, format!("DROP TABLE orders_{module};\n"))
    }

    fn add_column(&self, table: &str) -> (String, String) {
        let up = format!(
            "ALTER TABLE {table} ADD COLUMN phone varchar(40);\nCREATE INDEX {table}_phone ON {table} (phone);\n"
        );
        let index = match self.dialect {
            Dialect::Mysql => format!("DROP INDEX {table}_phone ON {table};\n"),
            _ => format!("DROP INDEX {table}_phone;\n"),
        };
        (
            up,
            format!("{index}ALTER TABLE {table} DROP COLUMN phone;\n"),
        )
    }

    fn rows(&self, table: &str) -> (String, String) {
        let up = format!(
            "INSERT INTO {table} (customer, email, amount, note) VALUES\n    ('one', 'one@example.org', 12.5, 'it''s the first'),\n    ('two', 'two@example.org', 1, NULL),\n    ('three', NULL, 0, 'a ; in a text');\n"
        );
        let down = format!("DELETE FROM {table} WHERE customer IN ('one', 'two', 'three');\n");
        (up, down)
    }

    fn tags(&self, orders: &str, tags: &str) -> (String, String) {
        let up = format!(
            "CREATE TABLE {tags} (\n    order_id bigint NOT NULL,\n    tag varchar(50) NOT NULL,\n    weight integer NOT NULL DEFAULT 1,\n    PRIMARY KEY (order_id, tag),\n    FOREIGN KEY (order_id) REFERENCES {orders} (id) ON DELETE CASCADE\n);\n"
        );
        (up, format!("DROP TABLE {tags};\n"))
    }

    fn backfill(&self, table: &str) -> (String, String) {
        let up = format!(
            "ALTER TABLE {table} ADD COLUMN contact varchar(255);\nUPDATE {table} SET contact = coalesce(email, phone, 'nobody') WHERE contact IS NULL AND amount >= 0;\n"
        );
        (up, format!("ALTER TABLE {table} DROP COLUMN contact;\n"))
    }

    fn view(&self, orders: &str, tags: &str) -> (String, String) {
        let up = format!(
            "CREATE VIEW {orders}_summary AS\nSELECT o.id, o.customer, o.amount, count(t.tag) AS tags, sum(t.weight) AS weight\nFROM {orders} o\nLEFT JOIN {tags} t ON t.order_id = o.id\nWHERE o.amount > 0\nGROUP BY o.id, o.customer, o.amount;\n"
        );
        (up, format!("DROP VIEW {orders}_summary;\n"))
    }

    fn rename_column(&self, table: &str) -> (String, String) {
        let rename = |from, to| format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to};\n");
        (rename("note", "remark"), rename("remark", "note"))
    }

    fn trigger(&self, orders: &str, tags: &str) -> (String, String) {
        let touch =
            format!("UPDATE {orders} SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.order_id;");
        match self.dialect {
            Dialect::Postgres => (
                format!(
                    "CREATE FUNCTION {orders}_touch() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n    {touch}\n    RETURN NEW;\nEND\n$$;\nCREATE TRIGGER {tags}_touch AFTER INSERT ON {tags} FOR EACH ROW EXECUTE FUNCTION {orders}_touch();\n"
                ),
                format!("DROP TRIGGER {tags}_touch ON {tags};\nDROP FUNCTION {orders}_touch();\n"),
            ),
            Dialect::Mysql => (
                format!(
                    "CREATE TRIGGER {tags}_touch AFTER INSERT ON {tags} FOR EACH ROW\n    {touch}\n"
                ),
                format!("DROP TRIGGER {tags}_touch;\n"),
            ),
            _ => (
                format!(
                    "CREATE TRIGGER {tags}_touch AFTER INSERT ON {tags} BEGIN\n    {touch}\nEND;\n"
                ),
                format!("DROP TRIGGER {tags}_touch;\n"),
            ),
        }
    }

    /// SQLite adds no constraint to a table: it is made anew.
    fn check(&self, table: &str) -> (String, String) {
        if self.dialect != Dialect::Sqlite {
            let name = format!("{table}_amount");
            return (
                format!("ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (amount >= 0);\n"),
                format!("ALTER TABLE {table} DROP CONSTRAINT {name};\n"),
            );
        }
        let rebuilt = |check| {
            format!(
                "CREATE TABLE new_settings (\n    id integer PRIMARY KEY NOT NULL,\n    name text NOT NULL,\n    value integer{check}\n);\nDROP TABLE IF EXISTS {table}_settings;\nALTER TABLE new_settings RENAME TO {table}_settings;\n"
            )
        };
        (
            rebuilt(" CHECK (value >= 0)"),
            format!("DROP TABLE {table}_settings;\n"),
        )
    }

    fn indexes(&self, orders: &str, tags: &str) -> (String, String) {
        let up = format!(
            "CREATE INDEX {orders}_customer ON {orders} (customer);\nCREATE UNIQUE INDEX {tags}_tag ON {tags} (tag, order_id);\n"
        );
        let down = match self.dialect {
            Dialect::Mysql => format!(
                "DROP INDEX {tags}_tag ON {tags};\nDROP INDEX {orders}_customer ON {orders};\n"
            ),
            _ => format!("DROP INDEX {tags}_tag;\nDROP INDEX {orders}_customer;\n"),
        };
        (up, down)
    }
}
