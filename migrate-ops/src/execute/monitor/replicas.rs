//! How far replicas are behind, from what their primary sees of them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::replica::Lag;

/// What a primary tells of its replicas.
#[derive(Debug)]
pub(in super::super) enum Told {
    /// How far each has replayed.
    Replicas(Vec<Follower>),
    /// Only that they are there: the primary knows nothing more.
    OnlyNames(Vec<String>),
    /// This user is not shown them; with this right it is.
    Hidden(&'static str),
}

/// A replica as its primary sees it. Positions are bytes of the log since its beginning.
#[derive(Clone, Debug)]
pub(in super::super) struct Follower {
    pub(in super::super) name: String,
    /// How far the primary has written.
    pub(super) written: u64,
    /// How far the replica has replayed.
    pub(super) replayed: Option<u64>,
    /// How long replaying took when it last told. It stays as it is while nothing is replayed.
    pub(super) lag_seconds: Option<f64>,
    /// Whether this user is shown how far it is.
    pub(in super::super) is_told: bool,
}

/// So far back it is remembered how far the primary had written.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// How far the primary had written when. A replica that has not replayed a position that is in here is
/// behind by its age at least; what the server itself says of a lag stands still while a replica does.
#[derive(Debug, Default)]
pub(super) struct Followers {
    written: VecDeque<(Instant, u64)>,
}

impl Followers {
    /// How far each is behind now.
    pub(super) fn lags(&mut self, told: Told, now: Instant) -> Vec<(String, Lag)> {
        let Told::Replicas(followers) = told else {
            return Vec::new();
        };
        if let Some(written) = followers.iter().map(|it| it.written).max()
            && self.written.back().is_none_or(|(_, last)| *last < written)
        {
            self.written.push_back((now, written));
        }
        while self
            .written
            .front()
            .is_some_and(|(at, _)| now.duration_since(*at) > REMEMBERED && self.written.len() > 2)
        {
            self.written.pop_front();
        }
        let lag = |it: &Follower| (it.name.clone(), self.lag(it, now));
        followers.iter().map(lag).collect()
    }

    fn lag(&self, follower: &Follower, now: Instant) -> Lag {
        let not_known = |reason: &str| Lag::NotKnown {
            reason: reason.to_owned(),
        };
        if !follower.is_told {
            return not_known("this user is not shown it; GRANT pg_monitor shows it");
        }
        let Some(replayed) = follower.replayed else {
            return not_known("it has replayed nothing yet");
        };
        let missing = self.written.iter().find(|(_, at)| *at > replayed);
        let Some((since, _)) = missing else {
            return Lag::Behind { seconds: 0.0 };
        };
        let since = now.duration_since(*since).as_secs_f64();
        let is_first = self
            .written
            .front()
            .is_some_and(|(_, first)| *first > replayed);
        match (is_first, follower.lag_seconds) {
            // It was behind when the first look was taken: by how much, only it could have told.
            (true, None) => Lag::NotKnown {
                reason: format!(
                    "it has not replayed what was written {since:.0} s ago, and has not told how long \
                     it takes"
                ),
            },
            (_, lag) => Lag::Behind {
                seconds: since.max(lag.unwrap_or(0.0)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follower(written: u64, replayed: u64, lag_seconds: Option<f64>) -> Told {
        Told::Replicas(vec![Follower {
            name: "b".to_owned(),
            written,
            replayed: Some(replayed),
            lag_seconds,
            is_told: true,
        }])
    }

    #[test]
    fn a_replica_that_stands_still_falls_behind() {
        let (begun, second) = (Instant::now(), Duration::from_secs(1));
        let mut followers = Followers::default();
        let mut seconds = |told, after: u32| {
            let lags = followers.lags(told, begun + second * after);
            lags[0].1.seconds()
        };
        // Where it was behind already, nobody knows for how long.
        assert_eq!(seconds(follower(100, 90, None), 0), None);
        assert_eq!(seconds(follower(100, 90, None), 5), None);
        assert_eq!(seconds(follower(100, 90, Some(7.0)), 6), Some(7.0));
        assert_eq!(seconds(follower(100, 100, None), 7), Some(0.0));
        // What the server says stands still while the replica does.
        assert_eq!(seconds(follower(200, 100, Some(0.1)), 8), Some(0.1));
        assert_eq!(seconds(follower(300, 100, Some(0.1)), 12), Some(4.0));
        assert_eq!(seconds(follower(300, 250, Some(0.1)), 14), Some(2.0));
        assert_eq!(seconds(follower(300, 300, Some(3.0)), 15), Some(0.0));
    }
}
