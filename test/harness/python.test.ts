// time-limit: 300 s
// Importing PyTorch and trying all of it takes a while, where it is installed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ComputeDevice, OutOfMemory, Unsupported } from '../../harness/device.ts';
import { workerCommand } from '../../harness/devices/python/interpreter.ts';
import { pythonBackend, pythonBackendBy } from '../../harness/devices/python/python-backend.ts';
import { WorkerFailure } from '../../harness/devices/python/reply-error.ts';
import { WorkerProcess } from '../../harness/devices/python/worker-process.ts';
import { fillWords } from '../../harness/pattern-words.ts';
import type { Element, Pattern } from '../../harness/patterns.ts';
import { verify } from '../../harness/verify.ts';
import { failure } from '../failure.ts';
import { everyCase } from './operator-cases.ts';

const hasPython = spawnSync(workerCommand().interpreter, ['--version']).status === 0;
const devices = hasPython ? (await pythonBackend.find()).devices : [];
const byName = (name: string) => devices.findIndex((device) => device.startsWith(name));

/** Runs `body` on a device that is closed afterwards. */
async function on(index: number, body: (device: ComputeDevice) => Promise<void>): Promise<void> {
  const device = await pythonBackend.open(index);
  try {
    await body(device);
  } finally {
    await device.close();
  }
}

const elements: Element[] = ['f32', 'f16', 'bf16', 'f8', 'i8', 'i32', 'rows-int8', 'rows-int4'];

/** Tests that any device of a worker must pass. */
function deviceTests(test: Test, index: number): void {
  test('fills memory with the words of every pattern', () =>
    on(index, async (device) => {
      const words = 3000;
      const memory = await device.allocate(4 * words);
      const patterns: Pattern[] = elements.flatMap((element) =>
        [0, 1, 0xdeadbeef].map((seed) => ({ kind: 'hashed', element, seed, rowLength: 24 }) as const),
      );
      for (const pattern of [...patterns, { kind: 'word', word: 0xffffffff } as const]) {
        await device.fill(memory, pattern);
        const expected = new Uint32Array(words);
        fillWords(expected, pattern);
        const read = await device.read(memory, 0, 4 * words);
        assert.equal(new Uint32Array(read.buffer, read.byteOffset, words), expected, JSON.stringify(pattern));
      }
    }));

  test('keep what is written, small and large, at its place', () =>
    on(index, async (device) => {
      const bytes = 3 << 18;
      const memory = await device.allocate(bytes);
      const data = Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + (i >> 8)) & 255);
      await device.write(memory, data);
      await device.write(memory, data.subarray(0, 8), 4000);
      data.copyWithin(4000, 0, 8);
      assert.ok(Buffer.compare(await device.read(memory, 0, bytes), data) === 0);
      assert.equal([...(await device.read(memory, 3996, 16))], [...data.subarray(3996, 4012)]);
      await failure(device.write(memory, data.subarray(0, 8), bytes - 4));
      await failure(device.read(memory, bytes - 4, 8));
    }));

  test('answer every operator that they have as the reference does', () =>
    on(index, async (device) => {
      let checked = 0;
      for (const { operator, dataType, shape } of everyCase()) {
        for (const implementation of device.implementations(operator, dataType)) {
          if (implementation === 'torch-compile') continue;
          const verdict = await verify(
            device,
            await device.compile({ operator, dataType, shape, implementation, cores: 1 }),
          ).catch((error) => {
            // Libraries have shapes that they refuse.
            if (error instanceof Unsupported) return undefined;
            throw error;
          });
          if (!verdict) continue;
          const what = `${implementation} ${operator} on ${dataType}, ${JSON.stringify(shape)}`;
          assert.ok(verdict.ok, `${what}: ${verdict.error}, ${verdict.reason}`);
          checked++;
        }
      }
      assert.ok(checked >= 10, `${checked} checked`);
    }));

  test('give as many times as repeats, all above 0', () =>
    on(index, async (device) => {
      const shape = { rows: 6, n: 10 };
      const [implementation] = device.implementations('bias-activation', 'fp32').slice(-1);
      const kernel = await device.compile({
        operator: 'bias-activation',
        dataType: 'fp32',
        shape,
        implementation,
      });
      const tensors = [await device.allocate(240), await device.allocate(40), await device.allocate(240)];
      const launch = { kernel, tensors };
      const times = await device.time([launch, launch], { warmUp: 1, repeats: 5 });
      assert.is(times.length, 5);
      assert.ok(times.every((time) => time > 0 && time < 1));
      await failure(device.time([], { warmUp: 0, repeats: 1 }));
      await failure(device.run({ kernel, tensors: tensors.slice(1) }));
      await failure(device.run({ kernel, tensors: [tensors[1], tensors[1], tensors[2]] }));
      await device.free(tensors[0]);
      assert.match((await failure(device.run(launch))).message, 'no memory');
    }));

  test('say what they cannot do', () =>
    on(index, async (device) => {
      const [m, n, k] = [4, 4, 4];
      const program = { operator: 'gemm', dataType: 'fp32', shape: { m, n, k } } as const;
      assert.instance(await failure(device.compile({ ...program, implementation: 'magic' })), Unsupported);
      assert.equal(device.implementations('rpc-round-trip', 'bytes'), []);
      const error = await failure(device.allocate(2 ** 55));
      assert.instance(error, OutOfMemory);
      assert.is((error as OutOfMemory).askedBytes, 2 ** 55);
    }));
}

for (const name of ['CPU by Python alone', 'CPU by numpy', 'CPU by torch']) {
  const test = suite(`python: ${name}`);
  if (byName(name) >= 0) deviceTests(test, byName(name));
  else test.skip(hasPython ? 'is not installed' : 'no python3', () => {});
  test.run();
}

const collectives = suite('python: collectives');
if (byName('CPU by torch') >= 0) {
  collectives('of two processes are right, and live on from shape to shape', () =>
    on(byName('CPU by torch'), async (device) => {
      for (const [operator, bytes] of [
        ['all-to-all', 256],
        ['all-reduce', 256],
        ['all-to-all', 1 << 16],
        ['all-reduce', 1 << 16],
      ] as const) {
        const [implementation] = device.implementations(operator, 'fp32');
        const shape = { devices: 2, bytes };
        const kernel = await device.compile({ operator, dataType: 'fp32', shape, implementation });
        assert.ok((await verify(device, kernel)).ok);
        const times = await device.time([{ kernel, tensors: [] }], { warmUp: 1, repeats: 3 });
        assert.ok(times.length === 3 && times.every((time) => time > 0));
      }
      const uneven = { operator: 'all-to-all', dataType: 'fp32', implementation: 'gloo' } as const;
      assert.instance(
        await failure(device.compile({ ...uneven, shape: { devices: 2, bytes: 12 } })),
        Unsupported,
      );
    }),
  );
} else {
  collectives.skip('no torch', () => {});
}
collectives.run();

const worker = suite('python: worker');
if (hasPython) {
  worker('shakes hands on the version of the protocol', async () => {
    const process = new WorkerProcess(workerCommand());
    assert.match((await failure(process.request('hello', { protocol: 1 }))).message, 'protocol 2, not 1');
    const { protocol } = await process.request<{ protocol: number }>('hello', { protocol: 2 });
    assert.is(protocol, 2);
    await process.close();
  });

  worker('answers an error of Python with its traceback, and goes on', async () => {
    const process = new WorkerProcess(workerCommand());
    await process.request('hello', { protocol: 2 });
    await process.request('open', { index: byName('CPU by Python alone') });
    const { memory } = await process.request<{ memory: number }>('allocate', { bytes: 16 });
    const error = await failure(process.request('fill', { memory, pattern: {} }));
    assert.instance(error, WorkerFailure);
    assert.match(error.message, "fill: KeyError: 'kind'");
    assert.match((error as WorkerFailure).traceback!, /File ".*plain_device\.py", line \d+, in fill/);
    assert.match((await failure(process.request('no such method'))).message, 'no method');
    assert.match(
      (await failure(process.request('fill', { memory: 99, pattern: {} }))).message,
      'no memory 99',
    );
    assert.equal(await process.request('clocks'), {});
    await process.close();
  });

  worker('does without NumPy and PyTorch, and keeps what they print out of its answers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rankfleet-modules-'));
    for (const name of ['numpy', 'torch']) {
      mkdirSync(join(folder, name));
      writeFileSync(
        join(folder, name, '__init__.py'),
        `print("noise")\nraise ImportError("broken ${name}")\n`,
      );
    }
    const plain = pythonBackendBy(() => {
      const { interpreter, chosenBy, arguments: list } = workerCommand();
      const script = list.at(-1)!;
      const program = [
        'import runpy, sys',
        `sys.path[:0] = ${JSON.stringify([folder, dirname(script)])}`,
        `runpy.run_path(${JSON.stringify(script)}, run_name="__main__")`,
      ];
      return { interpreter, chosenBy, arguments: ['-B', '-c', program.join('; ')] };
    });
    const { devices, looked } = await plain.find();
    assert.equal(devices, ['CPU by Python alone']);
    assert.equal(looked.slice(1), ['torch: broken torch', 'numpy: broken numpy']);
    rmSync(folder, { recursive: true });
  });
} else {
  worker.skip('no python3', () => {});
}
worker.run();
