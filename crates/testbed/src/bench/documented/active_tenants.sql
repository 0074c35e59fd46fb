-- As the system's own document has it, but for the quotes without which it fails. What ours is compared with.
SELECT COUNT(*) FROM tenants WHERE active = true;
