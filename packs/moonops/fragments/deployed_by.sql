-- Who it was. Somebody of MoonOps itself is of no client, and hidden by the policies.
coalesce({{user}}.email, CASE WHEN {{id}} IS NOT NULL THEN 'not of this client' END)
