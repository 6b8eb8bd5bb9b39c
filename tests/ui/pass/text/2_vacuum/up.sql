-- migrate:no-transaction
VACUUM;
