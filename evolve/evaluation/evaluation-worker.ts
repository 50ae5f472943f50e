import { writeFileSync } from 'node:fs';
import { backend } from '../../harness/backends.ts';
import { type ComputeDevice, DeviceUnavailable } from '../../harness/device.ts';
import type { Bench } from './bench.ts';
import { ceilingsOf } from './ceilings.ts';
import { evaluate } from './evaluate.ts';
import {
  coresFor,
  type DeviceChoice,
  type FromWorker,
  type KnownShape,
  type RememberedReference,
  type Stage,
  type ToWorker,
} from './messages.ts';
import { dieWithParent } from './parent-death.ts';
import { ReferenceShelf } from './references.ts';
import { settleOwnThreads } from './threads.ts';

/**
 * Where candidates run: a process that opens one device once and evaluates what it is sent, until it is ended. Whatever a
 * candidate does to it, the process that started it goes on.
 */

let bench: Bench | undefined;
let order = (_: Order) => {};

process.on('message', (message: ToWorker) => {
  const work = answer(message);
  work.catch((error: Error) => tell({ kind: 'broken', message: error.stack ?? error.message }));
});
// Whoever started it has ended.
process.on('disconnect', () => process.exit(0));

async function answer(message: ToWorker): Promise<void> {
  if (message.kind === 'go' || message.kind === 'prepare') order(message);
  if (message.kind === 'open') await open(message.device, message.usesPython);
  if (message.kind === 'evaluate') {
    if (!bench) throw new Error('no device is open');
    await tell({ kind: 'evaluated', ...(await evaluate(message.job, bench)) });
  }
}

async function open(choice: DeviceChoice, usesPython: boolean): Promise<void> {
  await enter('open', choice.backend);
  await dieWithParent();
  sacrificeFirst();
  let device: ComputeDevice;
  try {
    device = await (await backend(choice.backend)).open(choice.index);
  } catch (error) {
    if (!(error instanceof DeviceUnavailable)) throw error;
    return tell({ kind: 'unavailable', backend: choice.backend, looked: error.looked });
  }
  const shelf = new ReferenceShelf(device, choice, usesPython);
  const description = await device.describe();
  const ceilings = await ceilingsOf(device);
  await settleOwnThreads();
  const cores = coresFor(choice, description);
  const { answersOnly = false } = description;
  const timedReference = (reference: RememberedReference) => tell({ kind: 'timed reference', reference });
  bench = { device, shelf, ceilings, cores, answersOnly, enter, deviceIsFree, timedReference };
  await tell({ kind: 'opened', description });
}

type Order = Extract<ToWorker, { kind: 'go' | 'prepare' }>;

async function deviceIsFree(prepare: () => Promise<void>): Promise<readonly KnownShape[]> {
  for (;;) {
    const next = new Promise<Order>((resolve) => {
      order = resolve;
    });
    await tell({ kind: 'ready' });
    const message = await next;
    if (message.kind === 'go') return message.known;
    await prepare();
  }
}

function enter(stage: Stage, what: string): Promise<void> {
  return tell({ kind: 'stage', stage, what });
}

/** Resolves when it is on its way: what comes next may block this process for good. */
function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) process.exit(0);
    process.send!(message, undefined, undefined, () => resolve());
  });
}

/** Where memory runs out, the system ends this process before any other. */
function sacrificeFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux, or not allowed.
  }
}
