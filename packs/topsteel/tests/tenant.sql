-- Short ways to say what is in a société's database. Times are "so long ago".

CREATE FUNCTION client(code text, societe text, age interval DEFAULT '1 day', deleted bool DEFAULT false) RETURNS void LANGUAGE sql AS $$
    INSERT INTO clients (societe_id, code, nom, created_at, updated_at, deleted_at)
    VALUES (md5($2)::uuid, $1, $1, now() - $3, now() - $3, CASE WHEN $4 THEN now() END)
$$;

CREATE FUNCTION commande(numero text, societe text, montant numeric DEFAULT 10, devise text DEFAULT 'EUR', age interval DEFAULT '1 day')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO commandes (societe_id, numero, montant_ht, devise, statut, created_at)
    VALUES (md5($2)::uuid, $1, $3, $4, 'CONFIRMEE', now() - $5)
$$;
