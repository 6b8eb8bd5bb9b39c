//! A list of jobs: `async-app add WHAT`, `async-app done ID`, `async-app list`.

use diesel::prelude::*;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

migrate_runtime::embed_migrations!();

diesel::table! {
    jobs (id) {
        id -> BigInt,
        what -> Text,
        done -> Bool,
    }
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("DATABASE_URL")?;
    let conn = &mut migrated(AsyncPgConnection::establish(&url).await?).await?;

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["add", what] => {
            let id: i64 = diesel::insert_into(jobs::table)
                .values(jobs::what.eq(what))
                .returning(jobs::id)
                .get_result(conn)
                .await?;
            println!("{id}");
        }
        ["done", id] => {
            diesel::update(jobs::table.find(id.parse::<i64>()?))
                .set(jobs::done.eq(true))
                .execute(conn)
                .await?;
        }
        ["list"] => {
            let open: Vec<(i64, String)> = jobs::table
                .filter(jobs::done.eq(false))
                .select((jobs::id, jobs::what))
                .order(jobs::id)
                .load(conn)
                .await?;
            for (id, what) in open {
                println!("{id} {what}");
            }
        }
        _ => return Err("usage: async-app add WHAT | done ID | list".into()),
    }
    Ok(())
}

/// Applies what is pending. Migrations run on a sync connection, so the async one is wrapped for as
/// long, on a thread that may block.
async fn migrated(conn: AsyncPgConnection) -> Result<AsyncPgConnection> {
    tokio::task::spawn_blocking(move || {
        let mut conn = AsyncConnectionWrapper::<_>::from(conn);
        for step in migrations::MIGRATIONS.run(&mut conn)?.steps {
            println!("applied {} {}", step.version, step.name);
        }
        Ok(conn.into_inner())
    })
    .await?
}
