-- Whether a license that has not ended yet ends within so many days.
l."expiresAt" > LOCALTIMESTAMP AND l."expiresAt" <= LOCALTIMESTAMP + {{days}} * interval '1 day'
