//! Which server the migrations are for.

use std::fmt;
use std::str::FromStr;

use crate::dialect::Dialect;

/// A database product that is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Product {
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    Mysql,
    /// MariaDB.
    Mariadb,
    /// SQLite.
    Sqlite,
}

impl Product {
    /// The name in `migrate.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Product::Postgres => "postgres",
            Product::Mysql => "mysql",
            Product::Mariadb => "mariadb",
            Product::Sqlite => "sqlite",
        }
    }

    /// The dialect of its SQL.
    pub const fn dialect(self) -> Dialect {
        match self {
            Product::Postgres => Dialect::Postgres,
            Product::Mysql | Product::Mariadb => Dialect::Mysql,
            Product::Sqlite => Dialect::Sqlite,
        }
    }
}

/// The oldest server that the migrations have to run on.
///
/// ```
/// use migrate_core::config::{Product, ServerVersion};
/// let server: ServerVersion = "mariadb 10.11".parse().unwrap();
/// assert_eq!((server.product, server.version), (Product::Mariadb, [10, 11, 0]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerVersion {
    /// What it is.
    pub product: Product,
    /// Major, minor and patch; 0 where not given.
    pub version: [u32; 3],
}

/// The text names no server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a server; write a product and a version, as in `postgres 15`, `mysql 8.0`, `mariadb 10.11` or `sqlite 3.40`"
)]
pub struct BadServer(pub String);

impl FromStr for ServerVersion {
    type Err = BadServer;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadServer(text.to_owned());
        let (product, version) = text
            .trim()
            .split_once(char::is_whitespace)
            .ok_or_else(bad)?;
        let product = match product.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" => Product::Postgres,
            "mysql" => Product::Mysql,
            "mariadb" => Product::Mariadb,
            "sqlite" | "sqlite3" => Product::Sqlite,
            _ => return Err(bad()),
        };
        let mut parts = version.trim().split('.');
        let mut numbers = [0; 3];
        for (number, part) in numbers.iter_mut().zip(&mut parts) {
            *number = part.parse().map_err(|_| bad())?;
        }
        if parts.next().is_some() {
            return Err(bad());
        }
        Ok(ServerVersion {
            product,
            version: numbers,
        })
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.version;
        write!(f, "{} {major}.{minor}.{patch}", self.product.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_and_bad() {
        let read = |text: &str| text.parse::<ServerVersion>();
        assert_eq!(
            read("PostgreSQL  15.4").unwrap().to_string(),
            "postgres 15.4.0"
        );
        assert_eq!(read("sqlite 3.40.1").unwrap().version, [3, 40, 1]);
        for text in [
            "",
            "postgres",
            "postgres x",
            "postgres -1",
            "oracle 19",
            "mysql 8.0.1.2",
            "mysql 8.",
        ] {
            assert_eq!(read(text), Err(BadServer(text.to_owned())));
        }
    }
}
