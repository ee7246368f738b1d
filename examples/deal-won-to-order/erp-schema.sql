-- The example ERP: a database of its own, which Ecluse's roles cannot even connect to.
-- Repeatable: the local stack runs it at every start.
CREATE TABLE IF NOT EXISTS product (
  sku text PRIMARY KEY,
  name text NOT NULL,
  list_price numeric(12, 2) NOT NULL
);
CREATE TABLE IF NOT EXISTS party (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  external_id text NOT NULL CONSTRAINT party_external_id_key UNIQUE,
  name text NOT NULL,
  email text
);
CREATE TABLE IF NOT EXISTS sales_order (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text NOT NULL GENERATED ALWAYS AS ('SO-' || lpad(id::text, 6, '0')) STORED,
  external_id text NOT NULL CONSTRAINT sales_order_external_id_key UNIQUE,
  party_id bigint NOT NULL REFERENCES party (id),
  currency text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- The user that Vault made for the occasion: shows which credential wrote the order.
  created_by text NOT NULL DEFAULT session_user
);
CREATE TABLE IF NOT EXISTS sales_order_line (
  order_id bigint NOT NULL REFERENCES sales_order (id),
  external_id text NOT NULL,
  sku text NOT NULL REFERENCES product (sku),
  quantity integer NOT NULL CHECK (quantity > 0),
  unit_price numeric(12, 2) NOT NULL CHECK (unit_price >= 0),
  PRIMARY KEY (order_id, external_id)
);

INSERT INTO product (sku, name, list_price) VALUES
  ('LOCK-100', 'Lock gate, 100 cm', 1250.00),
  ('PUMP-20', 'Chamber pump, 20 l/s', 480.50),
  ('SERVICE-1', 'Commissioning, one day', 960.00)
ON CONFLICT (sku) DO NOTHING;
INSERT INTO party (external_id, name, email) VALUES
  ('crm-1001', 'Canal Works Ltd', 'orders@canal-works.example')
ON CONFLICT (external_id) DO NOTHING;

GRANT USAGE ON SCHEMA public TO erp_rw;
GRANT SELECT ON product TO erp_rw;
GRANT SELECT, INSERT, UPDATE ON party, sales_order, sales_order_line TO erp_rw;
