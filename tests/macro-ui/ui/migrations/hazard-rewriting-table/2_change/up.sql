-- migrate:irreversible the order of rows is nobody's to restore
CLUSTER users USING users_pkey;
