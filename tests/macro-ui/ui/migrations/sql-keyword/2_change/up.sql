CREATE TABEL posts (id bigint);
