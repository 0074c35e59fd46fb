-- Whether a message was given up. The status is free text.
lower(btrim({{status}})) IN ('failed', 'failure', 'error', 'dead')
