-- TopSteel, the database AUTH: who may get in, which sociétés there are, and who belongs to which.
--
-- The document names users, societes, societe_users and user_sessions, their columns deleted_at, user_id and expires_at, and
-- permissions by the word alone. The other columns are in its style. It has no foreign key between societe_users and users:
-- it says itself that rows without a user are to be looked for.

CREATE EXTENSION IF NOT EXISTS "uuid-ossp";

CREATE TABLE users (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    email VARCHAR(255) NOT NULL,
    nom VARCHAR(255),
    prenom VARCHAR(255),
    password_hash TEXT NOT NULL,
    actif BOOLEAN NOT NULL DEFAULT true,
    last_login_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at TIMESTAMPTZ
);

CREATE TABLE societes (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    code VARCHAR(50) UNIQUE NOT NULL,
    nom VARCHAR(255) NOT NULL,
    database_name VARCHAR(63),
    status VARCHAR(20) NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED')),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at TIMESTAMPTZ
);

CREATE TABLE societe_users (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL,
    societe_id UUID NOT NULL,
    role VARCHAR(50) NOT NULL DEFAULT 'USER',
    actif BOOLEAN NOT NULL DEFAULT true,
    last_activity_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at TIMESTAMPTZ
);

CREATE TABLE permissions (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    role VARCHAR(50) NOT NULL,
    code VARCHAR(100) NOT NULL
);

CREATE TABLE user_sessions (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL,
    societe_id UUID,
    token_hash TEXT NOT NULL,
    ip_address INET,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at TIMESTAMPTZ
);

CREATE INDEX idx_users_email ON users (email);
CREATE INDEX idx_societe_users_user_id ON societe_users (user_id);
CREATE INDEX idx_societe_users_societe_id ON societe_users (societe_id);
CREATE INDEX idx_user_sessions_user_id ON user_sessions (user_id);

-- The table of TypeORM.
CREATE TABLE migrations (id SERIAL PRIMARY KEY, timestamp BIGINT NOT NULL, name VARCHAR NOT NULL);
INSERT INTO migrations (timestamp, name) VALUES (1704067200001, 'CreateAuthTables1704067200001');
