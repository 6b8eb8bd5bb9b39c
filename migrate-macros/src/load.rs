//! The files of the migrations, and what was found in them.

use std::path::Path;
use std::time::Duration;

use migrate_core::config::{Config, SetConfig, UnknownSet};
use migrate_core::project::{self, Loaded};
use migrate_core::{Diagnostic, Level, listing};

use crate::input::Arguments;
use crate::rust_code::{self, RustCode};

/// What is to be embedded, as far as it could be read.
#[derive(Default)]
pub(crate) struct Source {
    /// The configuration with the arguments laid on top.
    pub(crate) config: Option<SetConfig>,
    /// The migrations; `None` where there was no way to begin.
    pub(crate) loaded: Option<Loaded>,
    /// The time of the directory before it was read.
    pub(crate) modified: Option<Duration>,
    /// The Rust code of the migrations, in their order.
    pub(crate) rust: Vec<RustCode>,
    /// All findings.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The set that was asked for is not there.
    pub(crate) unknown_set: Option<UnknownSet>,
}

impl Source {
    /// Whether the program must not compile.
    pub(crate) fn has_errors(&self) -> bool {
        let error = |finding: &Diagnostic| finding.level == Level::Error;
        self.unknown_set.is_some() || self.diagnostics.iter().any(error)
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
    let mut config = match config.set(set.as_deref()) {
        Ok(config) => config,
        Err(unknown) => {
            source.unknown_set = Some(unknown);
            return source;
        }
    };
    if let Some(dir) = &arguments.dir {
        config.dir = root.join(dir.value());
    }
    if let Some(dialect) = arguments.dialect {
        config.dialect = Some(dialect);
        // A server of another database says nothing about this one.
        config.server = config
            .server
            .filter(|server| server.product.dialect() == dialect);
    }
    source.modified = listing::modified(&config.dir);
    match project::load(&config) {
        Ok(mut loaded) => {
            source.diagnostics = std::mem::take(&mut loaded.diagnostics);
            let (rust, findings) = rust_code::read(&config, &loaded);
            source.rust = rust;
            source.diagnostics.extend(findings);
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
