-- Events, what was measured during orders, and which records are still to be judged.

-- Ids are never given twice, also after the newest events were forgotten: who reads on begins behind one.
CREATE TABLE events (
    id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    pile     TEXT,
    number   INTEGER CHECK ((number IS NULL) = (pile IS NULL)),     -- among its pile's, without gaps
    type     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    operator TEXT,
    subject  TEXT    NOT NULL,
    data     TEXT    NOT NULL,                  -- JSON
    UNIQUE (pile, number)
) STRICT;

CREATE INDEX events_by_pile ON events (pile) WHERE pile IS NOT NULL;
CREATE INDEX events_by_type ON events (type);
CREATE INDEX events_by_operator ON events (operator) WHERE operator IS NOT NULL;
CREATE INDEX events_by_operator_type ON events (operator, type) WHERE operator IS NOT NULL;
CREATE INDEX events_by_at ON events (at);

-- The latest number given to an event of each pile; stays when events are forgotten.
CREATE TABLE event_numbers (
    pile TEXT    NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Numbers count the smallest steps of their units.
CREATE TABLE order_samples (
    order_id    INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    voltage     INTEGER NOT NULL,
    current     INTEGER NOT NULL,
    power_w     INTEGER NOT NULL,
    soc         INTEGER NOT NULL,
    temperature INTEGER,
    energy      INTEGER NOT NULL,
    amount      INTEGER NOT NULL,
    PRIMARY KEY (order_id, at)
) STRICT, WITHOUT ROWID;

CREATE INDEX order_samples_by_at ON order_samples (at);

CREATE TABLE order_bms (
    id       INTEGER NOT NULL PRIMARY KEY,
    order_id INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    data     TEXT    NOT NULL,                  -- JSON
    UNIQUE (order_id, kind)
) STRICT;

CREATE INDEX order_bms_by_at ON order_bms (at);

-- Records from before the books are history: there is no order that they would settle.
ALTER TABLE record_variants ADD COLUMN parsed TEXT; -- JSON, as in records; null for those from before

-- Records from before count as judged; new ones say that they are not.
ALTER TABLE records ADD COLUMN judged INTEGER NOT NULL DEFAULT 1 CHECK (judged IN (0, 1));
CREATE INDEX records_unjudged ON records (id) WHERE judged = 0;

-- Lists of records are ordered by when they were received, and then by id.
DROP INDEX records_by_pile;
DROP INDEX records_unreadable;
CREATE INDEX records_by_pile ON records (pile_code, received_at);
CREATE INDEX records_unreadable ON records (received_at) WHERE state = 'unreadable';
