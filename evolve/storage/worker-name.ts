import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** A name that no other worker has, which tells where it runs. */
export function workerName(): string {
  return `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
}

/** Whether a worker is known to have ended: a process of this machine that is no more. Of others only time tells. */
export function isGone(worker: string): boolean {
  const [host, pid] = worker.split('/');
  if (host !== hostname() || !/^\d+$/.test(pid ?? '')) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
