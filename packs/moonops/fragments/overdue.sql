-- Whether an invoice should have been paid. Its last day is still in time.
i.status = 'sent' AND i.due_on < current_date
