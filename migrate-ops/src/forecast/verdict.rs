//! Go or no-go: what a forecast says against the thresholds.

use super::evidence::{About, Basis, Blocked, Forecast, Reason, Verdict, WayBack};
use super::options::{Options, Thresholds};

/// What speaks against going, and what is worth knowing.
pub(super) fn verdict(forecast: &Forecast, options: &Options<'_>) -> Verdict {
    let thresholds = &options.thresholds;
    let mut found = Reasons(Vec::new());
    if !forecast.migrations.is_empty() {
        found.unknown(forecast);
        found.stall(forecast, thresholds);
        found.window(forecast);
        found.backup(forecast);
        found.replicas(forecast, thresholds);
        found.in_the_way(forecast);
        found.way_back(forecast);
        if let Some(risk) = options.rehearsal.and_then(|it| it.way_back.clone()) {
            found.push(About::WayBack, false, risk);
        }
        found.hazards(forecast);
    }
    Verdict {
        go: !found.0.iter().any(|reason| reason.against),
        reasons: found.0,
    }
}

struct Reasons(Vec<Reason>);

impl Reasons {
    fn push(&mut self, about: About, against: bool, text: String) {
        self.0.push(Reason {
            about,
            against,
            text,
        });
    }

    fn unknown(&mut self, forecast: &Forecast) {
        for migration in &forecast.migrations {
            for statement in &migration.statements {
                if let Some(why) = &statement.unknown {
                    let text = format!(
                        "statement {} of {} may lock anything: {why}; rehearse it to see",
                        statement.statement + 1,
                        migration.version,
                    );
                    self.push(About::UnknownLock, true, text);
                }
            }
            if migration.rust {
                let text = format!(
                    "the Rust code of {} may lock anything, for as long as it likes",
                    migration.version
                );
                self.push(About::UnknownLock, true, text);
            }
        }
    }

    fn stall(&mut self, forecast: &Forecast, thresholds: &Thresholds) {
        let Some(stall) = &forecast.longest_stall else {
            return;
        };
        let limit = thresholds.longest_stall.as_secs_f64();
        if stall.duration.is_within(limit) {
            return;
        }
        let table = match &stall.table {
            Some(table) => format!("`{table}`"),
            None => "the database".to_owned(),
        };
        let text = format!(
            "{} on {table} wait {} for statement {} of {}; {} are allowed",
            stall.blocks,
            seconds(stall.duration.seconds, stall.duration.basis),
            stall.statement + 1,
            stall.version,
            seconds(limit, Basis::Rehearsal),
        );
        self.push(About::LongestStall, true, text);
    }

    fn window(&mut self, forecast: &Forecast) {
        let window = &forecast.window;
        if let (Some(limit), Some(false)) = (window.limit_seconds, window.fits) {
            let text = format!(
                "applying, validating and rolling back take {}, and the window is {}",
                seconds(window.needed.seconds, window.needed.basis),
                seconds(limit, Basis::Rehearsal),
            );
            self.push(About::Window, true, text);
        }
    }

    fn backup(&mut self, forecast: &Forecast) {
        let backup = &forecast.backup;
        let Some(limit) = backup.max_age_seconds else {
            return;
        };
        let allowed = seconds(limit, Basis::Rehearsal);
        match backup.age_seconds {
            Some(age) if age > limit => {
                let age = seconds(age, Basis::Rehearsal);
                let text = format!("the backup is {age} old, and it may be {allowed} old");
                self.push(About::Backup, true, text);
            }
            Some(_) => {}
            None => {
                let text =
                    format!("no backup is known here; when the run begins it may be {allowed} old");
                self.push(About::Backup, false, text);
            }
        }
    }

    fn replicas(&mut self, forecast: &Forecast, thresholds: &Thresholds) {
        let Some(limit) = thresholds.replica_lag else {
            return;
        };
        let limit = limit.as_secs_f64();
        if let Some(lag) = forecast.replicas.lag
            && !lag.is_within(limit)
        {
            let text = format!(
                "replicas fall {} behind; {} are allowed",
                seconds(lag.seconds, lag.basis),
                seconds(limit, Basis::Rehearsal),
            );
            self.push(About::Replicas, true, text);
        }
        if forecast.replicas.following.is_none() {
            let text = "it is not known whether replicas follow, nor how far they are behind";
            self.push(About::Replicas, true, text.to_owned());
        }
        for replica in forecast.replicas.following.iter().flatten() {
            if replica.lag_seconds.is_none() {
                let why = replica.not_known.as_deref().unwrap_or("nobody tells");
                let text = format!(
                    "how far the replica {} is behind is not known: {why}; name its URL in `replicas` \
                     of [run], so that it is asked itself",
                    replica.name
                );
                self.push(About::Replicas, true, text);
            }
            if let Some(lag) = replica.lag_seconds.filter(|lag| *lag > limit) {
                let text = format!(
                    "the replica {} is {} behind already",
                    replica.name,
                    seconds(lag, Basis::Rehearsal)
                );
                self.push(About::Replicas, true, text);
            }
        }
    }

    fn in_the_way(&mut self, forecast: &Forecast) {
        for it in forecast.in_the_way.iter().filter(|it| it.blocks_run) {
            let since = match it.for_seconds {
                Some(age) => format!(" for {}", seconds(age, Basis::Rehearsal)),
                None => String::new(),
            };
            let tables = match it.tables.as_deref() {
                Some([]) => "a statement waits for all older transactions".to_owned(),
                Some(tables) => format!("it holds locks on {}", tables.join(", ")),
                None => "it may hold locks on any table".to_owned(),
            };
            let text = format!("{} ({}){since}: {tables}", it.kind, it.who);
            self.push(About::InTheWay, true, text);
        }
    }

    fn way_back(&mut self, forecast: &Forecast) {
        if let Some(point) = &forecast.point_of_no_return {
            let text = format!(
                "{} is the point of no return: {}",
                point.version, point.reason
            );
            self.push(About::WayBack, false, text);
        }
        for migration in &forecast.migrations {
            if migration.way_back == WayBack::Missing {
                let text = format!("{} has no way back", migration.version);
                self.push(About::WayBack, false, text);
            }
        }
    }

    fn hazards(&mut self, forecast: &Forecast) {
        for migration in &forecast.migrations {
            for statement in &migration.statements {
                for hazard in statement.hazards.iter().filter(|it| it.waived.is_none()) {
                    let text = format!(
                        "{}, statement {}: {} ({})",
                        migration.version,
                        statement.statement + 1,
                        hazard.message,
                        hazard.rule
                    );
                    self.push(About::Hazard, false, text);
                }
            }
        }
    }
}

/// A time in a sentence, with how well it is known.
fn seconds(seconds: f64, basis: Basis) -> String {
    let time = match seconds {
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    };
    match basis {
        Basis::Rehearsal => time,
        Basis::Model => format!("about {time} (estimated)"),
        Basis::Unknown => format!("nobody knows how long, at least {time}"),
    }
}

/// Whether a lock makes somebody wait who does not write the same rows.
pub(super) fn stalls(blocks: Blocked) -> bool {
    blocks >= Blocked::Writes
}
