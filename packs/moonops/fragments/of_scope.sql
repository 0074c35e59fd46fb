-- The second fence: where policies bind the login they find no other client's rows anyway. No scope is "all".
(:scope::uuid IS NULL OR {{of}}.client_id = :scope::uuid)
