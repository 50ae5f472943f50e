import type Libsql from 'libsql';
import { InputError } from '../../foundation/problem.ts';

/** What a column holds. The driver ends the process over a boolean, hence the narrow type. */
export type Value = string | number | null;
export type Row = Record<string, Value>;

/** Milliseconds that a statement waits for another process, holding up this one's other work. */
const busyMs = 500;

/** A statement that the system refused; nothing of its transaction has happened. */
export class StorageError extends Error {
  /** Another process held the database for too long: it may work later. */
  readonly isBusy: boolean;
  constructor(message: string, isBusy: boolean) {
    super(message);
    this.isBusy = isBusy;
  }
}

/**
 * A SQLite database, synchronous: between two statements of one process nothing else of that process happens, and a
 * transaction never spans an `await`.
 */
export class Database {
  readonly file: string;
  private readonly connection: Libsql.Database;
  private readonly statements = new Map<string, Libsql.Statement>();

  /** Opens a file, or makes it. The driver is loaded here, not before. */
  static async open(file: string): Promise<Database> {
    const { default: Driver } = await import('libsql');
    return new Database(
      file,
      guarded(file, () => new Driver(file, { timeout: busyMs })),
    );
  }

  private constructor(file: string, connection: Libsql.Database) {
    this.file = file;
    this.connection = connection;
  }

  /** Rows of a query. */
  all(sql: string, ...values: Value[]): Row[] {
    return guarded(this.file, () => this.prepared(sql).all(values)) as Row[];
  }

  /** The first row. */
  first(sql: string, ...values: Value[]): Row | undefined {
    return this.all(sql, ...values)[0];
  }

  /** Runs a statement without an answer. @returns rows that it changed */
  run(sql: string, ...values: Value[]): number {
    return guarded(this.file, () => this.prepared(sql).run(values)).changes;
  }

  /** Runs several statements without values. */
  execute(sql: string): void {
    guarded(this.file, () => this.connection.exec(sql));
  }

  /** Runs `work` alone among all processes, and makes all of it last or none. */
  transaction<Answer>(work: () => Answer): Answer {
    return this.between('BEGIN IMMEDIATE', work);
  }

  /** Runs `work`, which only reads, on one state of the database, whatever others write meanwhile. */
  snapshot<Answer>(work: () => Answer): Answer {
    return this.between('BEGIN DEFERRED', work);
  }

  close(): void {
    this.statements.clear();
    this.connection.close();
  }

  private between<Answer>(begin: string, work: () => Answer): Answer {
    this.execute(begin);
    try {
      const answer = work();
      this.execute('COMMIT');
      return answer;
    } catch (error) {
      // A full disk has rolled back already, and then there is nothing to roll back.
      if (this.connection.inTransaction) this.execute('ROLLBACK');
      throw error;
    }
  }

  private prepared(sql: string): Libsql.Statement {
    const known = this.statements.get(sql) ?? this.connection.prepare(sql);
    this.statements.set(sql, known);
    return known;
  }
}

/** The id of the next row. To be called in the transaction that writes it. */
export function nextId(
  database: Database,
  table: 'tasks' | 'sessions' | 'nodes' | 'runs' | 'skills',
): number {
  return Number(database.first(`SELECT coalesce(max(id), 0) + 1 AS id FROM ${table}`)?.id);
}

const plainWords: Record<string, string> = {
  SQLITE_FULL: 'cannot be written: no space left on the device',
  SQLITE_BUSY: 'is held by another process',
  SQLITE_READONLY: 'cannot be written: permission denied',
  SQLITE_CANTOPEN: 'cannot be opened',
  SQLITE_CORRUPT: 'is damaged',
};

/** Turns errors of the driver into ones that name the file. */
function guarded<Answer>(file: string, work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!code?.includes('SQLITE')) throw error;
    if (code.startsWith('SQLITE_NOTADB')) throw new InputError([{ file, message: 'is not a database' }]);
    const known = Object.keys(plainWords).find((prefix) => code.startsWith(prefix));
    throw new StorageError(
      `${file} ${known === undefined ? `refuses: ${message}` : plainWords[known]}`,
      known === 'SQLITE_BUSY',
    );
  }
}
