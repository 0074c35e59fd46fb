-- A number and what it counts, in words: one of them, or many. Nothing where the number is NULL.
{{n}} || ' ' || CASE {{n}} WHEN 1 THEN {{one}} ELSE {{many}} END
