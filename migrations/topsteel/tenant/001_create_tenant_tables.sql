-- TopSteel, the database of one société: its clients, orders and stock. Each row says whose it is (societe_id), although the
-- database is one société's.

CREATE EXTENSION IF NOT EXISTS "uuid-ossp";

CREATE TABLE clients (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    societe_id UUID NOT NULL,
    code VARCHAR(50) NOT NULL,
    nom VARCHAR(255) NOT NULL,
    email VARCHAR(255),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at TIMESTAMPTZ
);

CREATE TABLE commandes (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    societe_id UUID NOT NULL,
    client_id UUID REFERENCES clients(id),
    numero VARCHAR(50) NOT NULL,
    statut VARCHAR(20) NOT NULL DEFAULT 'BROUILLON',
    montant_ht NUMERIC(14, 2) NOT NULL DEFAULT 0,
    devise CHAR(3) NOT NULL DEFAULT 'EUR',
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at TIMESTAMPTZ
);

CREATE TABLE stocks (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    societe_id UUID NOT NULL,
    material_code VARCHAR(50) NOT NULL,
    quantite NUMERIC(14, 3) NOT NULL DEFAULT 0,
    seuil NUMERIC(14, 3),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at TIMESTAMPTZ
);

CREATE INDEX idx_clients_societe_id ON clients (societe_id);
CREATE INDEX idx_commandes_societe_id ON commandes (societe_id);
CREATE INDEX idx_stocks_societe_id ON stocks (societe_id);

-- The table of TypeORM.
CREATE TABLE migrations (id SERIAL PRIMARY KEY, timestamp BIGINT NOT NULL, name VARCHAR NOT NULL);
INSERT INTO migrations (timestamp, name) VALUES (1704067200003, 'CreateTenantTables1704067200003');
