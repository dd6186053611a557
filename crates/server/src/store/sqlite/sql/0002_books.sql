-- The books: each kind of document is a table. `body` is its JSON and the truth. The other columns are the fields that
-- can be searched and sorted by, written with the body: as columns of their own and not as generated ones, because a
-- document that changes then touches only the indexes of the fields that did. Times are RFC 3339 text in UTC, which
-- sorts as time does. Money is text with two decimals in a document; as a column it is a whole number of fen. The body
-- comes last, so that a list which looks at fields reads no pages that a large body flows over into.
--
-- Every searchable field has an index, followed by the id, which is the order of the list. Where many documents share a
-- value, the lists of one operator have an index of their own. An index on a field that few documents have leaves the
-- others out.

ALTER TABLE piles RENAME TO piles_before_books;
ALTER TABLE tariffs RENAME TO tariffs_before_books;
DROP INDEX piles_by_tariff;

CREATE TABLE operators (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT,
    tcec_id    TEXT,
    created_at TEXT,
    body       TEXT    NOT NULL
) STRICT;

CREATE INDEX operators_by_name ON operators (name, id);
CREATE INDEX operators_by_tcec_id ON operators (tcec_id, id);
CREATE INDEX operators_by_created_at ON operators (created_at, id);

CREATE TABLE users (
    id         TEXT    NOT NULL PRIMARY KEY,
    operator   TEXT,
    role       TEXT,
    created_at TEXT,
    body       TEXT    NOT NULL
) STRICT;

CREATE INDEX users_by_operator ON users (operator, id);
CREATE INDEX users_by_role ON users (role, id);
CREATE INDEX users_by_created_at ON users (created_at, id);

CREATE TABLE tokens (
    id         INTEGER NOT NULL PRIMARY KEY,
    operator   TEXT,
    hash       TEXT,
    "user"     TEXT,
    created_at TEXT,
    body       TEXT    NOT NULL
) STRICT;

CREATE INDEX tokens_by_operator ON tokens (operator);
CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash);
CREATE INDEX tokens_by_user ON tokens ("user") WHERE "user" IS NOT NULL;
CREATE INDEX tokens_by_created_at ON tokens (created_at);

CREATE TABLE stations (
    id         TEXT    NOT NULL PRIMARY KEY,
    operator   TEXT,
    name       TEXT,
    tariff     TEXT,
    created_at TEXT,
    body       TEXT    NOT NULL
) STRICT;

CREATE INDEX stations_by_operator ON stations (operator, id);
CREATE INDEX stations_by_name ON stations (name, id);
CREATE INDEX stations_by_tariff ON stations (tariff, id);
CREATE INDEX stations_by_created_at ON stations (created_at, id);

CREATE TABLE piles (
    id         TEXT    NOT NULL PRIMARY KEY,
    operator   TEXT,
    station    TEXT,
    name       TEXT,
    model      TEXT,
    tariff     TEXT,
    enabled    INTEGER,
    created_at TEXT,
    body       TEXT    NOT NULL
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
    operator TEXT,
    body     TEXT    NOT NULL
) STRICT;

CREATE INDEX pile_states_by_operator ON pile_states (operator, id);

CREATE TABLE tariffs (
    id         TEXT    NOT NULL PRIMARY KEY,
    operator   TEXT,
    name       TEXT,
    created_at TEXT,
    body       TEXT    NOT NULL
) STRICT;

CREATE INDEX tariffs_by_operator ON tariffs (operator, id);
CREATE INDEX tariffs_by_name ON tariffs (name, id);
CREATE INDEX tariffs_by_created_at ON tariffs (created_at, id);

CREATE TABLE tariff_versions (
    id             TEXT    NOT NULL PRIMARY KEY,
    operator       TEXT,
    tariff         TEXT,
    number         TEXT,
    effective_from TEXT,
    upcoming       INTEGER,
    body           TEXT    NOT NULL
) STRICT;

CREATE INDEX tariff_versions_by_operator ON tariff_versions (operator, id);
CREATE INDEX tariff_versions_by_tariff ON tariff_versions (tariff, id);
CREATE UNIQUE INDEX tariff_versions_by_number ON tariff_versions (number);
CREATE INDEX tariff_versions_by_effective_from ON tariff_versions (effective_from, id);
CREATE INDEX tariff_versions_by_upcoming ON tariff_versions (upcoming, id);

CREATE TABLE accounts (
    id         TEXT    NOT NULL PRIMARY KEY,
    operator   TEXT,
    name       TEXT,
    number     TEXT,
    status     TEXT,
    balance    INTEGER,
    created_at TEXT,
    body       TEXT    NOT NULL
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
    operator TEXT,
    account  TEXT,
    "order"  INTEGER,
    kind     TEXT,
    at       TEXT,
    body     TEXT    NOT NULL
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
    operator       TEXT,
    logical_number TEXT,
    account        TEXT,
    status         TEXT,
    created_at     TEXT,
    body           TEXT    NOT NULL
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
    operator TEXT,
    pile     TEXT,
    card     TEXT,
    state    TEXT,
    body     TEXT    NOT NULL
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
    operator   TEXT,
    account    TEXT,
    created_at TEXT,
    body       TEXT    NOT NULL
) STRICT;

CREATE INDEX vehicles_by_operator ON vehicles (operator, id);
CREATE INDEX vehicles_by_account ON vehicles (account, id);
CREATE INDEX vehicles_by_created_at ON vehicles (created_at, id);
CREATE INDEX vehicles_by_operator_created_at ON vehicles (operator, created_at, id);

-- What was in tables of its own becomes documents, exactly as the platform writes them.

INSERT INTO tariffs (id, body)
SELECT id, json_object(
    'id', id, 'operator', NULL, 'name', terms ->> '$.name', 'latest_version', 1,
    'created_at', strftime('%Y-%m-%dT%H:%M:%S', (created_at - (created_at % 1000 + 1000) % 1000) / 1000, 'unixepoch')
        || printf('.%03dZ', (created_at % 1000 + 1000) % 1000),
    'updated_at', strftime('%Y-%m-%dT%H:%M:%S', (updated_at - (updated_at % 1000 + 1000) % 1000) / 1000, 'unixepoch')
        || printf('.%03dZ', (updated_at % 1000 + 1000) % 1000))
FROM tariffs_before_books;
UPDATE tariffs SET name = body ->> '$.name', created_at = body ->> '$.created_at';

INSERT INTO tariff_versions (id, body)
SELECT tariffs.id || '/1', json_object(
    'tariff', tariffs.id, 'operator', NULL, 'version', 1, 'number', lower(hex(number)), 'terms', json(terms),
    'effective_from', tariffs.created_at, 'upcoming', json('false'), 'used_at', tariffs.created_at,
    'created_at', tariffs.created_at)
FROM tariffs_before_books AS before JOIN tariffs ON tariffs.id = before.id;
UPDATE tariff_versions SET
    tariff = body ->> '$.tariff', number = body ->> '$.number', effective_from = body ->> '$.effective_from',
    upcoming = body ->> '$.upcoming';

INSERT INTO piles (id, body)
SELECT code, json_object(
    'code', code, 'operator', NULL, 'station', NULL, 'name', name, 'model', model, 'serial', NULL, 'profile', NULL,
    'connector_count', connector_count, 'tariff', tariff, 'enabled', json(iif(enabled, 'true', 'false')),
    'power_limit', NULL,
    'created_at', strftime('%Y-%m-%dT%H:%M:%S', (created_at - (created_at % 1000 + 1000) % 1000) / 1000, 'unixepoch')
        || printf('.%03dZ', (created_at % 1000 + 1000) % 1000))
FROM piles_before_books;
UPDATE piles SET
    name = body ->> '$.name', model = body ->> '$.model', tariff = body ->> '$.tariff', enabled = body ->> '$.enabled',
    created_at = body ->> '$.created_at';

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
