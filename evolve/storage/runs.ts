import { type Database, nextId, type Row } from './database.ts';

/** One process's part in a session, from its start to its last sign of life. */
export interface Run {
  session: number;
  worker: string;
  agents: number;
  devices: number;
  /** Seconds since 1970. */
  begunAt: number;
  wallS: number;
  /** Seconds that agents spent generating, and that devices were held evaluating, over all of them. */
  generationS: number;
  heldS: number;
}

export type RunTimes = Pick<Run, 'wallS' | 'generationS' | 'heldS'>;

/** @returns id of the run */
export function insertRun(database: Database, run: Run): number {
  const id = nextId(database, 'runs');
  const { session, worker, agents, devices, begunAt, wallS, generationS, heldS } = run;
  database.run(
    'INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    id,
    session,
    worker,
    agents,
    devices,
    begunAt,
    wallS,
    generationS,
    heldS,
  );
  return id;
}

export function updateRun(database: Database, id: number, { wallS, generationS, heldS }: RunTimes): void {
  database.run(
    'UPDATE runs SET wall_s = ?, generation_s = ?, held_s = ? WHERE id = ?',
    wallS,
    generationS,
    heldS,
    id,
  );
}

export function readRuns(database: Database, session: number): Run[] {
  return database.all('SELECT * FROM runs WHERE session = ? ORDER BY id', session).map(runOf);
}

function runOf(row: Row): Run {
  return {
    session: Number(row.session),
    worker: String(row.worker),
    agents: Number(row.agents),
    devices: Number(row.devices),
    begunAt: Number(row.begun_at),
    wallS: Number(row.wall_s),
    generationS: Number(row.generation_s),
    heldS: Number(row.held_s),
  };
}
