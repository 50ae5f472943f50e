import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type Libsql from 'libsql';
import type { DeviceDescription } from '../../harness/device.ts';
import { temporaryFolder } from '../../harness/devices/cpu/native-build.ts';

/** What several processes take in turn. */
export interface Gate {
  /** Takes it where nobody has it or waits for it. */
  tryTake(): boolean;
  /** Waits until it is this process's. @returns false where nobody wants it any more before that */
  take(isWanted: () => boolean): Promise<boolean>;
  leave(): void;
  close(): void;
}

/** Milliseconds between two tries, with as much again by chance, so that nobody tries at the same moment each time. */
const pollMs = 5;

/**
 * A device of this machine that processes of one user take in turn. Two files are locked: whoever wants the device waits at
 * the door, one at a time, so that a process which has just left does not overtake one that waits. The locks are SQLite's on
 * empty databases: the system lets go of them when a process ends, however it ends.
 */
export class MachineLock implements Gate {
  private readonly door: FileLock;
  private readonly inside: FileLock;

  private constructor(door: FileLock, inside: FileLock) {
    this.door = door;
    this.inside = inside;
  }

  /** @param folder for files that are locked; it is to be one of this machine alone */
  static async open(name: string, folder = temporaryFolder()): Promise<MachineLock> {
    const { default: Driver } = await import('libsql');
    const lock = (part: string) => new FileLock(new Driver(join(folder, `${name}.${part}`), { timeout: 0 }));
    return new MachineLock(lock('door'), lock('device'));
  }

  tryTake(): boolean {
    if (!this.door.tryTake()) return false;
    try {
      return this.inside.tryTake();
    } finally {
      this.door.leave();
    }
  }

  async take(isWanted: () => boolean): Promise<boolean> {
    if (!(await patiently(this.door, isWanted))) return false;
    try {
      return await patiently(this.inside, isWanted);
    } finally {
      this.door.leave();
    }
  }

  leave(): void {
    this.inside.leave();
  }

  close(): void {
    this.door.close();
    this.inside.close();
  }
}

async function patiently(lock: FileLock, isWanted: () => boolean): Promise<boolean> {
  while (isWanted()) {
    if (lock.tryTake()) return true;
    await setTimeout(pollMs * (1 + Math.random()));
  }
  return false;
}

class FileLock {
  private readonly database: Libsql.Database;

  constructor(database: Libsql.Database) {
    this.database = database;
  }

  tryTake(): boolean {
    try {
      this.database.exec('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return false;
      throw error;
    }
  }

  leave(): void {
    if (this.database.inTransaction) this.database.exec('ROLLBACK');
  }

  close(): void {
    this.leave();
    this.database.close();
  }
}

/** What processes that use one device agree on: a GPU's own number, else its place; of processors the machine. */
export function lockName({ kind, name, details }: DeviceDescription): string {
  const own = kind === 'cpu' ? 'processors' : String(details.uuid ?? details.busId ?? name);
  return `device-${own.replace(/^GPU-/, '').replace(/[^\w.-]+/g, '-')}`;
}
