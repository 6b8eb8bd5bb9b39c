CREATE TABLE logins (user_id INTEGER REFERENCES users (id));
