-- commands.sqlite: what users asked for. Written by any process that may write the folder, never by the coordinator.
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- from 1, never used twice
    at     REAL NOT NULL,
    kind   TEXT NOT NULL,
    body   TEXT NOT NULL
);
COMMIT;
