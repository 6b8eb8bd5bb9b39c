//! The data of the migrations, as a static.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use migrate_core::config::{Config, MigrationLock, SetConfig, TransactionMode};
use migrate_core::plan::{Ahead, OutOfOrder};
use migrate_core::{Checksum, Dialect, Down, Layout, Migration, Script, head_digest};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::load::Source;

/// `__EMBEDDED`, and what makes cargo compile again when a file changes.
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
    let head = checksum(&head_digest(
        migrations.iter().map(|m| (&m.version, &m.up.checksum)),
    ));
    let files = Files::of(source);
    let entries = migrations.iter().map(|m| migration(m, &files));
    let settings = settings(source.config.as_ref());
    let directory = directory(source);
    let watched = files.watched();
    quote! {
        static __EMBEDDED: __runtime::Embedded = {
            // A short name, because there are thousands of uses.
            use ::core::include_str as text;
            use ::std::borrow::Cow::Borrowed;
            use __runtime::core::{Checksum, Down, Migration, Script, Version};

            const fn script(
                path: &'static ::core::primitive::str,
                sql: &'static ::core::primitive::str,
                checksum: &[::core::primitive::u8; 32],
                transaction: ::core::primitive::bool,
                rust: ::core::primitive::bool,
            ) -> Script {
                let checksum = Checksum::from_bytes(*checksum);
                Script { path: Borrowed(path), sql: Borrowed(sql), checksum, transaction, rust }
            }

            const fn migration(
                version: &'static ::core::primitive::str,
                name: &'static ::core::primitive::str,
                up: Script,
                down: Down,
            ) -> Migration {
                Migration { version: Version::from_static(version), name: Borrowed(name), up, down }
            }

            static ALL: &[Migration] = &[#(#entries),*];

            __runtime::Embedded {
                set: __runtime::core::MigrationSet::from_sorted(__runtime::core::Dialect::#dialect, ALL),
                head: Checksum::from_bytes(*#head),
                settings: #settings,
                directory: #directory,
            }
        };
        #watched
    }
}

fn migration(migration: &Migration, files: &Files) -> TokenStream {
    let (version, name) = (migration.version.as_str(), migration.name.as_ref());
    let up = script(&migration.up, files);
    let down = match &migration.down {
        Down::Script(down) => {
            let down = script(down, files);
            quote!(Down::Script(#down))
        }
        Down::Missing => quote!(Down::Missing),
        Down::Irreversible { reason } => {
            let reason = reason.as_ref();
            quote!(Down::Irreversible { reason: Borrowed(#reason) })
        }
    };
    quote!(migration(#version, #name, #up, #down))
}

fn script(script: &Script, files: &Files) -> TokenStream {
    let Script {
        path,
        sql,
        checksum: sum,
        transaction,
        rust,
    } = script;
    let text = match files.holding(path) {
        Some(file) => quote!(text!(#file)),
        None => quote!(#sql),
    };
    let sum = checksum(sum);
    quote!(script(#path, #text, #sum, #transaction, #rust))
}

fn checksum(checksum: &Checksum) -> TokenStream {
    // One token where a list of numbers would be 63.
    let bytes = Literal::byte_string(checksum.as_bytes());
    quote!(#bytes)
}

/// The files that the migrations come from.
struct Files<'a> {
    /// Relative paths of scripts start here.
    root: &'a Path,
    all: HashSet<&'a PathBuf>,
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
                all: loaded.files.iter().collect(),
                whole: loaded.layout != Some(Layout::SingleFiles),
            },
            _ => Files {
                root: Path::new(""),
                all: HashSet::new(),
                whole: false,
            },
        }
    }

    /// The file whose text is the script at `path`. A file with an up and a down section is none.
    fn holding(&self, path: &str) -> Option<String> {
        let file = self.root.join(path);
        let holds = self.whole && path.ends_with(".sql") && self.all.contains(&file);
        holds.then(|| file.to_str().map(str::to_owned)).flatten()
    }

    /// Constants that name the files that nothing else names, so that cargo watches them.
    fn watched(&self) -> TokenStream {
        let mut paths: Vec<&str> = self
            .all
            .iter()
            .filter(|file| !self.whole || file.extension().is_none_or(|end| end != "sql"))
            .filter_map(|file| file.to_str())
            .collect();
        paths.sort_unstable();
        quote!(#(const _: &[::core::primitive::u8] = ::core::include_bytes!(#paths);)*)
    }
}

/// Where the files were, for debug builds.
fn directory(source: &Source) -> TokenStream {
    let Some((loaded, config)) = source.loaded.as_ref().zip(source.config.as_ref()) else {
        return quote!(::core::option::Option::None);
    };
    let path = config.dir.display().to_string();
    let modified = optional(source.modified.map(duration));
    let (entries, ignore) = (&loaded.entries, &config.ignore);
    quote! {
        if ::core::cfg!(debug_assertions) {
            ::core::option::Option::Some(__runtime::EmbeddedDirectory {
                path: #path,
                modified: #modified,
                entries: &[#(#entries),*],
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
