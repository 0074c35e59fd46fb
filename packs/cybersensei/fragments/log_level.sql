-- The level that the log shows, or 'all'. The key of a cause begins with its level, which overrules
-- the facet.
coalesce(split_part(:group::text, '-', 1), :level::text)
