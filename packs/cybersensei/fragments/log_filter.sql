-- What the log's facets, its search and its links leave of the entries of a level.
(:state::text <> 'unresolved' OR NOT resolved)
    AND (:state::text <> 'resolved' OR resolved)
    AND :source::text IN (source::text, 'all')
    AND (:tenant::uuid IS NULL OR "tenantId" = :tenant::uuid)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', message, endpoint)), lower(:search::text)) > 0)
