//! The data of the migrations, as a static.

use std::path::{Path, PathBuf};
use std::time::Duration;

use migrate_core::config::{Config, MigrationLock, SetConfig, TransactionMode};
use migrate_core::plan::{Ahead, OutOfOrder};
use migrate_core::{Dialect, Layout, Migration, Packing, Script, head_digest};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::List;
use crate::load::Source;

/// `__INDEX` and `__EMBEDDED`, and what makes cargo compile again when a file changes.
pub(crate) fn embedded(source: &Source, dialect: Dialect) -> TokenStream {
    let migrations: &[Migration] = source
        .loaded
        .as_ref()
        .map_or(&[], |loaded| loaded.set.migrations());
    let dialect = match dialect {
        Dialect::Postgres => quote!(Postgres),
        Dialect::Mysql => quote!(Mysql),
        _ => quote!(Sqlite),
    };
    let head = head_digest(migrations.iter().map(|m| (&m.version, &m.up.checksum)));
    let head = Literal::byte_string(head.as_bytes());
    let Packing { index, scripts } = Packing::of(migrations);
    let mut facts = List::default();
    facts.text(&index);
    let files = Files::of(source);
    let mut texts = List::opened("[");
    for script in scripts {
        files.text(script, &mut texts);
    }
    texts.rust("]");
    let settings = settings(source.config.as_ref());
    let directory = directory(source);
    let watched = files.watched();
    quote! {
        const __INDEX: __runtime::core::Index = __runtime::core::Index::new(#facts);

        static __EMBEDDED: __runtime::Embedded = {
            use ::std::borrow::Cow::Borrowed;

            static ALL: __runtime::core::Packed = __runtime::core::Packed::new(__INDEX, &#texts);

            __runtime::Embedded {
                set: __runtime::core::MigrationSet::embedded(__runtime::core::Dialect::#dialect, &ALL),
                head: __runtime::core::Checksum::from_bytes(*#head),
                settings: #settings,
                directory: #directory,
            }
        };

        const _: &[&[::core::primitive::u8]] = &#watched;
    }
}

/// The files that the migrations come from.
struct Files<'a> {
    /// Relative paths of scripts start here.
    root: &'a Path,
    all: &'a [PathBuf],
    /// Whether a file is one script.
    whole: bool,
}

impl<'a> Files<'a> {
    /// None where there are errors: nothing is compiled then, and a file that cannot be read would
    /// be an error again.
    fn of(source: &'a Source) -> Self {
        match source.loaded.as_ref().zip(source.config.as_ref()) {
            Some((loaded, config)) if !source.has_errors() => Files {
                root: &config.root,
                all: &loaded.files,
                whole: loaded.layout != Some(Layout::SingleFiles),
            },
            _ => Files {
                root: Path::new(""),
                all: &[],
                whole: false,
            },
        }
    }

    /// Writes the text of a script: its file, where it is the whole of one, else itself.
    fn text(&self, script: &Script, texts: &mut List) {
        let file = self.root.join(script.path.as_ref());
        let whole = self.whole && script.path.ends_with(".sql");
        match file.to_str().filter(|_| whole) {
            Some(file) => texts.rust("::core::include_str!(").text(file).rust("),"),
            None => texts.text(&script.sql).rust(","),
        };
    }

    /// The files that nothing else names, so that cargo watches them.
    fn watched(&self) -> List {
        let mut paths: Vec<&str> = self
            .all
            .iter()
            .filter(|file| !self.whole || file.extension().is_none_or(|end| end != "sql"))
            .filter_map(|file| file.to_str())
            .collect();
        paths.sort_unstable();
        let mut list = List::opened("[");
        for path in paths {
            list.rust("::core::include_bytes!(").text(path).rust("),");
        }
        list.rust("]");
        list
    }
}

/// Where the files were, for debug builds.
fn directory(source: &Source) -> TokenStream {
    let Some((loaded, config)) = source.loaded.as_ref().zip(source.config.as_ref()) else {
        return quote!(::core::option::Option::None);
    };
    let path = config.dir.display().to_string();
    let modified = optional(source.modified.map(duration));
    let mut entries = List::default();
    entries.text(&loaded.entries.join("\0"));
    let ignore = &config.ignore;
    quote! {
        if ::core::cfg!(debug_assertions) {
            ::core::option::Option::Some(__runtime::EmbeddedDirectory {
                path: #path,
                modified: #modified,
                entries: #entries,
                ignore: &[#(#ignore),*],
            })
        } else {
            ::core::option::Option::None
        }
    }
}

fn settings(config: Option<&SetConfig>) -> TokenStream {
    // What cannot be read has errors; the defaults keep the rest in shape.
    let defaults = Config::defaults("").top();
    let config = config.unwrap_or(&defaults);
    let schema = optional(
        config
            .history
            .schema
            .as_ref()
            .map(|schema| quote!(Borrowed(#schema))),
    );
    let table = &config.history.table;
    let out_of_order = match config.policy.out_of_order {
        OutOfOrder::Refuse => quote!(Refuse),
        OutOfOrder::Allow => quote!(Allow),
    };
    let ahead = match config.policy.ahead {
        Ahead::Warn => quote!(Warn),
        Ahead::Refuse => quote!(Refuse),
    };
    let transactions = match config.transaction {
        TransactionMode::Each => quote!(Each),
        TransactionMode::All => quote!(All),
    };
    let lock = match config.lock {
        MigrationLock::Auto => quote!(Auto),
        MigrationLock::Session => quote!(Session),
        MigrationLock::Lease => quote!(Lease),
    };
    let timeouts = &config.timeouts;
    let lock_wait = duration(timeouts.lock_wait);
    let lock_timeout = duration(timeouts.lock_timeout);
    let lock_retries = timeouts.lock_retries;
    let statement_timeout = optional(timeouts.statement.map(duration));
    quote! {
        __runtime::Settings {
            history_schema: #schema,
            history_table: Borrowed(#table),
            policy: __runtime::core::plan::Policy {
                out_of_order: __runtime::core::plan::OutOfOrder::#out_of_order,
                ahead: __runtime::core::plan::Ahead::#ahead,
            },
            transactions: __runtime::Transactions::#transactions,
            lock: __runtime::LockKind::#lock,
            lock_wait: #lock_wait,
            lock_timeout: #lock_timeout,
            lock_retries: #lock_retries,
            statement_timeout: #statement_timeout,
            lease: { const DEFAULT: &__runtime::Settings = &__runtime::Settings::DEFAULT; DEFAULT.lease },
        }
    }
}

fn optional(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn duration(duration: Duration) -> TokenStream {
    let (seconds, nanoseconds) = (duration.as_secs(), duration.subsec_nanos());
    quote!(::core::time::Duration::new(#seconds, #nanoseconds))
}
