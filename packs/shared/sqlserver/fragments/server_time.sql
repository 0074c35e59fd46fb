-- A time of the server's own zone, with its offset as it is now.
TODATETIMEOFFSET({{time}}, DATEPART(TZOFFSET, SYSDATETIMEOFFSET()))
