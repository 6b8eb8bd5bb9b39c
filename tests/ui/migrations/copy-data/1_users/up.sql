COPY users (id) FROM STDIN;
1
2
\.
