import type { Choice, Generated } from '../expansion.ts';
import type { Database, Row } from './database.ts';

/** An expansion in flight, and what came of it so far. */
export interface Claim {
  choice: Choice;
  /** Hash of the artifact, once there is one. */
  artifact: string | undefined;
  generated: StoredGeneration | undefined;
}

/** The artifact itself lies in its file. */
export type StoredGeneration = Omit<Generated, 'artifact'>;

/** Who works on it, and until when that is believed without a sign of life. */
export interface Lease {
  worker: string;
  untilS: number;
}

export function insertClaim(database: Database, session: number, choice: Choice, lease: Lease): Claim {
  database.run('UPDATE sessions SET expansions = expansions + 1 WHERE id = ?', session);
  database.run(
    'INSERT INTO claims VALUES (?, ?, ?, ?, ?, NULL, NULL, 0)',
    session,
    choice.ordinal,
    JSON.stringify(choice),
    lease.worker,
    lease.untilS,
  );
  return { choice, artifact: undefined, generated: undefined };
}

/** Puts back an expansion that was in flight when a search was exported: whoever comes first goes on with it. */
export function importClaim(
  database: Database,
  session: number,
  { choice, artifact, generated }: { choice: Choice; artifact?: string; generated?: StoredGeneration },
): void {
  database.run(
    "INSERT INTO claims VALUES (?, ?, ?, '', 0, ?, ?, 0)",
    session,
    choice.ordinal,
    JSON.stringify(choice),
    artifact ?? null,
    generated ? JSON.stringify(generated) : null,
  );
}

/** The oldest expansion whose worker gave no sign of life, or let go of it; it is this worker's now. */
export function takeExpired(
  database: Database,
  session: number,
  nowS: number,
  lease: Lease,
): Claim | undefined {
  const row = database.first(
    'SELECT * FROM claims WHERE session = ? AND lease_until <= ? ORDER BY ordinal LIMIT 1',
    session,
    nowS,
  );
  if (!row) return undefined;
  database.run(
    'UPDATE claims SET worker = ?, lease_until = ?, evaluating = 0 WHERE session = ? AND ordinal = ?',
    lease.worker,
    lease.untilS,
    session,
    row.ordinal,
  );
  return claimOf(row);
}

/** All expansions in flight, whoever works on them, in the order in which they began. */
export function openClaims(database: Database, session: number): Claim[] {
  return database.all('SELECT * FROM claims WHERE session = ? ORDER BY ordinal', session).map(claimOf);
}

/** Those who have something in flight. */
export function workersOf(database: Database, session: number): string[] {
  return database
    .all('SELECT DISTINCT worker FROM claims WHERE session = ?', session)
    .map(({ worker }) => String(worker));
}

/** A sign of life, for all that a worker has in flight. */
export function renewLeases(database: Database, session: number, lease: Lease): void {
  database.run(
    'UPDATE claims SET lease_until = ? WHERE session = ? AND worker = ?',
    lease.untilS,
    session,
    lease.worker,
  );
}

/** Lets go of all that a worker has in flight: others may go on with it at once. */
export function releaseClaims(database: Database, session: number, worker: string): void {
  renewLeases(database, session, { worker, untilS: 0 });
}

/** Keeps what was generated, so that it is not generated again. @returns whether the claim is still the worker's */
export function keepGenerated(
  database: Database,
  session: number,
  { choice, artifact, generated }: Claim,
  worker: string,
): boolean {
  const changed = database.run(
    'UPDATE claims SET artifact = ?, generated = ? WHERE session = ? AND ordinal = ? AND worker = ?',
    artifact ?? null,
    JSON.stringify(generated),
    session,
    choice.ordinal,
    worker,
  );
  return changed === 1;
}

/** Says that a worker evaluates the artifact of a claim. */
export function markEvaluating(database: Database, session: number, ordinal: number): void {
  database.run('UPDATE claims SET evaluating = 1 WHERE session = ? AND ordinal = ?', session, ordinal);
}

/** Whether another claim with the same artifact is being evaluated right now. */
export function isEvaluatedElsewhere(
  database: Database,
  session: number,
  { choice, artifact }: Claim,
  nowS: number,
): boolean {
  const other = database.first(
    `SELECT ordinal FROM claims WHERE session = ? AND artifact = ? AND ordinal <> ? AND evaluating = 1
     AND lease_until > ?`,
    session,
    artifact ?? null,
    choice.ordinal,
    nowS,
  );
  return other !== undefined;
}

/** Takes a finished claim away. @returns whether it was still the worker's */
export function removeClaim(database: Database, session: number, ordinal: number, worker: string): boolean {
  const removed = database.run(
    'DELETE FROM claims WHERE session = ? AND ordinal = ? AND worker = ?',
    session,
    ordinal,
    worker,
  );
  return removed === 1;
}

function claimOf({ choice, artifact, generated }: Row): Claim {
  return {
    choice: JSON.parse(String(choice)),
    artifact: artifact === null ? undefined : String(artifact),
    generated: generated === null ? undefined : JSON.parse(String(generated)),
  };
}
