import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import type { Language } from '../artifact.ts';
import type { Attempt } from '../operator.ts';
import { ArtifactFolder } from './artifacts.ts';
import { Database } from './database.ts';
import { patiently } from './patience.ts';
import { prepareSchema } from './schema.ts';
import { enterSession, type NewSession, readSessions, type Session } from './sessions.ts';

const databaseName = 'search.db';
const artifactsName = 'artifacts';

/** Where a source lies in the folder of a search. */
export function artifactFile(folder: string, hash: string, language: Language): string {
  return new ArtifactFolder(join(folder, artifactsName)).pathOf(hash, language);
}

/** Seconds since 1970. */
const systemClock = () => Date.now() / 1000;

/**
 * A folder of searches: what is known of every node in a SQLite database, and artifacts as files beside it. Any number of
 * processes of one machine may use it at once; each change is a transaction that is on disk when it returns.
 */
export class SearchStore {
  readonly folder: string;
  readonly database: Database;
  readonly artifacts: ArtifactFolder;
  readonly now: () => number;

  /**
   * Opens the folder of a search, or makes it.
   * @param now clock in seconds since 1970, for tests
   * @throws InputError when the database is of another kind or of a later version
   */
  static async open(folder: string, now = systemClock): Promise<SearchStore> {
    makeFolder(folder);
    const database = await Database.open(join(folder, databaseName));
    try {
      await patiently(() => prepareSchema(database));
    } catch (error) {
      database.close();
      throw error;
    }
    return new SearchStore(folder, database, now);
  }

  /** Opens a search that is there. @throws InputError when there is none */
  static async openExisting(folder: string): Promise<SearchStore> {
    if (existsSync(join(folder, databaseName))) return await SearchStore.open(folder);
    throw new InputError([{ file: folder, message: `has no search: there is no ${databaseName} in it` }]);
  }

  private constructor(folder: string, database: Database, now: () => number) {
    this.folder = folder;
    this.database = database;
    this.artifacts = new ArtifactFolder(join(folder, artifactsName));
    this.now = now;
  }

  /** Takes up the latest session with these settings, or begins one; `isNew` always begins one. @returns its id */
  enterSession(session: NewSession, { isNew = false } = {}): number {
    return enterSession(this.database, session, this.now(), isNew);
  }

  sessions(): Session[] {
    return readSessions(this.database);
  }

  session(id: number): Session {
    const [session] = readSessions(this.database, id);
    if (!session) throw new InputError([{ file: this.folder, message: `has no session ${id}` }]);
    return session;
  }

  /** A node with its artifact and evaluation. @throws Error for a node without an artifact */
  attempt(id: number): Attempt {
    const row = this.database.first(
      `SELECT n.artifact, n.evaluation, n.rationale, s.settings FROM nodes n JOIN sessions s ON s.id = n.session
       WHERE n.id = ? AND n.artifact IS NOT NULL`,
      id,
    );
    if (!row) throw new Error(`${this.folder} has no artifact of node ${id}`);
    const { language } = JSON.parse(String(row.settings)) as Session['settings'];
    return {
      id,
      artifact: this.artifacts.get(String(row.artifact), language),
      evaluation: JSON.parse(String(row.evaluation)),
      rationale: String(row.rationale),
    };
  }

  close(): void {
    this.database.close();
  }
}
