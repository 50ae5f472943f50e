import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DevicePool } from '../../evolve/device-pool.ts';
import { compareDispatch } from '../../evolve/dispatch-model.ts';
import { withoutArtifact } from '../../evolve/evaluation.ts';
import type { EvaluationRequest, Evaluator } from '../../evolve/evaluator.ts';
import { easyLandscape } from './landscapes.ts';
import { rulesOf } from './searches.ts';

const model = suite('what sharing devices gains');

const alike = (count: number, generationS: number, heldS: number) =>
  Array.from({ length: count }, () => ({ generationS, heldS }));
const near = (value: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(value - expected) <= tolerance, `${value}, expected ${expected}`);

model('is the closed form where all expansions are alike', () => {
  // An hour's search of the fact sheet: 9 minutes of writing, 1 of evaluating, 8 devices.
  const { shared, heldByAgent, sharedBound } = compareDispatch(alike(3000, 540, 60), 40, 8);
  near(sharedBound, 0.5, 1e-9);
  near(shared.utilisation, sharedBound, 0.01);
  near(heldByAgent.utilisation, 60 / 600, 0.001);
  near(shared.heldS, 3000 * 60, 1e-6);
  near(heldByAgent.heldS, 3000 * 600, 1e-6);
  near(heldByAgent.makespanS / shared.makespanS, 5, 0.05);
});

model('ends where the devices are full', () => {
  const { shared, sharedBound } = compareDispatch(alike(2000, 9, 1), 100, 2);
  assert.is(sharedBound, 1);
  near(shared.utilisation, 1, 0.02);
});

model('is by hand for three expansions', () => {
  const times = [
    { generationS: 1, heldS: 5 },
    { generationS: 2, heldS: 1 },
    { generationS: 4, heldS: 0 },
  ];
  // One device: 1 … 6, then 6 … 7; the agent of the first one is free at 6 and writes until 10.
  const { shared, heldByAgent } = compareDispatch(times, 2, 1);
  assert.equal(shared, { makespanS: 10, heldS: 6, utilisation: 0.6 });
  assert.equal(heldByAgent, { makespanS: 13, heldS: 13, utilisation: 6 / 13 });
});

model('is never negative, nor above its bound on what devices can do', () => {
  const times = fc.record({
    generationS: fc.double({ min: 0, max: 10, noNaN: true }),
    heldS: fc.double({ min: 0, max: 10, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(times, { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      (expansions, agents, devices) => {
        const { shared, heldByAgent } = compareDispatch(expansions, agents, devices);
        const work = expansions.reduce((sum, { heldS }) => sum + heldS, 0);
        assert.ok(shared.makespanS >= work / devices - 1e-9);
        assert.ok(shared.utilisation <= 1 + 1e-9 && heldByAgent.utilisation <= 1 + 1e-9);
        assert.ok(heldByAgent.heldS >= shared.heldS);
        if (agents === 1) near(shared.makespanS, heldByAgent.makespanS, 1e-9);
      },
    ),
  );
});

model.run();

const pool = suite('a pool of devices');

const artifact = (text: string) => ({ language: 'cuda', text }) as const;

/** An evaluator whose answers come when they are asked for. */
class Controlled implements Evaluator {
  readonly asked: string[] = [];
  private readonly pending: (() => void)[] = [];

  evaluate({ text }: { text: string }) {
    this.asked.push(text);
    return new Promise<ReturnType<typeof withoutArtifact>>((resolve) => {
      this.pending.push(() => resolve(withoutArtifact()));
    });
  }

  answer(): void {
    this.pending.shift()?.();
  }
}

const request = (signal = new AbortController().signal): EvaluationRequest => {
  const { task, dataType } = rulesOf(easyLandscape());
  return { task, dataType, signal };
};

pool('serves in turn, and counts the seconds that its devices are held', async () => {
  let now = 0;
  const device = new Controlled();
  const devices = new DevicePool([device], () => now);
  const first = devices.evaluate(artifact('a'), request());
  const second = devices.evaluate(artifact('b'), request());
  const third = devices.evaluate(artifact('c'), request());
  assert.equal(device.asked, ['a']);
  now = 5;
  assert.is(devices.heldS, 5);
  device.answer();
  assert.is((await first).heldS, 5);
  await tick();
  assert.equal(device.asked, ['a', 'b']);
  now = 7;
  device.answer();
  assert.is((await second).heldS, 2);
  await tick();
  device.answer();
  assert.is((await third).heldS, 0);
  assert.is(devices.heldS, 7);
});

pool('asks no device for what nobody waits for any more, and lends a device on after an error', async () => {
  const abort = new AbortController();
  const device = new Controlled();
  const broken: Evaluator = { evaluate: () => Promise.reject(new Error('broken')) };
  const devices = new DevicePool([device], () => 0);
  const first = devices.evaluate(artifact('a'), request());
  const second = devices.evaluate(artifact('b'), request(abort.signal)).catch((error: Error) => error.name);
  abort.abort();
  device.answer();
  await first;
  assert.is(await second, 'AbortError');
  assert.equal(device.asked, ['a']);
  const failing = new DevicePool([broken], () => 0);
  for (let time = 0; time < 2; time++) {
    const message = await failing.evaluate(artifact('a'), request()).catch((error: Error) => error.message);
    assert.is(message, 'broken');
  }
});

pool.run();

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
