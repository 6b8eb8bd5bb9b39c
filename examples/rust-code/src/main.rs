//! Adds a person and lists all: `rust-code GIVEN-NAME FAMILY-NAME`.

use diesel::prelude::*;
use rust_code::migrations::MIGRATIONS;

diesel::table! {
    people (id) {
        id -> Integer,
        given_name -> Text,
        family_name -> Text,
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "people.db".to_owned());
    let mut conn = SqliteConnection::establish(&url)?;
    MIGRATIONS.run(&mut conn)?;
    let mut arguments = std::env::args().skip(1);
    if let (Some(given), Some(family)) = (arguments.next(), arguments.next()) {
        diesel::insert_into(people::table)
            .values((people::given_name.eq(given), people::family_name.eq(family)))
            .execute(&mut conn)?;
    }
    let names: Vec<(String, String)> = people::table
        .select((people::given_name, people::family_name))
        .order((people::family_name, people::given_name))
        .load(&mut conn)?;
    for (given, family) in names {
        println!("{given} {family}");
    }
    Ok(())
}
