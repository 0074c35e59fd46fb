-- As the system's own document has it, but for the quotes without which it fails. What ours is compared with.
SELECT status, COUNT(*)
FROM licenses
GROUP BY status;
