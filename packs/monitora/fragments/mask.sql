-- Of a visitor's name or address the first letter.
CASE WHEN LEN({{of}}) > 0 THEN CONCAT(LEFT({{of}}, 1), N'…') END
