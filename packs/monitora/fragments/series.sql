-- A figure of the thirty days as a list for a line: a day without a row is null.
CONCAT('[', STRING_AGG(COALESCE(CONVERT(nvarchar(30), CAST({{of}} AS float)), N'null'), N',')
        WITHIN GROUP (ORDER BY day.ago DESC), ']')
