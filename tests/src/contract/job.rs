use migrate_core::Version;
use migrate_core::plan::{DownTarget, UpTarget};
use migrate_runtime::{Assume, LockKind, Settings, Tool};

/// What a migrator is asked to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Apply.
    Up(UpTarget),
    /// Revert.
    Down(DownTarget),
    /// Revert so many and apply them again.
    Redo(usize),
    /// Finish what was left unfinished.
    Resume(Option<Assume>),
    /// Give up what was left unfinished.
    Abandon(Option<Assume>),
    /// Record as applied.
    Baseline(Version),
    /// Take over from another tool.
    Adopt(Option<Tool>),
    /// Look.
    Status,
}

/// A command and the settings that it runs with.
#[derive(Clone, Debug)]
pub struct Job {
    /// The command.
    pub command: Command,
    /// The settings.
    pub settings: Settings,
}

impl Job {
    /// A command with the default settings.
    #[must_use]
    pub fn new(command: Command) -> Self {
        let settings = Settings::DEFAULT;
        Job { command, settings }
    }

    /// Applies all that is pending.
    #[must_use]
    pub fn up() -> Self {
        Self::new(Command::Up(UpTarget::Latest))
    }

    /// Reverts everything.
    #[must_use]
    pub fn down() -> Self {
        Self::new(Command::Down(DownTarget::All))
    }

    /// Resumes without saying what happened.
    #[must_use]
    pub fn resume() -> Self {
        Self::new(Command::Resume(None))
    }

    /// Gives up without saying what happened.
    #[must_use]
    pub fn abandon() -> Self {
        Self::new(Command::Abandon(None))
    }

    /// Looks.
    #[must_use]
    pub fn status() -> Self {
        Self::new(Command::Status)
    }

    /// Changes settings.
    #[must_use]
    pub fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Asks for the lease.
    #[must_use]
    pub fn lease(self) -> Self {
        self.set(|settings| settings.lock = LockKind::Lease)
    }
}
