CREATE TABLE users (id bigint);
COPY users (id) FROM STDIN;
1
2
\.
