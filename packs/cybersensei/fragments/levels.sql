-- The levels of errors that are looked at, and since when: a part of a WITH.
--
-- Comparing the column with a label that the enum type lacks is an error, and comparing the column's
-- text does not use the index. So the labels are read from the type of the column. The name of the
-- type, which differs between databases, is not needed for that.
chosen AS MATERIALIZED (
    SELECT
        label,
        {{since}} AS since
    FROM unnest(enum_range((SELECT level FROM error_logs WHERE false))) AS label
    WHERE {{level}}
)
