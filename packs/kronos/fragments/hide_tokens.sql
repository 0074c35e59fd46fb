-- A text without the tokens in it: JSON Web Tokens, and what follows "Bearer" or "token=".
regexp_replace({{text}}, '\meyJ[\w-]{6,}(?:\.[\w-]+)*|(?<=Bearer )\S+|(?<=bearer )\S+|(?<=token=)[^\s&]+', '…', 'g')
