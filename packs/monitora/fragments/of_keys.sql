-- Whether an id is among the keys.
{{id}} IN (SELECT TRY_CAST(given.value AS uniqueidentifier) FROM OPENJSON(:keys) AS given)
