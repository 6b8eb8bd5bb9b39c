//! PostgreSQL: nobody may connect (`ALLOW_CONNECTIONS false`), whoever is connected is disconnected,
//! and two databases change names in one transaction.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::{Connection, SimpleConnection, TransactionManager};
use diesel::pg::Pg;
use migrate_core::Dialect;

use super::Ground;
use crate::backup::engine::postgres::{exists, maintenance};
use crate::connect::Engine;
use crate::reinstate::error::ReinstateError;
use crate::reinstate::evidence::Fence;

type PgConnection = <Pg as Engine>::Connection;
type Manager = <PgConnection as Connection>::TransactionManager;

/// How long sessions of others may take to end.
const ENDING: Duration = Duration::from_secs(15);
/// How long a server that went away may take to come back, when the fence is to be lifted.
const COMES_BACK: Duration = Duration::from_secs(20);

/// Settings whose text is a list of names, which SET takes apart.
const LISTS: [&str; 5] = [
    "search_path",
    "temp_tablespaces",
    "local_preload_libraries",
    "session_preload_libraries",
    "shared_preload_libraries",
];

/// The one session that is left in the database, and one beside it.
pub struct Held {
    inside: PgConnection,
    beside: PgConnection,
}

impl super::Reinstate for Pg {
    type Held = Held;

    fn obstacles(ground: &Ground<'_, Self>) -> Result<Vec<String>, ReinstateError> {
        let mut conn = ground.place.connect()?;
        let mut second = ground.place.connect()?;
        let mut found = Vec::new();
        if Pg::session_lock_fails(&mut conn, &mut second)
            .map_err(ground.refuses("to tell its sessions"))?
        {
            found.push(
                "a transaction pooler stands before the server, through which no session can be kept; give the \
                 server's own address"
                    .to_owned(),
            );
            return Ok(found);
        }
        // Both outlive a change of names, and belong to the old database then.
        found.extend(ground.column(
            &mut conn,
            "to tell what holds on to it",
            "SELECT format('the replication slot %s reads this database, and would go on with the old one', slot_name) \
             FROM pg_replication_slots WHERE database = current_database() \
             UNION ALL SELECT format('the subscription %s fills this database', subname) FROM pg_subscription s \
             JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database() \
             UNION ALL SELECT format('the prepared transaction %s is open in this database', gid) \
             FROM pg_prepared_xacts WHERE database = current_database()",
        )?);
        found.extend(ground.column(
            &mut conn,
            "to tell the rights",
            "SELECT m FROM pg_roles r JOIN pg_database d ON d.datname = current_database(), \
             LATERAL (VALUES (NOT r.rolsuper AND NOT r.rolcreatedb, 'the user may not make databases (CREATEDB), and so \
             not rename them'), (NOT pg_has_role(d.datdba, 'USAGE'), 'the user does not own the database'), \
             (NOT pg_has_role('pg_signal_backend', 'USAGE'), 'the user may not end the sessions of others \
             (pg_signal_backend)')) v (bad, m) WHERE r.rolname = current_user AND bad",
        )?);
        maintenance(&ground.place)?;
        Ok(found)
    }

    fn fence(ground: &Ground<'_, Self>) -> Result<(Held, Fence), ReinstateError> {
        let mut held = Held {
            inside: ground.place.connect()?,
            beside: maintenance(&ground.place)?,
        };
        let own = ground.column(
            &mut held.inside,
            "to tell its session",
            "SELECT pg_backend_pid()::text",
        )?;
        let own = own.into_iter().next().unwrap_or_default();
        allow(ground, &mut held.beside, ground.database(), false)?;
        let sessions_ended = end_sessions(ground, &mut held.beside, &own)?;
        let fence = Fence {
            how: "the database refuses connections (ALLOW_CONNECTIONS false), also those of superusers, and all \
                  other sessions were ended"
                .to_owned(),
            holes: vec![
                "a superuser who allows connections again, and background workers of extensions that connect in spite \
                 of it, are not kept away"
                    .to_owned(),
            ],
            sessions_ended,
            held_seconds: None,
        };
        Ok((held, fence))
    }

    fn reader(held: &mut Held) -> &mut PgConnection {
        &mut held.inside
    }

    fn blind(ground: &Ground<'_, Self>, held: &mut Held) -> Result<Vec<String>, ReinstateError> {
        ground.column(
            &mut held.inside,
            "to tell its large objects",
            "SELECT 'there are large objects, whose contents are not compared' \
             WHERE EXISTS (SELECT FROM pg_largeobject_metadata)",
        )
    }

    fn exchange(
        ground: &Ground<'_, Self>,
        held: &mut Option<Held>,
    ) -> Result<Vec<String>, ReinstateError> {
        let Some(Held { inside, mut beside }) = held.take() else {
            return Err(ReinstateError::FenceLost("it is gone".to_owned()));
        };
        // A database that is open cannot be renamed, be it by its own session.
        drop(inside);
        let conn = &mut beside;
        let still = ground.column(
            conn,
            "to tell whether it is fenced",
            &format!(
                "SELECT datname::text FROM pg_database WHERE datname = {} AND NOT datallowconn",
                literal(ground.database())
            ),
        )?;
        if still.is_empty() {
            return Err(ReinstateError::FenceLost(
                "somebody allowed connections to the database again".to_owned(),
            ));
        }
        let notes = like_the_old(ground, conn)?;
        end_sessions(ground, conn, "0")?;
        let (database, restored, kept) = (
            quoted(ground.database()),
            quoted(&ground.names.beside),
            quoted(&ground.names.kept),
        );
        let sql = format!(
            "ALTER DATABASE {database} RENAME TO {kept}; ALTER DATABASE {restored} RENAME TO {database}; \
             ALTER DATABASE {kept} WITH ALLOW_CONNECTIONS true"
        );
        let refuses = ground.refuses("to change names");
        Manager::begin_transaction(conn).map_err(&refuses)?;
        match conn.batch_execute(&sql) {
            Ok(()) => Manager::commit_transaction(conn).map_err(refuses)?,
            Err(error) => {
                // What the server says to it changes nothing: it has not committed.
                let _ = Manager::rollback_transaction(conn);
                return Err(refuses(error));
            }
        }
        Ok(notes)
    }

    fn is_exchanged(ground: &Ground<'_, Self>) -> Result<bool, ReinstateError> {
        let kept = ground.place.url.with_database(Some(&ground.names.kept));
        Ok(exists(&ground.place.at(&kept))?)
    }

    fn lift(ground: &Ground<'_, Self>, held: Option<Held>) -> Result<(), ReinstateError> {
        drop(held);
        let begun = Instant::now();
        loop {
            let lifted = maintenance(&ground.place)
                .map_err(ReinstateError::from)
                .and_then(|mut conn| allow(ground, &mut conn, ground.database(), true));
            match lifted {
                // The server may be on its way back.
                Err(_) if begun.elapsed() < COMES_BACK => thread::sleep(Duration::from_millis(250)),
                lifted => return lifted,
            }
        }
    }
}

fn allow(
    ground: &Ground<'_, Pg>,
    conn: &mut PgConnection,
    database: &str,
    allowed: bool,
) -> Result<(), ReinstateError> {
    let database = quoted(database);
    conn.batch_execute(&format!(
        "ALTER DATABASE {database} WITH ALLOW_CONNECTIONS {allowed}"
    ))
    .map_err(ground.refuses(match allowed {
        true => "to let others connect again",
        false => "to be fenced",
    }))
}

/// Ends the sessions of others, and waits until they are gone. Autovacuum changes nothing.
fn end_sessions(
    ground: &Ground<'_, Pg>,
    conn: &mut PgConnection,
    own: &str,
) -> Result<usize, ReinstateError> {
    let (begun, mut ended) = (Instant::now(), 0);
    let others = format!(
        "FROM pg_stat_activity WHERE datname = {} AND pid <> {own} AND backend_type <> 'autovacuum worker'",
        literal(ground.database())
    );
    loop {
        let sql = format!("SELECT pg_terminate_backend(pid)::text {others}");
        let asked = ground.column(conn, "to end the sessions of others", &sql)?;
        ended = ended.max(asked.len());
        if asked.is_empty() {
            return Ok(ended);
        }
        if begun.elapsed() > ENDING {
            let sql = format!("SELECT format('session %s of %s', pid, usename) {others}");
            let left = ground.column(conn, "to tell the sessions of others", &sql)?;
            return Err(ReinstateError::Fence(format!(
                "not ended within {} s: {}",
                ENDING.as_secs(),
                left.join(", ")
            )));
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Gives what was restored what belongs to the database itself and is in no dump: owner, rights,
/// settings, the limit of connections and the comment.
fn like_the_old(
    ground: &Ground<'_, Pg>,
    conn: &mut PgConnection,
) -> Result<Vec<String>, ReinstateError> {
    let doing = "to tell its settings";
    let old = literal(ground.database());
    let new = literal(&ground.names.beside);
    let mut sql = ground.column(
        conn,
        doing,
        &format!(
            "WITH d AS (SELECT * FROM pg_database WHERE datname = {old}) \
             SELECT s FROM ( \
             SELECT 1, format('ALTER DATABASE %I OWNER TO %I', {new}, pg_get_userbyid(datdba)) FROM d \
             UNION ALL SELECT 2, format('ALTER DATABASE %I CONNECTION LIMIT %s', {new}, datconnlimit) FROM d \
             UNION ALL SELECT 3, format('COMMENT ON DATABASE %I IS %L', {new}, shobj_description(oid, 'pg_database')) \
             FROM d WHERE shobj_description(oid, 'pg_database') IS NOT NULL \
             UNION ALL SELECT 4, format('REVOKE ALL ON DATABASE %I FROM PUBLIC', {new}) FROM d WHERE datacl IS NOT NULL \
             UNION ALL SELECT 5, format('GRANT %s ON DATABASE %I TO %s%s', x.privilege_type, {new}, \
             CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, \
             CASE WHEN x.is_grantable AND x.grantee <> d.datdba THEN ' WITH GRANT OPTION' ELSE '' END) \
             FROM d, aclexplode(d.datacl) x) it (n, s) ORDER BY n"
        ),
    )?;
    let settings = ground.rows(
        conn,
        doing,
        &format!(
            "SELECT CASE WHEN s.setrole = 0 THEN format('ALTER DATABASE %I', {new}) \
             ELSE format('ALTER ROLE %I IN DATABASE %I', pg_get_userbyid(s.setrole), {new}) END, \
             split_part(c, '=', 1), substr(c, strpos(c, '=') + 1) \
             FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c \
             WHERE d.datname = {old}"
        ),
    )?;
    for row in settings {
        let mut fields = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || fields.next().unwrap_or_default();
        let (alter, name, value) = (next(), next(), next());
        match LISTS.contains(&name.to_ascii_lowercase().as_str()) {
            // As one text it would be one name.
            true => {
                sql.push(format!(
                    "SELECT set_config({}, {}, false)",
                    literal(&name),
                    literal(&value)
                ));
                sql.push(format!("{alter} SET {} FROM CURRENT", setting(&name)));
                sql.push(format!("RESET {}", setting(&name)));
            }
            false => sql.push(format!(
                "{alter} SET {} TO {}",
                setting(&name),
                literal(&value)
            )),
        }
    }
    for statement in &sql {
        conn.batch_execute(statement)
            .map_err(ground.refuses("to give what was restored the settings of the database"))?;
    }
    Ok(vec![
        "owner, rights, settings, comment and limit of connections of the database itself are those of the old one"
            .to_owned(),
    ])
}

fn quoted(name: &str) -> String {
    Dialect::Postgres.quote_identifier(name)
}

/// The name of a setting, which may have two parts.
fn setting(name: &str) -> String {
    let parts: Vec<String> = name.split('.').map(quoted).collect();
    parts.join(".")
}

fn literal(text: &str) -> String {
    Dialect::Postgres.quote_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_two_parts() {
        assert_eq!(setting("app.mode"), r#""app"."mode""#);
    }
}
