use migrate_runtime::Event;

/// An event in words that tell one moment of a run from the next: `locked`, `started 3`,
/// `finished 3`; `None` for those that are no moments of their own.
#[must_use]
pub fn moment(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::LockWaiting { holder, .. } => format!("waiting {}", holder.unwrap_or_default()),
        Event::LockAcquired { .. } => "locked".to_owned(),
        Event::Planned { .. } => "planned".to_owned(),
        Event::MigrationStarted { version, .. } => format!("migration {version}"),
        Event::StatementStarted { index, .. } => format!("started {index}"),
        Event::StatementFinished { index, .. } => format!("finished {index}"),
        Event::StatementSkipped { index, .. } => format!("skipped {index}"),
        Event::LockTimeout { attempt, .. } => format!("timeout {attempt}"),
        Event::MigrationFinished(done) => format!("applied {}", done.version),
        Event::LockReleased => "released".to_owned(),
        _ => return None,
    })
}
