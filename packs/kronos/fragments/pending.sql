-- Whether a message waits. The status is free text.
lower(btrim({{status}})) = 'pending'
