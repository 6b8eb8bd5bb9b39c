//! What the run and its monitor tell each other.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::super::options::Limits;
use super::super::{Blocker, Inside, MonitorState, Sample, WatchedReplica};
use crate::event::{Event, Listener, Step};
use crate::replica::Lag;

/// What was told longer ago says nothing about now.
const STALE: Duration = Duration::from_secs(15);
/// So many samples are kept; where there are more, every second one goes.
const SAMPLES: usize = 720;

/// What the run and its monitor tell each other, and whom both tell.
pub(in super::super) struct Shared<'l> {
    listener: Mutex<&'l mut (dyn Listener + Send)>,
    seen: Mutex<Seen>,
    over: Condvar,
}

/// A statement that runs.
#[derive(Clone, Debug)]
pub(in super::super) struct Running {
    pub(in super::super) since: Instant,
    /// As in `statement 2 of 5 of 20260301_orders`.
    pub(in super::super) what: String,
}

/// How far a replica was seen to be.
#[derive(Debug)]
struct SeenReplica {
    at: Instant,
    /// `None` before it was heard of.
    lag: Option<Lag>,
    longest: Option<f64>,
}

impl SeenReplica {
    fn expected() -> Self {
        SeenReplica {
            at: Instant::now(),
            lag: None,
            longest: None,
        }
    }

    fn now(&mut self, lag: Lag) {
        self.at = Instant::now();
        if let Some(seconds) = lag.seconds() {
            let before = self.longest.unwrap_or(0.0);
            self.longest = Some(seconds.max(before));
        }
        self.lag = Some(lag);
    }

    fn watched(&self, name: &str, asked: bool) -> WatchedReplica {
        WatchedReplica {
            name: name.to_owned(),
            asked,
            longest_lag_seconds: self.longest,
            last_lag_seconds: self.lag.as_ref().and_then(Lag::seconds),
            not_known: match &self.lag {
                Some(Lag::Behind { .. }) => None,
                Some(Lag::NotKnown { reason }) => Some(reason.clone()),
                None => Some("it was not asked before the run was over".to_owned()),
            },
        }
    }
}

#[derive(Default)]
struct Seen {
    over: bool,
    /// The number of the session that the run has now.
    session: Option<u64>,
    statement: Option<Running>,
    /// In the way of that statement.
    blockers: Vec<Blocker>,
    inside: Option<Inside>,
    samples: Vec<Sample>,
    /// How many samples there were since one was kept, and how many there have to be.
    skipped: usize,
    stride: usize,
    latest: Option<(Instant, Sample)>,
    /// By name: those that are asked themselves.
    asked: BTreeMap<String, SeenReplica>,
    /// By name: those of which the primary tells.
    followers: BTreeMap<String, SeenReplica>,
    /// What could not be seen, once each.
    unseen: Vec<(&'static str, String)>,
    watched: bool,
    not_watching: Option<String>,
    cut_off: bool,
    said: Option<Instant>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'l> Shared<'l> {
    pub(in super::super) fn new(listener: &'l mut (dyn Listener + Send)) -> Self {
        Shared {
            listener: Mutex::new(listener),
            seen: Mutex::default(),
            over: Condvar::new(),
        }
    }

    /// Tells the listener.
    pub(in super::super) fn tell(&self, event: &Event<'_>) {
        locked(&self.seen).said = Some(Instant::now());
        locked(&self.listener).event(event);
    }

    /// Tells the listener about something that a person should know.
    pub(in super::super) fn warn(&self, text: &str) {
        tracing::warn!("{text}");
        let step = Step::Apply;
        self.tell(&Event::Warning { step, text });
    }

    /// Tells the listener what goes on.
    pub(in super::super) fn progress(&self, text: &str, fraction: Option<f64>) {
        self.tell(&Event::Progress {
            step: Step::Apply,
            text,
            fraction,
        });
    }

    /// Whether the listener wants to stop.
    pub(in super::super) fn stop(&self) -> bool {
        locked(&self.listener).stop()
    }

    /// A statement begins.
    pub(in super::super) fn statement_begins(&self, running: Running) {
        let mut seen = locked(&self.seen);
        seen.statement = Some(running);
        seen.blockers.clear();
        seen.inside = None;
    }

    /// No statement runs any more; answers who was in its way, and how far it was seen to be.
    pub(in super::super) fn statement_ends(&self) -> (Vec<Blocker>, Option<Inside>) {
        let mut seen = locked(&self.seen);
        seen.statement = None;
        (std::mem::take(&mut seen.blockers), seen.inside.take())
    }

    /// The run has this session from now on.
    pub(in super::super) fn session(&self, number: Option<u64>) {
        locked(&self.seen).session = number;
    }

    /// What is beyond its limit, or cannot be told; `None` where all is well.
    pub(in super::super) fn beyond(&self, limits: &Limits) -> Option<String> {
        locked(&self.seen).beyond(limits)
    }

    /// Whether everything that a limit is about has been looked at once.
    pub(in super::super) fn has_looked(&self) -> bool {
        let seen = locked(&self.seen);
        seen.latest.is_some() && seen.asked.values().all(|replica| replica.lag.is_some())
    }

    /// This replica is going to be asked.
    pub(in super::super) fn expects(&self, name: &str) {
        let expected = SeenReplica::expected();
        locked(&self.seen).asked.insert(name.to_owned(), expected);
    }

    /// How far a replica says that it is behind.
    pub(in super::super) fn replica(&self, name: &str, lag: Lag) {
        let mut seen = locked(&self.seen);
        let replica = seen.asked.entry(name.to_owned());
        let replica = replica.or_insert_with(SeenReplica::expected);
        let is_news = match (&replica.lag, &lag) {
            (Some(Lag::NotKnown { .. }), _) | (_, Lag::Behind { .. }) => None,
            (_, Lag::NotKnown { reason }) => Some(reason.clone()),
        };
        replica.now(lag);
        drop(seen);
        if let Some(reason) = is_news {
            self.warn(&format!(
                "it is not known how far the replica {name} is behind: {reason}"
            ));
        }
    }

    /// How far replicas are, as their primary tells it. One that is not told of any more has gone.
    pub(super) fn followers(&self, told: Vec<(String, Lag)>) {
        let mut seen = locked(&self.seen);
        for (name, replica) in &mut seen.followers {
            if told.iter().all(|(there, _)| there != name) {
                replica.now(Lag::NotKnown {
                    reason: "it is not connected to its primary any more".to_owned(),
                });
            }
        }
        for (name, lag) in told {
            let replica = seen.followers.entry(name);
            replica.or_insert_with(SeenReplica::expected).now(lag);
        }
    }

    /// How far the replica is behind that is furthest.
    pub(super) fn furthest(&self) -> Option<f64> {
        let seen = locked(&self.seen);
        let replicas = seen.asked.values().chain(seen.followers.values());
        let lags = replicas.filter_map(|replica| replica.lag.as_ref()?.seconds());
        lags.reduce(f64::max)
    }

    /// The run is over.
    pub(in super::super) fn end(&self) {
        locked(&self.seen).over = true;
        self.over.notify_all();
    }

    /// All samples, what the monitor could see, and the replicas.
    pub(in super::super) fn into_seen(self) -> (Vec<Sample>, MonitorState, Vec<WatchedReplica>) {
        let seen = self
            .seen
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let state = match (&seen.not_watching, seen.watched, seen.unseen.as_slice()) {
            (Some(reason), false, _) => MonitorState::NotWatching(reason.clone()),
            (None, false, []) => {
                MonitorState::NotWatching("there was nobody to ask, or no time to".to_owned())
            }
            (None, _, []) => MonitorState::Watching,
            (lost, _, unseen) => {
                let mut all: Vec<String> = unseen
                    .iter()
                    .map(|(what, reason)| format!("{what}: {reason}"))
                    .collect();
                all.extend(
                    lost.iter()
                        .map(|reason| format!("for a while nothing: {reason}")),
                );
                MonitorState::Partly(all.join("; "))
            }
        };
        let asked = seen.asked.iter().map(|(name, it)| it.watched(name, true));
        let told = seen
            .followers
            .iter()
            .map(|(name, it)| it.watched(name, false));
        let replicas = asked.chain(told).collect();
        (seen.samples, state, replicas)
    }

    /// Waits; whether the run is over.
    pub(in super::super) fn wait(&self, tick: Duration) -> bool {
        let seen = locked(&self.seen);
        let (seen, _) = self
            .over
            .wait_timeout_while(seen, tick, |seen| !seen.over)
            .unwrap_or_else(PoisonError::into_inner);
        seen.over
    }

    /// For how long the statement has run; nothing where none does.
    pub(super) fn statement_runs_for(&self) -> Duration {
        let seen = locked(&self.seen);
        seen.statement
            .as_ref()
            .map_or(Duration::ZERO, |running| running.since.elapsed())
    }

    /// The session that the run has.
    pub(super) fn its_session(&self) -> Option<u64> {
        locked(&self.seen).session
    }

    pub(super) fn not_watching(&self, reason: &str) {
        let first = locked(&self.seen)
            .not_watching
            .replace(reason.to_owned())
            .is_none();
        if first {
            self.warn(&format!("the run cannot be watched: {reason}"));
        }
    }

    /// Whether the connection was lost since this was asked last.
    pub(super) fn is_cut_off(&self) -> bool {
        std::mem::take(&mut locked(&self.seen).cut_off)
    }

    /// Uses an answer, or keeps why there is none.
    pub(super) fn answer<T>(
        &self,
        what: &'static str,
        answer: QueryResult<T>,
        take: impl FnOnce(&Self, T),
    ) {
        match answer {
            Ok(answer) => {
                locked(&self.seen).watched = true;
                take(self, answer);
            }
            Err(
                DieselError::DatabaseError(
                    DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                    _,
                )
                | DieselError::BrokenTransactionManager,
            ) => locked(&self.seen).cut_off = true,
            Err(error) => {
                let mut seen = locked(&self.seen);
                if seen.unseen.iter().all(|(known, _)| *known != what) {
                    let reason = error.to_string();
                    seen.unseen.push((what, reason.clone()));
                    drop(seen);
                    self.warn(&format!("cannot see {what}: {reason}"));
                }
            }
        }
    }

    pub(super) fn sampled(&self, sample: Sample) {
        // It says nothing to a person, and puts off no sign of life.
        locked(&self.listener).event(&Event::Sampled {
            step: Step::Apply,
            sample: &sample,
        });
        let mut seen = locked(&self.seen);
        seen.latest = Some((Instant::now(), sample.clone()));
        seen.skipped += 1;
        if seen.skipped < seen.stride {
            return;
        }
        seen.skipped = 0;
        seen.samples.push(sample);
        if seen.samples.len() >= SAMPLES {
            let mut keep = false;
            seen.samples.retain(|_| {
                keep = !keep;
                keep
            });
            seen.stride = seen.stride.max(1) * 2;
        }
    }

    /// Somebody stands in the way: is told once for each.
    pub(super) fn blocked(&self, blockers: Vec<Blocker>) {
        for blocker in blockers {
            let mut seen = locked(&self.seen);
            let Some(what) = seen.statement.as_ref().map(|running| running.what.clone()) else {
                return;
            };
            if seen
                .blockers
                .iter()
                .any(|known| known.session == blocker.session)
            {
                continue;
            }
            let text = format!("{what} waits for {}", describe(&blocker));
            seen.blockers.push(blocker);
            drop(seen);
            self.warn(&text);
        }
    }

    pub(super) fn inside(&self, inside: Option<Inside>) {
        let Some(inside) = inside else { return };
        let mut seen = locked(&self.seen);
        if seen.statement.is_none() || seen.inside.as_ref() == Some(&inside) {
            return;
        }
        seen.inside = Some(inside.clone());
        drop(seen);
        self.progress(&inside.phase, inside.fraction);
    }

    /// Says that the statement still runs, where nothing was said for so long.
    pub(super) fn heartbeat(&self, every: Duration) {
        let seen = locked(&self.seen);
        let Some(running) = &seen.statement else {
            return;
        };
        let quiet = seen
            .said
            .map_or(running.since, |said| said.max(running.since))
            .elapsed();
        if quiet < every {
            return;
        }
        let mut text = format!(
            "{} has run for {} s",
            running.what,
            running.since.elapsed().as_secs()
        );
        if let Some(inside) = &seen.inside {
            let _ = write!(text, ", {}", inside.phase);
        }
        if let Some(blocker) = seen.blockers.last() {
            let _ = write!(text, "; last seen waiting for session {}", blocker.session);
        }
        let fraction = seen.inside.as_ref().and_then(|inside| inside.fraction);
        drop(seen);
        self.progress(&text, fraction);
    }
}

impl Seen {
    /// What cannot be told is beyond every limit.
    fn beyond(&self, limits: &Limits) -> Option<String> {
        if !limits.any() {
            return None;
        }
        let Some((at, sample)) = &self.latest else {
            return Some("nobody has told yet how the server fares".to_owned());
        };
        if at.elapsed() > STALE {
            let seconds = at.elapsed().as_secs();
            return Some(format!(
                "nobody has told for {seconds} s how the server fares"
            ));
        }
        if let Some(limit) = limits.replica_lag {
            let replicas = self.asked.iter().chain(&self.followers);
            let behind = replicas.filter_map(|(name, replica)| replica.beyond(name, limit));
            if let Some(reason) = behind.min_by_key(|reason| reason.contains("not known")) {
                return Some(reason);
            }
        }
        let (limit, active) = (limits.active_sessions?, sample.active_sessions);
        match active {
            Some(active) if active <= limit => None,
            Some(active) => Some(format!("{active} sessions run statements, and {limit} may")),
            None => Some("this user is not shown how many sessions run statements".to_owned()),
        }
    }
}

impl SeenReplica {
    fn beyond(&self, name: &str, limit: Duration) -> Option<String> {
        let limit = limit.as_secs_f64();
        let not_known = |reason: &str| {
            Some(format!(
                "it is not known how far the replica {name} is behind: {reason}"
            ))
        };
        match &self.lag {
            None => not_known("it has not answered yet"),
            Some(Lag::NotKnown { reason }) => not_known(reason),
            Some(Lag::Behind { .. }) if self.at.elapsed() > STALE => not_known(&format!(
                "it has not answered for {} s",
                self.at.elapsed().as_secs()
            )),
            Some(Lag::Behind { seconds }) if *seconds > limit => Some(format!(
                "the replica {name} is {seconds:.1} s behind, and may be {limit} s"
            )),
            Some(Lag::Behind { .. }) => None,
        }
    }
}

/// `session 4711 (user app, psql, idle in transaction for 312 s): UPDATE orders SET state = ?`.
pub(in super::super) fn describe(blocker: &Blocker) -> String {
    let mut about = Vec::new();
    about.extend(blocker.user.as_ref().map(|user| format!("user {user}")));
    about.extend(blocker.application.clone());
    match (&blocker.state, blocker.transaction_seconds) {
        (Some(state), Some(seconds)) => {
            about.push(format!("{state}, its transaction open for {seconds:.0} s"));
        }
        (Some(state), None) => about.push(state.clone()),
        (None, Some(seconds)) => about.push(format!("its transaction open for {seconds:.0} s")),
        (None, None) => {}
    }
    let perhaps = if blocker.certain { "" } else { "perhaps " };
    let mut text = format!("{perhaps}session {}", blocker.session);
    if !about.is_empty() {
        let _ = write!(text, " ({})", about.join(", "));
    }
    if let Some(lock) = &blocker.waits_for {
        let _ = write!(text, " to give way to {lock}");
    }
    if let Some(query) = &blocker.query {
        let _ = write!(text, ": {query}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_named() {
        let blocker = Blocker {
            session: "4711".to_owned(),
            user: Some("app".to_owned()),
            application: None,
            state: Some("idle in transaction".to_owned()),
            transaction_seconds: Some(312.4),
            query: Some("UPDATE orders SET state = ?".to_owned()),
            waits_for: Some("AccessExclusiveLock on orders".to_owned()),
            certain: true,
            seen: String::new(),
        };
        assert_eq!(
            describe(&blocker),
            "session 4711 (user app, idle in transaction, its transaction open for 312 s) to give \
             way to AccessExclusiveLock on orders: UPDATE orders SET state = ?"
        );
    }

    fn limits(lag: Option<u64>, active_sessions: Option<u64>) -> Limits {
        Limits {
            replica_lag: lag.map(Duration::from_secs),
            active_sessions,
            pause: Duration::ZERO,
        }
    }

    #[test]
    fn what_is_not_known_is_beyond_a_limit() {
        let mut listener = |_: &Event<'_>| {};
        let shared = Shared::new(&mut listener);
        assert_eq!(shared.beyond(&limits(None, None)), None);
        let said = |lag, active| shared.beyond(&limits(lag, active));
        assert_eq!(
            said(Some(9), None).unwrap(),
            "nobody has told yet how the server fares"
        );
        shared.sampled(Sample::default());
        assert_eq!(said(Some(0), None), None);
        let not_shown = "this user is not shown how many sessions run statements";
        assert_eq!(said(None, Some(0)).unwrap(), not_shown);
        shared.sampled(Sample {
            active_sessions: Some(12),
            ..Sample::default()
        });
        assert_eq!(said(None, Some(12)), None);
        let twelve = "12 sessions run statements, and 11 may";
        assert_eq!(said(None, Some(11)).unwrap(), twelve);
        shared.expects("b");
        assert!(!shared.has_looked());
        assert!(
            said(Some(9), None)
                .unwrap()
                .contains("has not answered yet")
        );
        shared.replica("b", Lag::Behind { seconds: 3.5 });
        assert!(shared.has_looked());
        assert_eq!(said(Some(4), None), None);
        let behind = "the replica b is 3.5 s behind, and may be 3 s";
        assert_eq!(said(Some(3), None).unwrap(), behind);
        // One that was there and is gone is not within a limit either.
        shared.followers(vec![("c".to_owned(), Lag::Behind { seconds: 0.0 })]);
        assert_eq!(said(Some(4), None), None);
        shared.followers(Vec::new());
        assert!(said(Some(4), None).unwrap().contains("not connected"));
        let (.., replicas) = shared.into_seen();
        assert_eq!(replicas[0].longest_lag_seconds, Some(3.5));
        assert!(replicas[1].not_known.is_some());
    }

    #[test]
    fn samples_are_thinned_out() {
        let mut listener = |_: &Event<'_>| {};
        let shared = Shared::new(&mut listener);
        for sessions in 0..10_000 {
            shared.sampled(Sample {
                sessions: Some(sessions),
                ..Sample::default()
            });
        }
        let (samples, ..) = shared.into_seen();
        assert!((SAMPLES / 4..SAMPLES).contains(&samples.len()));
        assert!(samples.is_sorted_by_key(|sample| sample.sessions));
        assert!(samples.last().unwrap().sessions > Some(9_900));
    }
}
