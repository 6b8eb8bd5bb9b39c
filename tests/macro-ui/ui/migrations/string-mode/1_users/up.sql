SET standard_conforming_strings = off;
CREATE TABLE users (id bigint, name text DEFAULT 'it\'s');
