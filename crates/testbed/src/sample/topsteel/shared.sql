-- SHARED: the catalogue. The setting sample.now is the sample's clock.

INSERT INTO shared_materials (code, nom, nuance, densite, updated_at)
SELECT
    format('MAT-%s', lpad(n::text, 4, '0')),
    format('%s %s mm', (ARRAY['Tôle', 'Tube', 'Profilé', 'Barre'])[1 + n % 4], 2 + n),
    (ARRAY['S235', 'S355', '304L', '316L'])[1 + n % 4],
    7.85,
    current_setting('sample.now')::timestamptz - n * interval '7 hours'
FROM generate_series(1, 180) AS n;

-- One code twice, one material under two codes, one without weight, deleted ones.
INSERT INTO shared_materials (code, nom, nuance, densite, deleted_at) VALUES
    ('mat-0007 ', 'Barre 9 mm', 'S460', 7.85, NULL),
    ('MAT-9001', 'Tôle 10 mm', 'S235', 7.85, NULL),
    ('MAT-9002', 'Aluminium', '6061', 0, NULL),
    ('MAT-0001', 'Tube 3 mm', 'S355', 7.85, now()),
    ('MAT-OLD', 'Fonte', NULL, 7.2, now());

INSERT INTO shared_processes (code, nom)
SELECT 'PROC-' || n, (ARRAY['Découpe laser', 'Pliage', 'Soudure', 'Perçage'])[1 + n % 4] || ' ' || n
FROM generate_series(1, 24) AS n;
