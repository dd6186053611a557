-- A record that names no charge is known by its order, so the order is to be found by it.

ALTER TABLE orders ADD COLUMN record INTEGER;
UPDATE orders SET record = json_extract(body, '$.record');
CREATE INDEX orders_by_record ON orders (record);
