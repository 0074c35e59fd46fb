-- Where a stock lies.

ALTER TABLE stocks ADD COLUMN emplacement VARCHAR(50);
INSERT INTO migrations (timestamp, name) VALUES (1719792000005, 'AddStockPlaces1719792000005');
