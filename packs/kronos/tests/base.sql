-- Short ways to say what a row is about. Times are "so long ago".

INSERT INTO roles (name, permissions) VALUES ('reader', '{logs:read}');

-- A user with a role, or with none.
CREATE FUNCTION account(text, role text DEFAULT 'reader') RETURNS void LANGUAGE sql AS $$
    INSERT INTO users (username, email, password_hash, role_id)
    VALUES ($1, $1 || '@example', 'not to be read', (SELECT r.id FROM roles AS r WHERE r.name = $2))
$$;

-- A session of a user that ends in so long; a token of its own unless one is named.
CREATE FUNCTION login(text, ends_in interval, token text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO sessions (user_id, token, expires_at)
    VALUES ((SELECT u.id FROM users AS u WHERE u.username = $1), coalesce($3, gen_random_uuid()::text), LOCALTIMESTAMP + $2)
$$;

-- A line of the log.
CREATE FUNCTION line(service text, level text, message text, age interval DEFAULT '1 minute') RETURNS void LANGUAGE sql AS $$
    INSERT INTO logs (service_name, level, message, timestamp) VALUES ($1, $2, $3, LOCALTIMESTAMP - $4)
$$;

-- A message of the queue.
CREATE FUNCTION message(topic text, status text, age interval) RETURNS void LANGUAGE sql AS $$
    INSERT INTO message_queue (topic, status, payload, created_at) VALUES ($1, $2, 'not to be read', LOCALTIMESTAMP - $3)
$$;
