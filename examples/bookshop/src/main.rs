//! A bookshop: `bookshop add AUTHOR TITLE CENTS` and `bookshop list`.

mod schema;

use diesel::prelude::*;

use schema::{authors, books};

// The files in `migrations/`, checked while this program is compiled.
migrate_runtime::embed_migrations!();

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let file = std::env::var("BOOKSHOP_DB").unwrap_or_else(|_| "bookshop.db".to_owned());
    let mut conn = SqliteConnection::establish(&file)?;

    // Whatever version the database is at, from here on it is at ours.
    let report = migrations::MIGRATIONS.run(&mut conn)?;
    for step in &report.steps {
        println!("applied {} {}", step.version, step.name);
    }

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["add", author, title, price] => add(&mut conn, author, title, price.parse()?),
        ["list"] => list(&mut conn),
        _ => Err("usage: bookshop add AUTHOR TITLE CENTS | bookshop list".into()),
    }
}

fn add(conn: &mut SqliteConnection, author: &str, title: &str, price: i32) -> Result<()> {
    conn.transaction(|conn| {
        diesel::insert_or_ignore_into(authors::table)
            .values(authors::name.eq(author))
            .execute(conn)?;
        let author_id: i32 = authors::table
            .filter(authors::name.eq(author))
            .select(authors::id)
            .first(conn)?;
        diesel::insert_into(books::table)
            .values((
                books::author_id.eq(author_id),
                books::title.eq(title),
                books::price.eq(price),
            ))
            .execute(conn)?;
        Ok(())
    })
}

fn list(conn: &mut SqliteConnection) -> Result<()> {
    let rows: Vec<(String, String, i32)> = books::table
        .inner_join(authors::table)
        .select((authors::name, books::title, books::price))
        .order((authors::name, books::title))
        .load(conn)?;
    for (author, title, price) in rows {
        println!("{author}: {title}, {}.{:02}", price / 100, price % 100);
    }
    Ok(())
}
