use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_postgres::{AsyncMessage, Client, NoTls};

/// A connection, with what the server says on it.
pub(super) struct Session {
    pub(super) client: Client,
    /// The server's process.
    pub(super) pid: i32,
    notices: Arc<Mutex<Vec<String>>>,
}

impl Session {
    pub(super) async fn open(url: &str) -> Self {
        let (client, mut connection) = tokio_postgres::connect(url, NoTls)
            .await
            .expect("a connection");
        let notices = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&notices);
        tokio::spawn(async move {
            // An error ends the connection; the client then fails with it.
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notice(notice) = message {
                    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                    heard.push(notice.message().to_owned());
                }
            }
        });
        let row = client.query_one("SELECT pg_backend_pid()", &[]).await;
        Self {
            pid: row.expect("the server's process").get(0),
            client,
            notices,
        }
    }

    /// Runs statements that must not fail.
    pub(super) async fn run(&self, sql: &str) {
        if let Err(error) = self.client.batch_execute(sql).await {
            panic!("{}\n{sql}", describe(&error));
        }
    }

    /// What the server has said since the last call.
    pub(super) fn notices(&self) -> Vec<String> {
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *notices)
    }
}

/// The SQLSTATE, where the server refused.
pub(super) fn code(error: &tokio_postgres::Error) -> String {
    match error.code() {
        Some(code) => code.code().to_owned(),
        None => panic!("the connection broke: {error}"),
    }
}

/// The server's message.
pub(super) fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{}: {}", error.code().code(), error.message()),
        None => error.to_string(),
    }
}
