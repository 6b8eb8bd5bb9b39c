UPDATE users SET name = lower(nmae) WHERE email IS NULL;
