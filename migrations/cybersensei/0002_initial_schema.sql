-- CyberSensei Central, migration 2: every table of the document, in TypeORM 0.3's dialect.
--
-- What the document leaves open is settled the way TypeORM would: TIMESTAMP is without time
-- zone, enum types are named <table>_<column>_enum, columns keep their camel case and therefore
-- need quotes, ids default to uuid_generate_v4(), and nothing but the application sets
-- "updatedAt". Only the documented indexes exist; in particular none covers "resolved".

CREATE TABLE "tenants" (
    "id"           uuid              NOT NULL DEFAULT uuid_generate_v4(),
    "name"         character varying NOT NULL,
    "contactEmail" character varying NOT NULL,
    "licenseKey"   character varying NOT NULL,  -- repeats licenses."key"; nothing keeps them equal
    "active"       boolean           NOT NULL DEFAULT true,
    "companyName"  character varying,
    "address"      character varying,
    "phone"        character varying,
    "createdAt"    TIMESTAMP         NOT NULL DEFAULT now(),
    "updatedAt"    TIMESTAMP         NOT NULL DEFAULT now(),
    CONSTRAINT "PK_tenants" PRIMARY KEY ("id"),
    CONSTRAINT "UQ_tenants_name" UNIQUE ("name"),
    CONSTRAINT "UQ_tenants_licenseKey" UNIQUE ("licenseKey")
);

CREATE TYPE "licenses_status_enum" AS ENUM ('ACTIVE', 'EXPIRED', 'REVOKED', 'PENDING');

CREATE TABLE "licenses" (
    "id"            uuid                   NOT NULL DEFAULT uuid_generate_v4(),
    "key"           character varying      NOT NULL,
    "tenantId"      uuid                   NOT NULL,
    "expiresAt"     TIMESTAMP,                       -- NULL: perpetual
    "status"        "licenses_status_enum" NOT NULL DEFAULT 'PENDING',
    "usageCount"    integer                NOT NULL DEFAULT 0,
    "maxUsageCount" integer,                         -- NULL: unlimited
    "notes"         text,
    "createdAt"     TIMESTAMP              NOT NULL DEFAULT now(),
    "updatedAt"     TIMESTAMP              NOT NULL DEFAULT now(),
    CONSTRAINT "PK_licenses" PRIMARY KEY ("id"),
    CONSTRAINT "UQ_licenses_key" UNIQUE ("key"),
    CONSTRAINT "FK_licenses_tenantId" FOREIGN KEY ("tenantId") REFERENCES "tenants" ("id")
);

CREATE INDEX "IDX_licenses_tenantId" ON "licenses" ("tenantId");
CREATE INDEX "IDX_licenses_status" ON "licenses" ("status");

CREATE TABLE "tenant_metrics" (
    "id"                      uuid             NOT NULL DEFAULT uuid_generate_v4(),
    "tenantId"                uuid             NOT NULL,
    "uptime"                  integer          NOT NULL DEFAULT 0,  -- seconds
    "activeUsers"             integer          NOT NULL DEFAULT 0,
    "exercisesCompletedToday" integer          NOT NULL DEFAULT 0,
    "aiLatency"               double precision,                     -- milliseconds; NULL: no AI call
    "version"                 character varying,
    "additionalData"          jsonb,
    "timestamp"               TIMESTAMP        NOT NULL DEFAULT now(),
    CONSTRAINT "PK_tenant_metrics" PRIMARY KEY ("id"),
    CONSTRAINT "FK_tenant_metrics_tenantId" FOREIGN KEY ("tenantId") REFERENCES "tenants" ("id")
);

CREATE INDEX "IDX_tenant_metrics_tenantId_timestamp" ON "tenant_metrics" ("tenantId", "timestamp");
CREATE INDEX "IDX_tenant_metrics_timestamp" ON "tenant_metrics" ("timestamp");

CREATE TYPE "admin_users_role_enum" AS ENUM ('SUPERADMIN', 'SUPPORT');

CREATE TABLE "admin_users" (
    "id"           uuid                    NOT NULL DEFAULT uuid_generate_v4(),
    "name"         character varying       NOT NULL,
    "email"        character varying       NOT NULL,
    "passwordHash" character varying       NOT NULL,
    "role"         "admin_users_role_enum" NOT NULL DEFAULT 'SUPPORT',
    "active"       boolean                 NOT NULL DEFAULT true,
    "lastLoginAt"  TIMESTAMP,
    "createdAt"    TIMESTAMP               NOT NULL DEFAULT now(),
    "updatedAt"    TIMESTAMP               NOT NULL DEFAULT now(),
    CONSTRAINT "PK_admin_users" PRIMARY KEY ("id"),
    CONSTRAINT "UQ_admin_users_email" UNIQUE ("email")
);

CREATE TABLE "updates_metadata" (
    "id"          uuid              NOT NULL DEFAULT uuid_generate_v4(),
    "version"     character varying NOT NULL,
    "changelog"   text,
    "filename"    character varying NOT NULL,
    "fileSize"    bigint            NOT NULL,
    "mongoFileId" character varying NOT NULL,  -- hex of an ObjectId in another database: unchecked
    "checksum"    character varying,           -- SHA-256, hex
    "active"      boolean           NOT NULL DEFAULT true,
    "metadata"    jsonb,
    "createdAt"   TIMESTAMP         NOT NULL DEFAULT now(),
    CONSTRAINT "PK_updates_metadata" PRIMARY KEY ("id"),
    CONSTRAINT "UQ_updates_metadata_version" UNIQUE ("version")
);

CREATE TYPE "error_logs_level_enum" AS ENUM ('INFO', 'WARNING', 'ERROR', 'CRITICAL');
CREATE TYPE "error_logs_source_enum" AS ENUM ('NODE', 'BACKEND', 'SYSTEM');

CREATE TABLE "error_logs" (
    "id"              uuid                     NOT NULL DEFAULT uuid_generate_v4(),
    "tenantId"        uuid,                              -- optional, and no foreign key
    "level"           "error_logs_level_enum"  NOT NULL DEFAULT 'ERROR',
    "source"          "error_logs_source_enum" NOT NULL,
    "message"         text                     NOT NULL,
    "stack"           text,
    "endpoint"        character varying,
    "method"          character varying,
    "statusCode"      integer,
    "userId"          character varying,
    "ipAddress"       character varying,
    "userAgent"       character varying,
    "metadata"        jsonb,
    "context"         jsonb,
    "timestamp"       TIMESTAMP                NOT NULL DEFAULT now(),
    "resolved"        boolean                  NOT NULL DEFAULT false,
    "resolvedAt"      TIMESTAMP,
    "resolvedBy"      character varying,
    "resolutionNotes" text,
    CONSTRAINT "PK_error_logs" PRIMARY KEY ("id")
);

CREATE INDEX "IDX_error_logs_tenantId_timestamp" ON "error_logs" ("tenantId", "timestamp");
CREATE INDEX "IDX_error_logs_level_timestamp" ON "error_logs" ("level", "timestamp");
CREATE INDEX "IDX_error_logs_source_timestamp" ON "error_logs" ("source", "timestamp");

INSERT INTO "migrations" ("timestamp", "name")
VALUES (1700000000001, 'InitialSchema1700000000001');
