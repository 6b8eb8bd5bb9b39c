-- migrate:irreversible nobody needs it
DROP TABLE names;
