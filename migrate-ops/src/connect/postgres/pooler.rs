//! Whether a transaction pooler stands between the command and PostgreSQL.
//!
//! Behind one, sessions belong to nobody: two client connections meet on one server session, or one
//! client connection wanders between several. A lock of the session then protects nothing.

use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use diesel::sql_types::Integer;
use diesel::{QueryResult, RunQueryDsl, sql_query};

/// How often to look.
const ROUNDS: usize = 2;

#[derive(diesel::QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

/// Whether two connections turn out to share server sessions.
pub(super) fn shares_sessions<C>(first: &mut C, second: &mut C) -> QueryResult<bool>
where
    C: LoadConnection<Backend = Pg>,
{
    let (one, two) = (backend(first)?, backend(second)?);
    if one == two {
        return Ok(true);
    }
    for _ in 0..ROUNDS {
        // While one holds a transaction open, a pooler gives the other a session of its own, and
        // afterwards hands out either of them.
        if wanders(first, one, second, two)? || wanders(second, two, first, one)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether either connection has left its session, seen while the first holds a transaction open.
fn wanders<C>(holding: &mut C, held: i32, asking: &mut C, asked: i32) -> QueryResult<bool>
where
    C: LoadConnection<Backend = Pg>,
{
    holding.transaction(|holding| Ok(backend(holding)? != held || backend(asking)? != asked))
}

fn backend<C: LoadConnection<Backend = Pg>>(conn: &mut C) -> QueryResult<i32> {
    let backend: Backend = sql_query("SELECT pg_backend_pid() AS pid").get_result(conn)?;
    Ok(backend.pid)
}
