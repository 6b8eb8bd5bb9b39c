//! The files of the migrations, and what was found in them.

use std::path::Path;
use std::time::Duration;

use migrate_core::config::{Choice, Config, NoSet, SetConfig};
use migrate_core::project::Loaded;
use migrate_core::{Diagnostic, Level, listing};
use migrate_sql::check;

use crate::input::Arguments;

/// What is to be embedded, as far as it could be read.
#[derive(Default)]
pub(crate) struct Source {
    /// The configuration with the arguments laid on top.
    pub(crate) config: Option<SetConfig>,
    /// The migrations; `None` where there was no way to begin.
    pub(crate) loaded: Option<Loaded>,
    /// The time of the directory before it was read.
    pub(crate) modified: Option<Duration>,
    /// All findings.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The set that was asked for is not there, or none was asked for.
    pub(crate) no_set: Option<NoSet>,
}

impl Source {
    /// Whether the program must not compile.
    pub(crate) fn has_errors(&self) -> bool {
        let error = |finding: &Diagnostic| finding.level == Level::Error;
        self.no_set.is_some() || self.diagnostics.iter().any(error)
    }
}

/// Reads the migrations that the arguments and the `migrate.toml` of the crate at `root` name.
pub(crate) fn load(arguments: &Arguments, root: &Path) -> Source {
    let mut source = Source::default();
    let config = match Config::discover(root) {
        Ok(config) => config,
        Err(diagnostics) => {
            source.diagnostics = diagnostics;
            return source;
        }
    };
    let set = arguments.set.as_ref().map(syn::LitStr::value);
    let choice = Choice {
        set: set.as_deref(),
        dir: arguments.dir.as_ref().map(|dir| root.join(dir.value())),
        dialect: arguments.dialect,
        schema_file: (arguments.schema.as_ref()).map(|file| root.join(file.value())),
    };
    let config = match config.choose(choice) {
        Ok(config) => config,
        Err(none) => {
            source.no_set = Some(none);
            return source;
        }
    };
    source.modified = listing::modified(&config.dir);
    match check::load_with_schema_file(&config) {
        Ok(mut loaded) => {
            source.diagnostics = std::mem::take(&mut loaded.diagnostics);
            source.loaded = Some(loaded);
        }
        Err(finding) => {
            let help = "or give the macro an argument, `embed_migrations!(dialect = sqlite)`";
            source.diagnostics.push(finding.help(help));
        }
    }
    source.config = Some(config);
    source
}
