-- Times are UTC milliseconds since the epoch. Codes, ids and states are the words of ARCHITECTURE.md.

CREATE TABLE tariffs (
    id         TEXT    NOT NULL PRIMARY KEY,
    number     BLOB    NOT NULL UNIQUE CHECK (length(number) = 2),
    terms      TEXT    NOT NULL,                -- JSON, as the API shows it
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE piles (
    code            TEXT    NOT NULL PRIMARY KEY,
    name            TEXT,
    model           TEXT,
    connector_count INTEGER NOT NULL,
    tariff          TEXT    REFERENCES tariffs (id),
    enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX piles_by_tariff ON piles (tariff) WHERE tariff IS NOT NULL;

CREATE TABLE waiting_piles (
    code       TEXT    NOT NULL PRIMARY KEY,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    peer       TEXT    NOT NULL,
    declared   TEXT    NOT NULL                 -- JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX waiting_piles_by_last_seen ON waiting_piles (last_seen);

-- Records are never deleted or rewritten, so ids grow with time without AUTOINCREMENT's bookkeeping.
CREATE TABLE records (
    id                 INTEGER NOT NULL PRIMARY KEY,
    received_at        INTEGER NOT NULL,
    last_received_at   INTEGER NOT NULL,
    duplicates         INTEGER NOT NULL DEFAULT 0,
    pile_code          TEXT    NOT NULL,
    connector          INTEGER NOT NULL,
    transaction_number BLOB    NOT NULL CHECK (length(transaction_number) = 16),
    discriminator      BLOB    NOT NULL,        -- SHA-256 of raw where the number alone is no key, else empty
    frame_type         INTEGER NOT NULL,
    raw                BLOB    NOT NULL,
    state              TEXT    NOT NULL CHECK (state IN ('parsed', 'unreadable')),
    parsed             TEXT    CHECK ((parsed IS NOT NULL) = (state = 'parsed')),
    unreadable_reason  TEXT    CHECK ((unreadable_reason IS NOT NULL) = (state = 'unreadable')),
    UNIQUE (transaction_number, pile_code, connector, discriminator)
) STRICT;

CREATE INDEX records_by_pile ON records (pile_code);
CREATE INDEX records_by_received_at ON records (received_at);
CREATE INDEX records_unreadable ON records (id) WHERE state = 'unreadable';

CREATE TABLE record_variants (
    id          INTEGER NOT NULL PRIMARY KEY,
    record_id   INTEGER NOT NULL REFERENCES records (id),
    received_at INTEGER NOT NULL,
    frame_type  INTEGER NOT NULL,
    raw         BLOB    NOT NULL,
    UNIQUE (record_id, raw)
) STRICT;

CREATE TABLE sessions (
    id           INTEGER NOT NULL PRIMARY KEY,
    pile_code    TEXT    NOT NULL,
    peer         TEXT    NOT NULL,
    opened_at    INTEGER NOT NULL,
    closed_at    INTEGER,
    close_reason TEXT
) STRICT;

CREATE INDEX sessions_by_pile ON sessions (pile_code);
CREATE INDEX sessions_open ON sessions (id) WHERE closed_at IS NULL;

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
