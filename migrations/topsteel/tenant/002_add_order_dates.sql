-- When an order is to be delivered.

ALTER TABLE commandes ADD COLUMN livraison_prevue DATE;
INSERT INTO migrations (timestamp, name) VALUES (1709251200004, 'AddOrderDates1709251200004');
