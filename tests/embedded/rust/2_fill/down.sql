DELETE FROM users WHERE name = 'left by rust';
