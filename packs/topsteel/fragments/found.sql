-- Whether the text that is looked for is part of one of these.
(:search::text IS NULL OR strpos(lower(concat_ws(' ', {{first}}, {{second}}, {{third}})), lower(:search::text)) > 0)
