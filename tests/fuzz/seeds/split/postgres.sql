-- dump
SET standard_conforming_strings = on;
SELECT E'it\'s; x', U&'d\0061;', $$a;b$$, $größe$ ; $x$ $größe$;
/* /* ; */ ; */ CREATE TABLE t (a int, "b;" text);
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;
CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM t WHERE a = 1; DELETE FROM t WHERE a = 2);
SELECT '[1,2)'::int4range -|- '[2,3)'::int4range, '{"a":1}'::jsonb #>> '{a}', '{"a":1}'::jsonb ?| array['a;'];
SELECT 1 *--;
 2;
SELECT E'a'
 'b\'; c';
COPY t FROM stdin;
1	;'
2	$$
\.
SELECT 1; SELECT 2;;
DROP TABLE t;
DROP FUNCTION f()
