//! What the app and its `migrate` command share: the migrations.

migrate_runtime::embed_migrations!();
