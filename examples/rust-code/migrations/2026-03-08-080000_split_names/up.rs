//! Splits the names that there are, `Lovelace, Ada` and `Ada Lovelace` alike.

use diesel::connection::LoadConnection;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use migrate_runtime::CodeError;

// The table as it is at this version. The app's own schema goes on changing, this one does not.
diesel::table! {
    people (id) {
        id -> Integer,
        name -> Text,
        given_name -> Text,
        family_name -> Text,
    }
}

pub fn up<C: LoadConnection<Backend = Sqlite>>(conn: &mut C) -> Result<(), CodeError> {
    let names: Vec<(i32, String)> = people::table
        .select((people::id, people::name))
        .load(conn)?;
    for (id, name) in names {
        let (given, family) = split(&name);
        diesel::update(people::table.find(id))
            .set((
                people::given_name.eq(given.trim()),
                people::family_name.eq(family.trim()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

fn split(name: &str) -> (&str, &str) {
    match name.split_once(',') {
        Some((family, given)) => (given, family),
        None => name.rsplit_once(' ').unwrap_or((name, "")),
    }
}
