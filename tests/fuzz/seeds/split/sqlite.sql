PRAGMA foreign_keys=off;
-- migrate:expect rows a = same
CREATE TABLE new_a (b, [c;d] TEXT DEFAULT ';', `e` BLOB DEFAULT x'00');
INSERT INTO new_a SELECT * FROM a;
DROP TABLE a;
ALTER TABLE new_a RENAME TO a;
CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN
  SELECT CASE WHEN 1 THEN 2 END;
END;
PRAGMA foreign_keys(1);
