-- The books: each kind of document is a table. `body` is its JSON and the truth; the other columns are read out of it
-- where they are asked for, and stand in indexes. Times in documents are RFC 3339 text in UTC, which sorts as time
-- does. Money in documents is text with two decimals; as a column it is a whole number of fen, which sorts as money.
--
-- Every searchable field has an index, followed by the id, which is the order of the list. Where many documents share a
-- value, the lists of one operator have an index of their own. An index on a field that few documents have leaves the
-- others out.

ALTER TABLE piles RENAME TO piles_before_books;
ALTER TABLE tariffs RENAME TO tariffs_before_books;
DROP INDEX piles_by_tariff;

CREATE TABLE operators (
    id         TEXT    NOT NULL PRIMARY KEY,
    body       TEXT    NOT NULL,
    name       TEXT    AS (body ->> '$.name'),
    tcec_id    TEXT    AS (body ->> '$.tcec_id'),
    created_at TEXT    AS (body ->> '$.created_at')
) STRICT;

CREATE INDEX operators_by_name ON operators (name, id);
CREATE INDEX operators_by_tcec_id ON operators (tcec_id, id);
CREATE INDEX operators_by_created_at ON operators (created_at, id);

CREATE TABLE users (
    id         TEXT    NOT NULL PRIMARY KEY,
    body       TEXT    NOT NULL,
    operator   TEXT    AS (body ->> '$.operator'),
    role       TEXT    AS (body ->> '$.role'),
    created_at TEXT    AS (body ->> '$.created_at')
) STRICT;

CREATE INDEX users_by_operator ON users (operator, id);
CREATE INDEX users_by_role ON users (role, id);
CREATE INDEX users_by_created_at ON users (created_at, id);

CREATE TABLE tokens (
    id         INTEGER NOT NULL PRIMARY KEY,
    body       TEXT    NOT NULL,
    operator   TEXT    AS (body ->> '$.operator'),
    hash       TEXT    AS (body ->> '$.hash'),
    "user"     TEXT    AS (body ->> '$.user'),
    created_at TEXT    AS (body ->> '$.created_at')
) STRICT;

CREATE INDEX tokens_by_operator ON tokens (operator);
CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash);
CREATE INDEX tokens_by_user ON tokens ("user") WHERE "user" IS NOT NULL;
CREATE INDEX tokens_by_created_at ON tokens (created_at);

CREATE TABLE stations (
    id         TEXT    NOT NULL PRIMARY KEY,
    body       TEXT    NOT NULL,
    operator   TEXT    AS (body ->> '$.operator'),
    name       TEXT    AS (body ->> '$.name'),
    tariff     TEXT    AS (body ->> '$.tariff'),
    created_at TEXT    AS (body ->> '$.created_at')
) STRICT;

CREATE INDEX stations_by_operator ON stations (operator, id);
CREATE INDEX stations_by_name ON stations (name, id);
CREATE INDEX stations_by_tariff ON stations (tariff, id);
CREATE INDEX stations_by_created_at ON stations (created_at, id);

CREATE TABLE piles (
    id         TEXT    NOT NULL PRIMARY KEY,
    body       TEXT    NOT NULL,
    operator   TEXT    AS (body ->> '$.operator'),
    station    TEXT    AS (body ->> '$.station'),
    name       TEXT    AS (body ->> '$.name'),
    model      TEXT    AS (body ->> '$.model'),
    tariff     TEXT    AS (body ->> '$.tariff'),
    enabled    INTEGER AS (body ->> '$.enabled'),
    created_at TEXT    AS (body ->> '$.created_at')
) STRICT;

CREATE INDEX piles_by_station ON piles (station, id);
CREATE INDEX piles_by_name ON piles (name, id);
CREATE INDEX piles_by_model ON piles (model, id);
CREATE INDEX piles_by_tariff ON piles (tariff, id);
CREATE INDEX piles_by_enabled ON piles (enabled, id);
CREATE INDEX piles_by_created_at ON piles (created_at, id);
CREATE INDEX piles_by_id_name ON piles (id, name);
CREATE INDEX piles_by_operator_id_name ON piles (operator, id, name);
CREATE INDEX piles_by_operator_name ON piles (operator, name, id);
CREATE INDEX piles_by_operator_model ON piles (operator, model, id);
CREATE INDEX piles_by_operator_tariff ON piles (operator, tariff, id);
CREATE INDEX piles_by_operator_enabled ON piles (operator, enabled, id);
CREATE INDEX piles_by_operator_created_at ON piles (operator, created_at, id);

CREATE TABLE pile_states (
    id       TEXT    NOT NULL PRIMARY KEY,
    body     TEXT    NOT NULL,
    operator TEXT    AS (body ->> '$.operator')
) STRICT;

CREATE INDEX pile_states_by_operator ON pile_states (operator, id);

CREATE TABLE tariffs (
    id         TEXT    NOT NULL PRIMARY KEY,
    body       TEXT    NOT NULL,
    operator   TEXT    AS (body ->> '$.operator'),
    name       TEXT    AS (body ->> '$.name'),
    created_at TEXT    AS (body ->> '$.created_at')
) STRICT;

CREATE INDEX tariffs_by_operator ON tariffs (operator, id);
CREATE INDEX tariffs_by_name ON tariffs (name, id);
CREATE INDEX tariffs_by_created_at ON tariffs (created_at, id);

CREATE TABLE tariff_versions (
    id             TEXT    NOT NULL PRIMARY KEY,
    body           TEXT    NOT NULL,
    operator       TEXT    AS (body ->> '$.operator'),
    tariff         TEXT    AS (body ->> '$.tariff'),
    number         TEXT    AS (body ->> '$.number'),
    effective_from TEXT    AS (body ->> '$.effective_from'),
    upcoming       INTEGER AS (body ->> '$.upcoming')
) STRICT;

CREATE INDEX tariff_versions_by_operator ON tariff_versions (operator, id);
CREATE INDEX tariff_versions_by_tariff ON tariff_versions (tariff, id);
CREATE UNIQUE INDEX tariff_versions_by_number ON tariff_versions (number);
CREATE INDEX tariff_versions_by_effective_from ON tariff_versions (effective_from, id);
CREATE INDEX tariff_versions_by_upcoming ON tariff_versions (upcoming, id);

CREATE TABLE accounts (
    id         TEXT    NOT NULL PRIMARY KEY,
    body       TEXT    NOT NULL,
    operator   TEXT    AS (body ->> '$.operator'),
    name       TEXT    AS (body ->> '$.name'),
    number     TEXT    AS (body ->> '$.number'),
    status     TEXT    AS (body ->> '$.status'),
    balance    INTEGER AS (CAST(replace(body ->> '$.balance', '.', '') AS INTEGER)),
    created_at TEXT    AS (body ->> '$.created_at')
) STRICT;

CREATE INDEX accounts_by_name ON accounts (name, id);
CREATE INDEX accounts_by_number ON accounts (number, id) WHERE number IS NOT NULL;
CREATE INDEX accounts_by_status ON accounts (status, id);
CREATE INDEX accounts_by_balance ON accounts (balance, id);
CREATE INDEX accounts_by_created_at ON accounts (created_at, id);
CREATE INDEX accounts_by_id_name ON accounts (id, name);
CREATE INDEX accounts_by_operator_id_name ON accounts (operator, id, name);
CREATE INDEX accounts_by_operator_name ON accounts (operator, name, id);
CREATE INDEX accounts_by_operator_status ON accounts (operator, status, id);
CREATE INDEX accounts_by_operator_balance ON accounts (operator, balance, id);
CREATE INDEX accounts_by_operator_created_at ON accounts (operator, created_at, id);

CREATE TABLE account_entries (
    id       INTEGER NOT NULL PRIMARY KEY,
    body     TEXT    NOT NULL,
    operator TEXT    AS (body ->> '$.operator'),
    account  TEXT    AS (body ->> '$.account'),
    "order"  INTEGER AS (body ->> '$.order'),
    kind     TEXT    AS (body ->> '$.kind'),
    at       TEXT    AS (body ->> '$.at')
) STRICT;

CREATE INDEX account_entries_by_operator ON account_entries (operator);
CREATE INDEX account_entries_by_account ON account_entries (account);
CREATE INDEX account_entries_by_order ON account_entries ("order") WHERE "order" IS NOT NULL;
CREATE INDEX account_entries_by_kind ON account_entries (kind);
CREATE INDEX account_entries_by_at ON account_entries (at);
CREATE INDEX account_entries_by_operator_kind ON account_entries (operator, kind);
CREATE INDEX account_entries_by_operator_at ON account_entries (operator, at);
CREATE INDEX account_entries_by_account_at ON account_entries (account, at);

CREATE TABLE cards (
    id             TEXT    NOT NULL PRIMARY KEY,
    body           TEXT    NOT NULL,
    operator       TEXT    AS (body ->> '$.operator'),
    logical_number TEXT    AS (body ->> '$.logical_number'),
    account        TEXT    AS (body ->> '$.account'),
    status         TEXT    AS (body ->> '$.status'),
    created_at     TEXT    AS (body ->> '$.created_at')
) STRICT;

CREATE INDEX cards_by_operator ON cards (operator, id);
CREATE INDEX cards_by_logical_number ON cards (logical_number, id);
CREATE INDEX cards_by_account ON cards (account, id);
CREATE INDEX cards_by_status ON cards (status, id);
CREATE INDEX cards_by_created_at ON cards (created_at, id);
CREATE INDEX cards_by_operator_status ON cards (operator, status, id);
CREATE INDEX cards_by_operator_created_at ON cards (operator, created_at, id);

CREATE TABLE cards_on_piles (
    id       TEXT    NOT NULL PRIMARY KEY,
    body     TEXT    NOT NULL,
    operator TEXT    AS (body ->> '$.operator'),
    pile     TEXT    AS (body ->> '$.pile'),
    card     TEXT    AS (body ->> '$.card'),
    state    TEXT    AS (body ->> '$.state')
) STRICT;

CREATE INDEX cards_on_piles_by_operator ON cards_on_piles (operator, id);
CREATE INDEX cards_on_piles_by_pile ON cards_on_piles (pile, id);
CREATE INDEX cards_on_piles_by_card ON cards_on_piles (card, id);
CREATE INDEX cards_on_piles_by_state ON cards_on_piles (state, id);
CREATE INDEX cards_on_piles_by_operator_state ON cards_on_piles (operator, state, id);
CREATE INDEX cards_on_piles_by_pile_state ON cards_on_piles (pile, state, id);
CREATE INDEX cards_on_piles_by_card_state ON cards_on_piles (card, state, id);

CREATE TABLE vehicles (
    id         TEXT    NOT NULL PRIMARY KEY,
    body       TEXT    NOT NULL,
    operator   TEXT    AS (body ->> '$.operator'),
    account    TEXT    AS (body ->> '$.account'),
    created_at TEXT    AS (body ->> '$.created_at')
) STRICT;

CREATE INDEX vehicles_by_operator ON vehicles (operator, id);
CREATE INDEX vehicles_by_account ON vehicles (account, id);
CREATE INDEX vehicles_by_created_at ON vehicles (created_at, id);
CREATE INDEX vehicles_by_operator_created_at ON vehicles (operator, created_at, id);

CREATE TABLE orders (
    id                 INTEGER NOT NULL PRIMARY KEY,
    body               TEXT    NOT NULL,
    operator           TEXT    AS (body ->> '$.operator'),
    station            TEXT    AS (body ->> '$.station'),
    pile               TEXT    AS (body ->> '$.pile'),
    connector          INTEGER AS (body ->> '$.connector'),
    transaction_number TEXT    AS (body ->> '$.transaction_number'),
    state              TEXT    AS (body ->> '$.state'),
    origin             TEXT    AS (body ->> '$.origin'),
    account            TEXT    AS (body ->> '$.account'),
    card               TEXT    AS (body ->> '$.card'),
    vin                TEXT    AS (body ->> '$.vin'),
    created_at         TEXT    AS (body ->> '$.created_at'),
    ended_at           TEXT    AS (body ->> '$.ended_at'),
    settled_at         TEXT    AS (body ->> '$.settled_at'),
    charged            INTEGER AS (CAST(replace(body ->> '$.charged', '.', '') AS INTEGER)),
    open_on            TEXT    AS (body ->> '$.open_on'),
    open_pile          TEXT    AS (body ->> '$.open_pile'),
    open_account       TEXT    AS (body ->> '$.open_account'),
    abnormal_reason    TEXT    AS (body ->> '$.abnormal_reason'),
    "group"            TEXT    AS (body ->> '$.group')
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
CREATE INDEX orders_by_ended_at ON orders (ended_at);
CREATE INDEX orders_by_settled_at ON orders (settled_at);
CREATE INDEX orders_by_charged ON orders (charged);
CREATE UNIQUE INDEX orders_by_open_on ON orders (open_on) WHERE open_on IS NOT NULL;
CREATE INDEX orders_by_open_pile ON orders (open_pile) WHERE open_pile IS NOT NULL;
CREATE INDEX orders_by_open_account ON orders (open_account) WHERE open_account IS NOT NULL;
CREATE INDEX orders_by_abnormal_reason ON orders (abnormal_reason) WHERE abnormal_reason IS NOT NULL;
CREATE INDEX orders_by_group ON orders ("group") WHERE "group" IS NOT NULL;
CREATE INDEX orders_by_operator_state ON orders (operator, state);
CREATE INDEX orders_by_operator_origin ON orders (operator, origin);
CREATE INDEX orders_by_operator_created_at_id_state ON orders (operator, created_at, id, state);
CREATE INDEX orders_by_operator_ended_at ON orders (operator, ended_at);
CREATE INDEX orders_by_operator_settled_at ON orders (operator, settled_at);
CREATE INDEX orders_by_operator_charged ON orders (operator, charged);
CREATE INDEX orders_by_station_state ON orders (station, state);
CREATE INDEX orders_by_station_created_at_id_state ON orders (station, created_at, id, state);
CREATE INDEX orders_by_pile_created_at ON orders (pile, created_at);
CREATE INDEX orders_by_account_created_at ON orders (account, created_at);

CREATE TABLE commands (
    id         INTEGER NOT NULL PRIMARY KEY,
    body       TEXT    NOT NULL,
    operator   TEXT    AS (body ->> '$.operator'),
    pile       TEXT    AS (body ->> '$.pile'),
    action     TEXT    AS (body ->> '$.action'),
    state      TEXT    AS (body ->> '$.state'),
    "order"    INTEGER AS (body ->> '$.order'),
    "key"      TEXT    AS (body ->> '$.key'),
    open_pile  TEXT    AS (body ->> '$.open_pile'),
    created_at TEXT    AS (body ->> '$.created_at')
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
    body      TEXT    NOT NULL,
    operator  TEXT    AS (body ->> '$.operator'),
    pile      TEXT    AS (body ->> '$.pile'),
    connector INTEGER AS (body ->> '$.connector'),
    code      TEXT    AS (body ->> '$.code'),
    severity  TEXT    AS (body ->> '$.severity'),
    open_key  TEXT    AS (body ->> '$.open_key'),
    open_pile TEXT    AS (body ->> '$.open_pile'),
    opened_at TEXT    AS (body ->> '$.opened_at'),
    closed_at TEXT    AS (body ->> '$.closed_at')
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
    body     TEXT    NOT NULL,
    operator TEXT    AS (body ->> '$.operator'),
    actor    TEXT    AS (body ->> '$.actor'),
    action   TEXT    AS (body ->> '$.action'),
    resource TEXT    AS (body ->> '$.resource'),
    "key"    TEXT    AS (body ->> '$.key'),
    at       TEXT    AS (body ->> '$.at')
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

-- What was in tables of its own becomes documents, exactly as the platform writes them.

INSERT INTO tariffs (id, body)
SELECT id, json_object(
    'id', id, 'operator', NULL, 'name', terms ->> '$.name', 'latest_version', 1,
    'created_at', strftime('%Y-%m-%dT%H:%M:%S', (created_at - (created_at % 1000 + 1000) % 1000) / 1000, 'unixepoch')
        || printf('.%03dZ', (created_at % 1000 + 1000) % 1000),
    'updated_at', strftime('%Y-%m-%dT%H:%M:%S', (updated_at - (updated_at % 1000 + 1000) % 1000) / 1000, 'unixepoch')
        || printf('.%03dZ', (updated_at % 1000 + 1000) % 1000))
FROM tariffs_before_books;

INSERT INTO tariff_versions (id, body)
SELECT tariffs.id || '/1', json_object(
    'tariff', tariffs.id, 'operator', NULL, 'version', 1, 'number', lower(hex(number)), 'terms', json(terms),
    'effective_from', tariffs.created_at, 'upcoming', json('false'), 'used_at', tariffs.created_at,
    'created_at', tariffs.created_at)
FROM tariffs_before_books AS before JOIN tariffs ON tariffs.id = before.id;

INSERT INTO piles (id, body)
SELECT code, json_object(
    'code', code, 'operator', NULL, 'station', NULL, 'name', name, 'model', model, 'serial', NULL, 'profile', NULL,
    'connector_count', connector_count, 'tariff', tariff, 'enabled', json(iif(enabled, 'true', 'false')),
    'power_limit', NULL,
    'created_at', strftime('%Y-%m-%dT%H:%M:%S', (created_at - (created_at % 1000 + 1000) % 1000) / 1000, 'unixepoch')
        || printf('.%03dZ', (created_at % 1000 + 1000) % 1000))
FROM piles_before_books;

DROP TABLE piles_before_books;
DROP TABLE tariffs_before_books;

-- A pile that is registered no longer waits, whoever registered it.

CREATE TRIGGER piles_inserted AFTER INSERT ON piles BEGIN
    DELETE FROM waiting_piles WHERE code = new.id;
END;

CREATE TRIGGER piles_updated AFTER UPDATE ON piles BEGIN
    DELETE FROM waiting_piles WHERE code = new.id;
END;

DELETE FROM waiting_piles WHERE code IN (SELECT id FROM piles);

-- The latest number given to a document of each kind.
CREATE TABLE sequences (
    name TEXT    NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
