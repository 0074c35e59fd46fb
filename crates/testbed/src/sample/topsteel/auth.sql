-- AUTH: users, sociétés and sessions. The setting sample.now is the sample's clock.

CREATE FUNCTION pg_temp.clock() RETURNS timestamptz STABLE LANGUAGE sql AS
$$ SELECT current_setting('sample.now')::timestamptz $$;

CREATE FUNCTION pg_temp.noise(seed text) RETURNS double precision IMMUTABLE LANGUAGE sql AS
$$ SELECT ('x' || left(md5(seed), 7))::bit(28)::int / 268435456.0::double precision $$;

CREATE FUNCTION pg_temp.whole(seed text, low int, high int) RETURNS int IMMUTABLE LANGUAGE sql AS
$$ SELECT low + floor(pg_temp.noise(seed) * (high - low + 1))::int $$;

-- A société's id is that of its code.
INSERT INTO societes (id, code, nom, database_name, status, created_at, deleted_at)
SELECT
    md5(made.code)::uuid,
    made.code,
    made.nom,
    made.database,
    CASE WHEN made.status = 'SUSPENDED' THEN 'SUSPENDED' ELSE 'ACTIVE' END,
    pg_temp.clock() - interval '300 days',
    CASE WHEN made.status = 'deleted' THEN pg_temp.clock() - interval '20 days' END
FROM (VALUES
    ('TOPSTEEL', 'TopSteel', 'erp_topsteel_topsteel', 'ACTIVE'),
    ('INOX', 'Inox du Rhône', 'erp_topsteel_inox', 'ACTIVE'),
    ('FONDERIE', 'Fonderie Vosges', 'erp_topsteel_fonderie', 'ACTIVE'),
    ('TUBES', 'Tubes & Cie', 'erp_topsteel_tubes', 'ACTIVE'),
    -- Two migrations behind; tables that no other has; no data; nobody works with it.
    ('RETARD', 'Retardataire', 'erp_topsteel_retard', 'ACTIVE'),
    ('ECART', 'Écart Métal', 'erp_topsteel_ecart', 'ACTIVE'),
    ('VIDE', 'Nouvelle Aciérie', 'erp_topsteel_vide', 'ACTIVE'),
    ('DORMANT', 'Dormant SARL', 'erp_topsteel_dormant', 'ACTIVE'),
    -- Has rows of another.
    ('MELANGE', 'Mélange SA', 'erp_topsteel_melange', 'ACTIVE'),
    -- The dashboard may not read it.
    ('SECRET', 'Secret Défense', 'erp_topsteel_droits', 'ACTIVE'),
    -- Without a database: one that is not there, and none at all.
    ('FANTOME', 'Fantôme', 'erp_topsteel_fantome', 'ACTIVE'),
    ('SANSBASE', 'Sans Base', NULL, 'ACTIVE'),
    ('SUSPENDUE', 'Suspendue', 'erp_topsteel_suspendue', 'SUSPENDED'),
    -- Deleted, and its database is still there.
    ('FERMEE', 'Fermée', 'erp_topsteel_fermee', 'deleted')
) AS made (code, nom, database, status);

-- Of each société a few users.
INSERT INTO users (id, email, nom, prenom, password_hash, last_login_at, created_at)
SELECT
    md5(s.code || n)::uuid,
    format('user%s@%s.example', n, lower(s.code)),
    format('Nom %s', n),
    format('Prénom %s', n),
    '$2b$12$' || md5(s.code || n),
    pg_temp.clock() - pg_temp.whole('login' || s.code || n, 1, 20 * 24) * interval '1 hour',
    pg_temp.clock() - interval '280 days'
FROM societes AS s
CROSS JOIN generate_series(1, 5) AS n
-- Nobody belongs to it.
WHERE s.code <> 'VIDE';

INSERT INTO societe_users (user_id, societe_id, role, last_activity_at, created_at)
SELECT
    u.id,
    s.id,
    CASE WHEN u.email LIKE 'user1@%' THEN 'ADMIN' ELSE 'USER' END,
    u.last_login_at + interval '20 minutes',
    u.created_at
FROM societes AS s
JOIN users AS u
    ON u.email LIKE '%@' || lower(s.code) || '.example';

-- One is in every société. Nobody was in one of them for months.
INSERT INTO users (id, email, nom, prenom, password_hash, last_login_at, created_at)
VALUES (md5('admin')::uuid, 'admin@topsteel.example', 'Admin', 'Groupe', '$2b$12$x', pg_temp.clock() - interval '1 hour', pg_temp.clock() - interval '300 days');
INSERT INTO societe_users (user_id, societe_id, role, last_activity_at)
SELECT md5('admin')::uuid, s.id, 'ADMIN', pg_temp.clock() - interval '1 day'
FROM societes AS s
WHERE s.code NOT IN ('VIDE', 'DORMANT') AND s.deleted_at IS NULL;
UPDATE users SET last_login_at = pg_temp.clock() - interval '200 days' WHERE email LIKE '%@dormant.example';
UPDATE societe_users SET last_activity_at = pg_temp.clock() - interval '200 days' WHERE societe_id = md5('DORMANT')::uuid;

-- Of no société; deleted; one address in two cases; switched off.
INSERT INTO users (id, email, nom, password_hash, actif, last_login_at, deleted_at) VALUES
    (md5('seul')::uuid, 'seul@topsteel.example', 'Seul', 'x', true, pg_temp.clock() - interval '3 hours', NULL),
    (md5('perdu')::uuid, 'perdu@topsteel.example', 'Perdu', 'x', true, NULL, NULL),
    (md5('parti')::uuid, 'parti@inox.example', 'Parti', 'x', true, NULL, pg_temp.clock() - interval '9 days'),
    (md5('double')::uuid, 'User2@Tubes.example', 'Double', 'x', true, pg_temp.clock() - interval '4 days', NULL),
    (md5('eteint')::uuid, 'eteint@inox.example', 'Éteint', 'x', false, NULL, NULL);

-- A member whose user was deleted, one whose user never was, one of a société that never was, one twice.
INSERT INTO societe_users (id, user_id, societe_id) VALUES
    (md5('row1')::uuid, md5('parti')::uuid, md5('INOX')::uuid),
    (md5('row2')::uuid, md5('nobody')::uuid, md5('TUBES')::uuid),
    (md5('row3')::uuid, md5('eteint')::uuid, md5('nothing')::uuid),
    (md5('row4')::uuid, md5('double')::uuid, md5('TUBES')::uuid),
    (md5('row5')::uuid, md5('double')::uuid, md5('TUBES')::uuid);

INSERT INTO permissions (role, code)
SELECT role.name, permission.code
FROM (VALUES ('ADMIN'), ('USER')) AS role (name)
CROSS JOIN (VALUES ('clients:read'), ('commandes:read'), ('commandes:write'), ('users:write')) AS permission (code)
WHERE role.name = 'ADMIN' OR permission.code <> 'users:write';

-- Valid ones, those that ended within the week, and many that nothing has deleted since.
INSERT INTO user_sessions (user_id, societe_id, token_hash, ip_address, created_at, expires_at)
SELECT
    md5(s.code || 1 + n % 5)::uuid,
    s.id,
    md5('token' || s.code || n),
    ('10.2.' || n % 100 || '.' || pg_temp.whole('ip' || n, 1, 254))::inet,
    pg_temp.clock() + ends.after - interval '12 hours',
    pg_temp.clock() + ends.after
FROM societes AS s
CROSS JOIN generate_series(1, 40) AS n
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN n <= 4 THEN pg_temp.whole('end' || s.code || n, 10, 700) * interval '1 minute'
        WHEN n <= 12 THEN -pg_temp.whole('end' || s.code || n, 1, 160) * interval '1 hour'
        ELSE -pg_temp.whole('end' || s.code || n, 8, 120) * interval '1 day'
    END AS after
) AS ends
WHERE s.code NOT IN ('VIDE', 'DORMANT')
    AND s.deleted_at IS NULL;

-- Without an end, and of a user who was deleted.
INSERT INTO user_sessions (user_id, societe_id, token_hash, created_at, expires_at) VALUES
    (md5('admin')::uuid, md5('TOPSTEEL')::uuid, 'x', pg_temp.clock() - interval '100 days', NULL),
    (md5('parti')::uuid, md5('INOX')::uuid, 'x', pg_temp.clock() - interval '2 hours', pg_temp.clock() + interval '10 hours');
