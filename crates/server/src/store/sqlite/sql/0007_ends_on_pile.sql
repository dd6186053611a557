-- A record that names no charge may be of one that was billed before: orders of its pile that ended about then.

CREATE INDEX orders_by_pile_ended_at ON orders (pile, ended_at);
