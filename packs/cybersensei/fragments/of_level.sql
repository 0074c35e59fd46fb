-- Entries of the level of the cause `g`, by the index (level, "timestamp").
SELECT source, method, endpoint, "statusCode", message, stack, level, "resolvedAt"
            FROM error_logs
            WHERE level = g.level
                AND "timestamp" BETWEEN {{since}} AND 'infinity'
                AND ({{which}})
                AND :source::text IN (source::text, 'all')
            OFFSET 0
