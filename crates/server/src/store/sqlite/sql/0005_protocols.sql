-- A second protocol, whose transaction numbers are texts. What was 16 bytes becomes 32 hex digits, as it was always shown.

CREATE TABLE new_records (
    id                 INTEGER NOT NULL PRIMARY KEY,
    received_at        INTEGER NOT NULL,
    last_received_at   INTEGER NOT NULL,
    duplicates         INTEGER NOT NULL DEFAULT 0,
    pile_code          TEXT    NOT NULL,
    connector          INTEGER NOT NULL,
    transaction_number TEXT    NOT NULL CHECK (length(transaction_number) BETWEEN 1 AND 32),
    discriminator      BLOB    NOT NULL,        -- SHA-256 of raw where the number alone is no key, else empty
    protocol           TEXT    NOT NULL DEFAULT 'ykc',
    frame_type         INTEGER NOT NULL,
    raw                BLOB    NOT NULL,
    state              TEXT    NOT NULL CHECK (state IN ('parsed', 'unreadable')),
    parsed             TEXT    CHECK ((parsed IS NOT NULL) = (state = 'parsed')),
    unreadable_reason  TEXT    CHECK ((unreadable_reason IS NOT NULL) = (state = 'unreadable')),
    judged             INTEGER NOT NULL DEFAULT 1 CHECK (judged IN (0, 1)),
    UNIQUE (transaction_number, pile_code, connector, discriminator)
) STRICT;

INSERT INTO new_records (id, received_at, last_received_at, duplicates, pile_code, connector, transaction_number,
    discriminator, frame_type, raw, state, parsed, unreadable_reason, judged)
SELECT id, received_at, last_received_at, duplicates, pile_code, connector, lower(hex(transaction_number)),
    discriminator, frame_type, raw, state, parsed, unreadable_reason, judged
FROM records;

-- It refers to records: copied as well, so that the old ones can go.
CREATE TABLE new_record_variants (
    id          INTEGER NOT NULL PRIMARY KEY,
    record_id   INTEGER NOT NULL REFERENCES new_records (id),
    received_at INTEGER NOT NULL,
    frame_type  INTEGER NOT NULL,
    raw         BLOB    NOT NULL,
    parsed      TEXT,                           -- JSON, as in records; null for those from before
    UNIQUE (record_id, raw)
) STRICT;

INSERT INTO new_record_variants (id, record_id, received_at, frame_type, raw, parsed)
SELECT id, record_id, received_at, frame_type, raw, parsed FROM record_variants;

DROP TABLE record_variants;
DROP TABLE records;
ALTER TABLE new_records RENAME TO records;
ALTER TABLE new_record_variants RENAME TO record_variants;

CREATE INDEX records_by_pile ON records (pile_code, received_at);
CREATE INDEX records_by_received_at ON records (received_at);
CREATE INDEX records_unreadable ON records (received_at) WHERE state = 'unreadable';
CREATE INDEX records_unjudged ON records (id) WHERE judged = 0;
