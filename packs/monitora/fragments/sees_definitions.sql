-- Whether this login sees every object of the database. Otherwise it sees what it has a right to, and what it does not see
-- may be there all the same.
COALESCE(HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION'), 0) = 1
