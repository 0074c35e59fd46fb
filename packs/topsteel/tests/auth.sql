-- Short ways to say what a row of AUTH is about. Ids are those of names. Times are "so long ago".

CREATE FUNCTION id(text) RETURNS uuid IMMUTABLE LANGUAGE sql AS 'SELECT md5($1)::uuid';

-- A société, with its database.
CREATE FUNCTION societe(text, database text DEFAULT NULL, status text DEFAULT 'ACTIVE', deleted bool DEFAULT false) RETURNS void LANGUAGE sql AS $$
    INSERT INTO societes (id, code, nom, database_name, status, deleted_at)
    VALUES (id($1), upper($1), $1, $2, $3, CASE WHEN $4 THEN now() END)
$$;

-- A user, in these sociétés.
CREATE FUNCTION account(text, societes text[] DEFAULT '{}', seen interval DEFAULT '1 hour') RETURNS void LANGUAGE sql AS $$
    INSERT INTO users (id, email, password_hash, last_login_at) VALUES (id($1), $1 || '@example', 'not to be read', now() - $3);
    INSERT INTO societe_users (user_id, societe_id, last_activity_at) SELECT id($1), id(s), now() - $3 FROM unnest($2) AS s
$$;

-- A session of a user that ends in so long.
CREATE FUNCTION login(text, ends_in interval) RETURNS void LANGUAGE sql AS $$
    INSERT INTO user_sessions (user_id, token_hash, expires_at) VALUES (id($1), 'not to be read', now() + $2)
$$;
