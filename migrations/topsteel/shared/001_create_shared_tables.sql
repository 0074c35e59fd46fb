-- TopSteel, the database SHARED: materials, processes and quality standards that all sociétés have in common.

CREATE EXTENSION IF NOT EXISTS "uuid-ossp";

CREATE TABLE shared_materials (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    code VARCHAR(50) NOT NULL,
    nom VARCHAR(255) NOT NULL,
    nuance VARCHAR(50),
    unite VARCHAR(20) NOT NULL DEFAULT 'kg',
    densite NUMERIC(8, 3),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at TIMESTAMPTZ
);

CREATE TABLE shared_processes (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    code VARCHAR(50) NOT NULL,
    nom VARCHAR(255) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at TIMESTAMPTZ
);

CREATE TABLE shared_quality_standards (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    code VARCHAR(50) NOT NULL,
    nom VARCHAR(255) NOT NULL,
    norme VARCHAR(100),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at TIMESTAMPTZ
);

CREATE INDEX idx_shared_materials_code ON shared_materials (code);

-- The table of TypeORM.
CREATE TABLE migrations (id SERIAL PRIMARY KEY, timestamp BIGINT NOT NULL, name VARCHAR NOT NULL);
INSERT INTO migrations (timestamp, name) VALUES (1704067200002, 'CreateSharedTables1704067200002');
