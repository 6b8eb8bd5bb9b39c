//! Counts visits in whichever database the URL names: `three-databases URL VISITOR`.

use diesel::prelude::*;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection};

// The three sets of `migrate.toml`, all checked at compile time.
migrate_runtime::embed_migrations!(set = "postgres", mod = postgres);
migrate_runtime::embed_migrations!(set = "mysql", mod = mysql);
migrate_runtime::embed_migrations!(set = "sqlite", mod = sqlite);

diesel::table! {
    visits (id) {
        id -> BigInt,
        visitor -> Text,
    }
}

#[expect(clippy::large_enum_variant, reason = "there is only one")]
enum AnyConnection {
    Postgres(AsyncConnectionWrapper<AsyncPgConnection>),
    Mysql(AsyncConnectionWrapper<AsyncMysqlConnection>),
    Sqlite(SqliteConnection),
}

/// The same code for every kind of connection; diesel writes the SQL of its database.
macro_rules! on {
    ($any:expr, $conn:ident => $code:expr) => {
        match &mut $any {
            AnyConnection::Postgres($conn) => $code,
            AnyConnection::Mysql($conn) => $code,
            AnyConnection::Sqlite($conn) => $code,
        }
    };
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(visitor)) = (arguments.next(), arguments.next()) else {
        return Err("usage: three-databases URL VISITOR".into());
    };
    let mut any = connect(&url)?;
    migrate(&mut any)?;
    let count: i64 = on!(any, conn => {
        diesel::insert_into(visits::table)
            .values(visits::visitor.eq(&visitor))
            .execute(conn)?;
        visits::table
            .filter(visits::visitor.eq(&visitor))
            .count()
            .get_result(conn)?
    });
    println!("visits of {visitor}: {count}");
    Ok(())
}

fn connect(url: &str) -> Result<AnyConnection> {
    Ok(match url.split_once("://") {
        Some(("postgres" | "postgresql", _)) => {
            AnyConnection::Postgres(AsyncConnectionWrapper::establish(url)?)
        }
        Some(("mysql", _)) => AnyConnection::Mysql(AsyncConnectionWrapper::establish(url)?),
        Some(("sqlite", file)) => AnyConnection::Sqlite(SqliteConnection::establish(file)?),
        _ => return Err("the URL begins with postgres://, mysql:// or sqlite://".into()),
    })
}

/// Each set fits one kind of connection only: to mix them up does not compile.
fn migrate(any: &mut AnyConnection) -> Result<()> {
    let report = match any {
        AnyConnection::Postgres(conn) => postgres::MIGRATIONS.run(conn)?,
        AnyConnection::Mysql(conn) => mysql::MIGRATIONS.run(conn)?,
        AnyConnection::Sqlite(conn) => sqlite::MIGRATIONS.run(conn)?,
    };
    for step in report.steps {
        println!("applied {} {}", step.version, step.name);
    }
    Ok(())
}
