-- Whether the text that is looked for is in another one, whatever the collation thinks of capitals.
(:search IS NULL OR CHARINDEX(LOWER(:search), LOWER({{text}})) > 0)
