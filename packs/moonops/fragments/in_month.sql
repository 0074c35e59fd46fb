-- Whether an invoice is of the month that begins on {{start}}: half open, so that its last day counts and the first one of
-- the next month does not. What was cancelled costs nobody anything.
i.billing_period_start >= {{start}}
    AND i.billing_period_start < ({{start}} + interval '1 month')::date
    AND i.status <> 'cancelled'
