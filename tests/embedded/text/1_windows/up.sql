CREATE TABLE a (t text DEFAULT '\{"');
INSERT INTO a VALUES ('x
y');
