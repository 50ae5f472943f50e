import { createHash } from 'node:crypto';
import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { DeviceDescription } from '../../harness/device.ts';
import type { Language } from '../artifact.ts';
import type { KernelTask } from '../kernel-task.ts';
import type { EndReason } from '../limits.ts';
import { type Database, nextId, type Row } from './database.ts';
import { insertRoot } from './nodes.ts';

/** What a search is, all but the device being settled before it begins: one with other settings is another. */
export interface SessionSettings {
  language: Language;
  dataType: MeasuredDataType;
  policy: { name: string; options: Readonly<Record<string, string | number | boolean>> };
  operator: string;
  memory: string;
  seed: number;
  /** Share of expansions that are shown kernels of earlier searches. */
  reuseRate: number;
}

/** One search for a kernel, by one policy, on one kind of device, by however many processes. */
export interface Session {
  id: number;
  task: KernelTask;
  settings: SessionSettings;
  device: DeviceDescription;
  /** Node of the specification. */
  root: number;
  /** Logical step: nodes that it has made. */
  step: number;
  /** Expansions that were ever begun. */
  expansions: number;
  /** Why it ended; nothing while it may go on. */
  ended: EndReason | undefined;
  /** Seconds since 1970. */
  begunAt: number;
}

export type NewSession = Pick<Session, 'task' | 'settings' | 'device'>;

/**
 * Takes up the latest session with the same task, settings and device name, or begins it.
 * @param isNew leaves earlier ones alone and begins another
 * @returns its id
 */
export function enterSession(database: Database, session: NewSession, nowS: number, isNew: boolean): number {
  return database.transaction(() => {
    const task = keepTask(database, session.task);
    const identity = identityOf(task, session);
    const known = database.first(
      'SELECT id FROM sessions WHERE identity = ? ORDER BY id DESC LIMIT 1',
      identity,
    );
    return known && !isNew ? Number(known.id) : insertSession(database, session, nowS);
  });
}

/** Drivers and clock rates may change between two runs of one search; the name of the device may not. */
function identityOf(task: number, { settings, device }: NewSession): string {
  return JSON.stringify([task, device.name, sorted(settings)]);
}

/** Begins a session with the node of its specification. To be called in a transaction. @returns its id */
export function insertSession(database: Database, session: NewSession, nowS: number): number {
  const id = nextId(database, 'sessions');
  const task = keepTask(database, session.task);
  database.run(
    'INSERT INTO sessions VALUES (?, ?, ?, ?, ?, NULL, 0, 0, NULL, ?)',
    id,
    task,
    identityOf(task, session),
    JSON.stringify(session.settings),
    JSON.stringify(session.device),
    nowS,
  );
  const root = insertRoot(database, id, nowS);
  database.run('UPDATE sessions SET root = ? WHERE id = ?', root, id);
  return id;
}

/** Keeps what is searched for, each once. @returns its id */
function keepTask(database: Database, task: KernelTask): number {
  const digest = createHash('sha256')
    .update(JSON.stringify(sorted(task)))
    .digest('hex')
    .slice(0, 32);
  const known = database.first('SELECT id FROM tasks WHERE digest = ?', digest);
  if (known) return Number(known.id);
  const id = nextId(database, 'tasks');
  const { name, operator } = task;
  database.run('INSERT INTO tasks VALUES (?, ?, ?, ?, ?)', id, digest, name, operator, JSON.stringify(task));
  return id;
}

/** All sessions, or one, in the order of their ids. */
export function readSessions(database: Database, id?: number): Session[] {
  const where = id === undefined ? '' : 'WHERE s.id = ?';
  return database
    .all(
      `SELECT s.*, t.specification FROM sessions s JOIN tasks t ON t.id = s.task ${where} ORDER BY s.id`,
      ...(id === undefined ? [] : [id]),
    )
    .map(sessionOf);
}

/** Says why a session ended, or (nothing) that it goes on. */
export function markEnded(database: Database, session: number, reason: EndReason | undefined): void {
  database.run('UPDATE sessions SET ended = ? WHERE id = ?', reason ?? null, session);
}

function sessionOf(row: Row): Session {
  return {
    id: Number(row.id),
    task: JSON.parse(String(row.specification)),
    settings: JSON.parse(String(row.settings)),
    device: JSON.parse(String(row.device)),
    root: Number(row.root),
    step: Number(row.step),
    expansions: Number(row.expansions),
    ended: row.ended === null ? undefined : (row.ended as EndReason),
    begunAt: Number(row.begun_at),
  };
}

/** The same data with its keys in alphabetical order, so that equal data has equal text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
