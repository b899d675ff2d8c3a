-- search.sqlite, format 1: everything that happened in one search. Its only writer is the search's coordinator.
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS events (
    seq  INTEGER PRIMARY KEY,  -- from 0 without gaps; being the key, it refuses a second writer's entry
    at   REAL NOT NULL,        -- seconds since the epoch
    kind TEXT NOT NULL,        -- the event's class
    body TEXT NOT NULL         -- its fields as a JSON array, in the order of the class
);
CREATE TABLE IF NOT EXISTS meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT OR IGNORE INTO meta (key, value) VALUES
    ('format', 1),             -- rises when an older version of the library could not read the file any more
    ('cursor', 0),             -- the number of the last command consumed
    ('writer', 0);             -- rises with each opening for writing, so that an older writer notices it
COMMIT;
