-- CyberSensei Central, migration 1 of the two that its document lists.
--
-- The application is built with TypeORM, so this also creates the table in which TypeORM
-- records what has run. TypeORM appends a JavaScript timestamp to every migration's name.

CREATE EXTENSION IF NOT EXISTS "uuid-ossp";

CREATE TABLE "migrations" (
    "id"        SERIAL            NOT NULL,
    "timestamp" bigint            NOT NULL,
    "name"      character varying NOT NULL,
    CONSTRAINT "PK_migrations" PRIMARY KEY ("id")
);

INSERT INTO "migrations" ("timestamp", "name")
VALUES (1700000000000, 'AddUuidExtension1700000000000');
