-- The one database of before the migration: fewer columns, no deleted_at in some tables, and counts that differ a little.

CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text, deleted_at timestamptz);
CREATE TABLE materials (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), code text, deleted_at timestamptz);
CREATE TABLE clients (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), nom text, deleted_at timestamptz);
CREATE TABLE commandes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), numero text);

INSERT INTO users (email, deleted_at) SELECT 'user' || n, CASE WHEN n % 10 = 0 THEN now() END FROM generate_series(1, 40) AS n;
INSERT INTO materials (code) SELECT 'MAT-' || n FROM generate_series(1, 183) AS n;
INSERT INTO clients (nom) SELECT 'Client ' || n FROM generate_series(1, 261) AS n;
INSERT INTO commandes (numero) SELECT 'CMD-' || n FROM generate_series(1, 2400) AS n;
