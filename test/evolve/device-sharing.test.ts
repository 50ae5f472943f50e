// time-limit: 180 s
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DeviceLock } from '../../evolve/evaluation/device-lock.ts';
import { type Gate, lockName, MachineLock } from '../../evolve/evaluation/machine-lock.ts';
import { packageRoot } from '../../foundation/files.ts';
import type { DeviceDescription } from '../../harness/device.ts';
import { findCompiler } from '../../harness/devices/cpu/compiler.ts';
import { loadKoffi } from '../../harness/devices/gpu-shared/native-libraries.ts';
import { cppSoftmax, softmaxTask } from './candidates.ts';

const looked: string[] = [];
const hasTools = ((await loadKoffi(looked)) && (await findCompiler(looked))) !== undefined;

const turns = suite('a device that processes share: turns');

/** A gate that opens when it is told to. */
class Door implements Gate {
  open = () => {};
  entered = 0;
  left = 0;

  tryTake(): boolean {
    return false;
  }

  take(isWanted: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      this.open = () => {
        const goesIn = isWanted();
        if (goesIn) this.entered++;
        resolve(goesIn);
      };
    });
  }

  leave(): void {
    this.left++;
  }

  close(): void {}
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

turns('tell what others took apart from what the device was held for', async () => {
  let now = 0;
  const door = new Door();
  const lock = new DeviceLock(() => now);
  lock.shareWith(async () => door);
  const [first, second] = [lock.turn(), lock.turn()];
  const firstTaken = first.take();
  const secondTaken = second.take();
  await settled();
  now = 3;
  door.open();
  await firstTaken;
  now = 5;
  first.leave();
  await settled();
  now = 6;
  door.open();
  await secondTaken;
  now = 10;
  second.leave();
  await settled();
  assert.equal([first.heldS(), first.othersS()], [2, 3]);
  assert.equal([second.heldS(), second.othersS()], [4, 1]);
  assert.equal([lock.times.heldS, lock.waitedS, lock.othersS], [6, 5, 4]);
  assert.equal([door.entered, door.left], [2, 2]);
});

turns('that are given up while they wait let the next one in', async () => {
  const door = new Door();
  const lock = new DeviceLock();
  lock.shareWith(async () => door);
  const [first, second] = [lock.turn(), lock.turn()];
  const firstTaken = first.take();
  const secondTaken = second.take();
  await settled();
  first.leave();
  door.open();
  await firstTaken;
  assert.is(lock.turns, 0);
  await settled();
  door.open();
  await secondTaken;
  assert.equal([lock.turns, door.entered], [1, 1]);
  second.leave();
});

turns('go by the number of a GPU, however a framework spells it, and by the machine for processors', () => {
  const named = (kind: DeviceDescription['kind'], details: DeviceDescription['details']) =>
    lockName({ name: 'NVIDIA H200', kind, memoryBytes: 1, cacheBytes: 1, units: 1, versions: {}, details });
  const byDriver = named('gpu', { uuid: 'GPU-6f1de0b2-0000', busId: '0000:18:00.0' });
  assert.is(byDriver, named('gpu', { uuid: '6f1de0b2-0000' }));
  assert.is.not(byDriver, named('gpu', { uuid: 'GPU-6f1de0b2-0001' }));
  assert.is(named('gpu', { busId: '0000:18:00.0' }), 'device-0000-18-00.0');
  assert.is(named('cpu', {}), named('cpu', { processors: '0,1' }));
});

turns.run();

const processes = suite('a device that processes share: processes');

const compiled = (file: string) => JSON.stringify(join(packageRoot, 'dist/evolve/evaluation', file));

function node(program: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const [code] = await once(child, 'close');
  assert.is(code, 0);
  return text;
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-locks-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

processes('never have it at the same time, and none is kept out', () =>
  inFolder(async (folder) => {
    const program = `
      import { appendFileSync } from 'node:fs';
      import { setTimeout } from 'node:timers/promises';
      const { MachineLock } = await import(${compiled('machine-lock.js')});
      const [folder, name] = process.argv.slice(1);
      const lock = await MachineLock.open('device', folder);
      for (let turn = 0; turn < 12; turn++) {
        await lock.take(() => true);
        appendFileSync(folder + '/log', name + ' in\\n');
        await setTimeout(3);
        appendFileSync(folder + '/log', name + ' out\\n');
        lock.leave();
      }
      lock.close();
      process.stdout.write('done');`;
    const children = ['a', 'b', 'c'].map((name) => outputOf(node(program, folder, name)));
    assert.equal(await Promise.all(children), ['done', 'done', 'done']);
    const lines = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');
    assert.is(lines.length, 2 * 3 * 12);
    for (let at = 0; at < lines.length; at += 2) {
      assert.is(lines[at + 1], lines[at].replace(' in', ' out'), `line ${at}`);
    }
  }),
);

processes('take over from one that was killed', () =>
  inFolder(async (folder) => {
    const program = `
      const { MachineLock } = await import(${compiled('machine-lock.js')});
      const lock = await MachineLock.open('device', process.argv[1]);
      await lock.take(() => true);
      console.log('inside');
      setInterval(() => {}, 1000);`;
    const holder = node(program, folder);
    await once(holder.stdout!, 'data');
    const lock = await MachineLock.open('device', folder);
    let tries = 0;
    assert.is(await lock.take(() => tries++ < 5), false);
    const taken = lock.take(() => true);
    holder.kill('SIGKILL');
    assert.ok(await taken);
    lock.close();
  }),
);

if (!hasTools) {
  console.log(`SKIPPED: evaluation on the CPU needs koffi and a C++ compiler\n  ${looked.join('\n  ')}`);
  processes.skip('no C++ compiler', () => {});
} else {
  processes('check and time one after the other', async () => {
    const program = `
      import { once } from 'node:events';
      const { EvaluatorPool } = await import(${compiled('evaluator-pool.js')});
      const { quick, slow, request } = JSON.parse(process.argv[1]);
      const pool = new EvaluatorPool({ devices: [{ backend: 'cpu', index: 0, cores: 1 }], usesPython: false });
      const { signal } = new AbortController();
      const evaluate = async (artifact) => {
        const { failure, deviceHeldS, waitedForOthersS = 0 } = await pool.evaluate(artifact, { ...request, signal });
        return { failure: failure?.reason, endS: Date.now() / 1000, heldS: deviceHeldS, waitedS: waitedForOthersS };
      };
      const turns = [await evaluate(quick)];
      process.stdout.write('ready\\n');
      await once(process.stdin, 'data');
      for (let turn = 0; turn < 2; turn++) turns.push(await evaluate(slow));
      const { waitedForOthersS } = pool.statistics();
      await pool.close();
      process.stdout.write(JSON.stringify({ turns, waitedForOthersS }));
      process.exit(0);`;
    // Begun together they want the device for seconds, both of them, and twice: one of them has to wait.
    const slow = cppSoftmax({ before: 'for (volatile int i = 0; i < 10000000; i = i + 1) {}' });
    const request = { task: softmaxTask, dataType: 'fp32' };
    const about = JSON.stringify({ quick: cppSoftmax(), slow, request });
    const children = [0, 1].map(() => node(program, about));
    const texts = children.map(outputOf);
    await Promise.all(children.map(({ stdout }) => once(stdout!, 'data')));
    for (const { stdin } of children) stdin!.write('go\n');
    type Turn = { failure?: string; endS: number; heldS: number; waitedS: number };
    type End = { turns: Turn[]; waitedForOthersS: number };
    const ends = (await Promise.all(texts)).map((text) => JSON.parse(text.replace('ready\n', '')) as End);
    for (const { turns: own, waitedForOthersS } of ends) {
      for (const { failure } of own) assert.is(failure, undefined, failure);
      const waitedS = own.reduce((sum, each) => sum + each.waitedS, 0);
      assert.ok(Math.abs(waitedForOthersS - waitedS) < 1e-9);
    }
    const [these, those] = ends.map(({ turns }) => turns.slice(1));
    assert.ok(
      [...these, ...those].some(({ waitedS }) => waitedS > 0),
      'neither waited for the other',
    );
    for (const one of these) {
      for (const other of those) {
        const [first, second] = one.endS < other.endS ? [one, other] : [other, one];
        const overlapS = first.endS - (second.endS - second.heldS);
        assert.ok(overlapS < 0.1 * first.heldS, `${overlapS} s of ${first.heldS} s in common`);
      }
    }
  });
}

processes.run();
