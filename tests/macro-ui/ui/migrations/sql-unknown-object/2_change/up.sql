-- migrate:irreversible nobody needs it
DROP SEQUENCE numbers;
