import { InputError } from '../../foundation/problem.ts';
import type { Database } from './database.ts';

/** 'RkFl': tells our databases from others. */
const applicationId = 0x526b466c;
const version = 1;

/**
 * Rows of `nodes`, `edges`, `transcripts` and `injections` are written once and never changed. What changes about a node
 * stands in `statistics`, and every change of it in `changes` under the logical step that brought it. `claims` holds
 * the expansions in flight and nothing else.
 */
const tables = `
CREATE TABLE tasks (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  operator TEXT NOT NULL,
  specification TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  task INTEGER NOT NULL REFERENCES tasks,
  identity TEXT NOT NULL,
  settings TEXT NOT NULL,
  device TEXT NOT NULL,
  root INTEGER,
  step INTEGER NOT NULL,
  expansions INTEGER NOT NULL,
  ended TEXT,
  begun_at REAL NOT NULL
) STRICT;

CREATE TABLE nodes (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions,
  step INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  artifact TEXT,
  score REAL NOT NULL,
  is_buggy INTEGER NOT NULL,
  stage TEXT NOT NULL,
  signature TEXT,
  duplicate_of INTEGER REFERENCES nodes,
  evaluation TEXT,
  memory TEXT NOT NULL,
  rationale TEXT NOT NULL,
  generation INTEGER NOT NULL,
  island INTEGER NOT NULL,
  seen_step INTEGER NOT NULL,
  generation_s REAL NOT NULL,
  held_s REAL NOT NULL,
  made_at REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX nodes_by_step ON nodes (session, step);
CREATE UNIQUE INDEX nodes_by_ordinal ON nodes (session, ordinal);
CREATE INDEX nodes_by_artifact ON nodes (session, artifact);
CREATE INDEX nodes_by_score ON nodes (session, is_buggy, score);

CREATE TABLE edges (
  child INTEGER NOT NULL REFERENCES nodes,
  position INTEGER NOT NULL,
  parent INTEGER NOT NULL REFERENCES nodes,
  PRIMARY KEY (child, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX edges_by_parent ON edges (parent);

CREATE TABLE statistics (
  node INTEGER PRIMARY KEY REFERENCES nodes,
  session INTEGER NOT NULL,
  visits INTEGER NOT NULL,
  reward REAL NOT NULL,
  best REAL NOT NULL,
  frontier INTEGER NOT NULL
) STRICT;
CREATE INDEX statistics_by_frontier ON statistics (session, frontier);

CREATE TABLE changes (
  session INTEGER NOT NULL,
  step INTEGER NOT NULL,
  node INTEGER NOT NULL,
  field TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (session, node, field, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
  session INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  choice TEXT NOT NULL,
  worker TEXT NOT NULL,
  lease_until REAL NOT NULL,
  artifact TEXT,
  generated TEXT,
  evaluating INTEGER NOT NULL,
  PRIMARY KEY (session, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE transcripts (
  node INTEGER PRIMARY KEY REFERENCES nodes,
  messages TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL
) STRICT;

CREATE TABLE injections (
  node INTEGER NOT NULL REFERENCES nodes,
  position INTEGER NOT NULL,
  origin TEXT NOT NULL,
  similarity REAL NOT NULL,
  score REAL NOT NULL,
  PRIMARY KEY (node, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE skills (
  id INTEGER PRIMARY KEY,
  node INTEGER REFERENCES nodes,
  path TEXT NOT NULL,
  version INTEGER NOT NULL,
  document TEXT NOT NULL,
  UNIQUE (path, version)
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions,
  worker TEXT NOT NULL,
  agents INTEGER NOT NULL,
  devices INTEGER NOT NULL,
  begun_at REAL NOT NULL,
  wall_s REAL NOT NULL,
  generation_s REAL NOT NULL,
  held_s REAL NOT NULL
) STRICT;
`;

/**
 * Makes the tables of a new database; checks those of one that is there.
 * @throws InputError when it holds something else, or was made by a later rankfleet
 */
export function prepareSchema(database: Database): void {
  if (numberOf(database, 'application_id') !== applicationId) makeTables(database);
  const found = numberOf(database, 'user_version');
  if (found !== version) {
    throw wrong(database, `is a search of version ${found}; this rankfleet reads version ${version}`);
  }
  // A commit is on disk when it returns: a finished evaluation must survive even the loss of power.
  database.all('PRAGMA synchronous = FULL');
  database.all('PRAGMA foreign_keys = ON');
}

/** Other processes may be at the same. */
function makeTables(database: Database): void {
  if (database.first('PRAGMA journal_mode')?.journal_mode !== 'wal') {
    database.all('PRAGMA journal_mode = WAL');
  }
  database.transaction(() => {
    if (numberOf(database, 'application_id') === applicationId) return;
    if (database.first('SELECT name FROM sqlite_schema'))
      throw wrong(database, 'is a database of another kind');
    database.execute(tables);
    database.execute(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`);
  });
}

function numberOf(database: Database, pragma: 'application_id' | 'user_version'): number {
  return Number(database.first(`PRAGMA ${pragma}`)?.[pragma] ?? 0);
}

function wrong({ file }: Database, message: string): InputError {
  return new InputError([{ file, message }]);
}
