-- Whether an invoice is of the row of Billing with this key: its client, its currency, and its project where the row is a
-- project's.
i.client_id = ({{key}}::json ->> 0)::uuid
    AND i.currency = {{key}}::json ->> 2
    AND ({{key}}::json ->> 1 = '' OR i.project_id::text = {{key}}::json ->> 1)
    AND {{of_scope(of => i)}}
