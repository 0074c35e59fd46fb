-- Whether a row is of the workspace that a link has chosen.
(:workspace IS NULL OR {{id}} = TRY_CAST(:workspace AS uniqueidentifier))
