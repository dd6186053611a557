-- What happens: orders, commands, alarms and the audit log, made as the books are.

CREATE TABLE orders (
    id                 INTEGER NOT NULL PRIMARY KEY,
    operator           TEXT,
    station            TEXT,
    pile               TEXT,
    connector          INTEGER,
    transaction_number TEXT,
    state              TEXT,
    origin             TEXT,
    account            TEXT,
    card               TEXT,
    vin                TEXT,
    created_at         TEXT,
    ended_at           TEXT,
    settled_at         TEXT,
    charged            INTEGER,
    open_on            TEXT,
    open_pile          TEXT,
    open_account       TEXT,
    abnormal_reason    TEXT,
    "group"            TEXT,
    body               TEXT    NOT NULL
) STRICT;

CREATE INDEX orders_by_operator_id_connector ON orders (operator, id, connector);
CREATE INDEX orders_by_station ON orders (station);
CREATE INDEX orders_by_pile ON orders (pile);
CREATE INDEX orders_by_connector ON orders (connector);
CREATE INDEX orders_by_transaction_number ON orders (transaction_number);
CREATE INDEX orders_by_state ON orders (state);
CREATE INDEX orders_by_origin ON orders (origin);
CREATE INDEX orders_by_account ON orders (account);
CREATE INDEX orders_by_card ON orders (card) WHERE card IS NOT NULL;
CREATE INDEX orders_by_vin ON orders (vin) WHERE vin IS NOT NULL;
CREATE INDEX orders_by_created_at_id_state ON orders (created_at, id, state);
CREATE INDEX orders_by_ended_at_id_state ON orders (ended_at, id, state);
CREATE INDEX orders_by_settled_at_id_state ON orders (settled_at, id, state);
CREATE INDEX orders_by_charged_id_state ON orders (charged, id, state);
CREATE UNIQUE INDEX orders_by_open_on ON orders (open_on) WHERE open_on IS NOT NULL;
CREATE INDEX orders_by_open_pile ON orders (open_pile) WHERE open_pile IS NOT NULL;
CREATE INDEX orders_by_open_account ON orders (open_account) WHERE open_account IS NOT NULL;
CREATE INDEX orders_by_abnormal_reason ON orders (abnormal_reason) WHERE abnormal_reason IS NOT NULL;
CREATE INDEX orders_by_group ON orders ("group") WHERE "group" IS NOT NULL;
CREATE INDEX orders_by_operator_state ON orders (operator, state);
CREATE INDEX orders_by_operator_origin ON orders (operator, origin);
CREATE INDEX orders_by_operator_created_at_id_state ON orders (operator, created_at, id, state);
CREATE INDEX orders_by_operator_ended_at_id_state ON orders (operator, ended_at, id, state);
CREATE INDEX orders_by_operator_settled_at_id_state ON orders (operator, settled_at, id, state);
CREATE INDEX orders_by_operator_charged_id_state ON orders (operator, charged, id, state);
CREATE INDEX orders_by_station_state ON orders (station, state);
CREATE INDEX orders_by_station_created_at_id_state ON orders (station, created_at, id, state);
CREATE INDEX orders_by_pile_created_at ON orders (pile, created_at);
CREATE INDEX orders_by_account_created_at ON orders (account, created_at);

CREATE TABLE commands (
    id         INTEGER NOT NULL PRIMARY KEY,
    operator   TEXT,
    pile       TEXT,
    action     TEXT,
    state      TEXT,
    "order"    INTEGER,
    "key"      TEXT,
    open_pile  TEXT,
    created_at TEXT,
    body       TEXT    NOT NULL
) STRICT;

CREATE INDEX commands_by_operator ON commands (operator);
CREATE INDEX commands_by_pile ON commands (pile);
CREATE INDEX commands_by_action ON commands (action);
CREATE INDEX commands_by_state ON commands (state);
CREATE INDEX commands_by_order ON commands ("order") WHERE "order" IS NOT NULL;
CREATE UNIQUE INDEX commands_by_key ON commands ("key") WHERE "key" IS NOT NULL;
CREATE INDEX commands_by_open_pile ON commands (open_pile) WHERE open_pile IS NOT NULL;
CREATE INDEX commands_by_created_at ON commands (created_at);
CREATE INDEX commands_by_operator_action ON commands (operator, action);
CREATE INDEX commands_by_operator_state ON commands (operator, state);
CREATE INDEX commands_by_operator_created_at ON commands (operator, created_at);
CREATE INDEX commands_by_pile_created_at ON commands (pile, created_at);

CREATE TABLE alarms (
    id        INTEGER NOT NULL PRIMARY KEY,
    operator  TEXT,
    pile      TEXT,
    connector INTEGER,
    code      TEXT,
    severity  TEXT,
    open_key  TEXT,
    open_pile TEXT,
    opened_at TEXT,
    closed_at TEXT,
    body      TEXT    NOT NULL
) STRICT;

CREATE INDEX alarms_by_operator ON alarms (operator);
CREATE INDEX alarms_by_pile ON alarms (pile);
CREATE INDEX alarms_by_connector ON alarms (connector);
CREATE INDEX alarms_by_code ON alarms (code);
CREATE INDEX alarms_by_severity ON alarms (severity);
CREATE UNIQUE INDEX alarms_by_open_key ON alarms (open_key) WHERE open_key IS NOT NULL;
CREATE INDEX alarms_by_open_pile ON alarms (open_pile) WHERE open_pile IS NOT NULL;
CREATE INDEX alarms_by_opened_at ON alarms (opened_at);
CREATE INDEX alarms_by_closed_at ON alarms (closed_at);
CREATE INDEX alarms_by_operator_code ON alarms (operator, code);
CREATE INDEX alarms_by_operator_severity ON alarms (operator, severity);
CREATE INDEX alarms_by_operator_opened_at ON alarms (operator, opened_at);
CREATE INDEX alarms_by_operator_closed_at ON alarms (operator, closed_at);

CREATE TABLE audit (
    id       INTEGER NOT NULL PRIMARY KEY,
    operator TEXT,
    actor    TEXT,
    action   TEXT,
    resource TEXT,
    "key"    TEXT,
    at       TEXT,
    body     TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_by_operator ON audit (operator);
CREATE INDEX audit_by_actor ON audit (actor);
CREATE INDEX audit_by_action ON audit (action);
CREATE INDEX audit_by_resource ON audit (resource);
CREATE INDEX audit_by_key ON audit ("key") WHERE "key" IS NOT NULL;
CREATE INDEX audit_by_at ON audit (at);
CREATE INDEX audit_by_operator_actor ON audit (operator, actor);
CREATE INDEX audit_by_operator_action ON audit (operator, action);
CREATE INDEX audit_by_operator_at ON audit (operator, at);
