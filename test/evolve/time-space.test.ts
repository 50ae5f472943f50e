import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../evolve/artifact.ts';
import { failureOf } from '../../evolve/error-signature.ts';
import { type Evaluation, withoutArtifact } from '../../evolve/evaluation.ts';
import type { Evaluator } from '../../evolve/evaluator.ts';
import { optimumOf } from '../../evolve/replay/compare-policies.ts';
import { spaceSchema } from '../../evolve/replay/space.ts';
import { differencesFrom, timeSpace } from '../../evolve/replay/time-space.ts';
import { knobsOf } from '../../evolve/source/knobs.ts';
import { softmaxTask } from './candidates.ts';

const source: Artifact = {
  language: 'cuda',
  text: ['#define A 1 // @knob tiling {1, 2, 4} a', '#define B 8 // @knob warps {4, 8} b'].join('\n'),
};
const subject = {
  task: softmaxTask,
  dataType: 'fp32',
  device: 'a test',
  cores: 0,
  variant: 'plain',
  source,
} as const;
const { signal } = new AbortController();

/** A kernel takes 1 / (A·B) s; A = 4 with B = 8 does not compile. */
function counting(lanes = 1): Evaluator & { calls: number } {
  return {
    calls: 0,
    async evaluate({ text }) {
      this.calls++;
      // The later it is asked for the sooner it is there, as far as lanes allow.
      for (let turn = this.calls; turn < 3 * lanes; turn++) await Promise.resolve();
      const [a, b] = knobsOf(text).map(({ value }) => value);
      return a * b === 32 ? withoutArtifact(failureOf('compile', 'too large')) : timed(1 / (a * b));
    },
  };
}

function timed(candidateS: number): Evaluation {
  const speedup = { mean: 1 / candidateS, low: 1 / candidateS, high: 1 / candidateS };
  const [{ shape }] = softmaxTask.search;
  const rest = { error: 0, tolerance: 0, speedOfLight: 0, achievedBytesPerS: 0, achievedFlopPerS: 0 };
  const timings = [{ shape, candidateS, referenceS: 1, speedup, ...rest }];
  return { score: 1 / candidateS, reference: 'one second', timings, spentS: {}, deviceHeldS: 0 };
}

const space = suite('timed spaces');

space('hold every setting of the knobs, with failures, in a form that can be read again', async () => {
  const made = await timeSpace({ ...subject, knobs: ['A', 'B'] }, counting(), {
    known: undefined,
    lanes: 1,
    signal,
    onEntry: () => {},
  });
  assert.equal(Object.keys(made.cache), ['1,4', '1,8', '2,4', '2,8', '4,4', '4,8']);
  assert.ok('failure' in made.cache['4,8']);
  assert.ok(Math.abs(optimumOf(made) - 16) < 1e-9);
  assert.ok(spaceSchema.safeParse(JSON.parse(JSON.stringify(made))).success);
});

space('tell what they were timed for otherwise than is asked', async () => {
  const asked = { ...subject, knobs: ['A', 'B'] };
  const options = { known: undefined, lanes: 1, signal, onEntry: () => {} };
  const made = JSON.parse(JSON.stringify(await timeSpace(asked, counting(), options)));
  assert.equal(differencesFrom(made, asked), []);
  assert.match(differencesFrom(made, { ...asked, knobs: ['B'] })[0], /^tune_params .*, not {"B":\[4,8\]}$/);
  assert.equal(differencesFrom(made, { ...asked, device: 'another' }), [
    'device_name "a test", not "another"',
  ]);
  const [first] = softmaxTask.search;
  const task = { ...softmaxTask, search: [first, { shape: { rows: 1, n: 2 } }] };
  assert.match(differencesFrom(made, { ...asked, task })[0], /^shapes /);
});

space('of a CPU are those of as many cores as they were timed on', async () => {
  const onOne = { ...subject, cores: 1, knobs: ['A'] };
  const made = await timeSpace(onOne, counting(), { known: undefined, lanes: 1, signal, onEntry: () => {} });
  assert.is(made.cores, 1);
  assert.ok(spaceSchema.safeParse(JSON.parse(JSON.stringify(made))).success);
  assert.equal(differencesFrom(made, onOne), []);
  assert.equal(differencesFrom(made, { ...onOne, cores: 2 }), ['cores 1, not 2']);
  const { cores: _, ...unsaid } = made;
  assert.equal(differencesFrom(unsaid, onOne), ['cores unknown, not 1']);
});

space('turn the knobs that were named, and leave the others as written', async () => {
  const made = await timeSpace({ ...subject, knobs: ['B'] }, counting(), {
    known: undefined,
    lanes: 1,
    signal,
    onEntry: () => {},
  });
  assert.equal(made.tune_params, { B: [4, 8] });
  assert.equal(Object.keys(made.cache), ['4', '8']);
});

space('are gone on with: no setting is timed twice', async () => {
  const options = { lanes: 1, signal, onEntry: () => {} };
  const whole = await timeSpace({ ...subject, knobs: ['A', 'B'] }, counting(), {
    ...options,
    known: undefined,
  });
  const { '2,4': _, ...rest } = whole.cache;
  const evaluator = counting();
  const again = await timeSpace({ ...subject, knobs: ['A', 'B'] }, evaluator, {
    ...options,
    known: { ...whole, cache: rest },
  });
  assert.is(evaluator.calls, 1);
  assert.equal(again.cache, whole.cache);
});

space('hold the same, in the same order, however many settings are under way at a time', async () => {
  const [one, many] = [1, 4].map((lanes) =>
    timeSpace({ ...subject, knobs: ['A', 'B'] }, counting(lanes), {
      known: undefined,
      lanes,
      signal,
      onEntry: () => {},
    }),
  );
  assert.is(JSON.stringify(await many), JSON.stringify(await one));
});

space('hold what breaks a requirement of the source as a failure, without running it', async () => {
  const [{ shape }] = softmaxTask.search;
  const bounded = { ...source, text: `${source.text}\n// @require n * A <= ${2 * shape.n}` };
  const evaluator = counting();
  const made = await timeSpace({ ...subject, source: bounded, knobs: ['A', 'B'] }, evaluator, {
    known: undefined,
    lanes: 1,
    signal,
    onEntry: () => {},
  });
  assert.is(evaluator.calls, 1 + 4);
  const reason = `its requirement n * A <= ${2 * shape.n} does not hold`;
  for (const key of ['4,4', '4,8']) {
    assert.equal(made.cache[key], { failure: { stage: 'source', reason } });
  }
});

space('need a kernel that works as written', async () => {
  const broken = { ...source, text: source.text.replace('A 1', 'A 4') };
  const begin = timeSpace({ ...subject, source: broken, knobs: ['A'] }, counting(), {
    known: undefined,
    lanes: 1,
    signal,
    onEntry: () => {},
  });
  const error = await begin.catch((reason: Error) => reason);
  assert.match((error as Error).message, /plain as written fails at compile: too large/);
});

space('are the same whichever of several settings at a time is done first', async () => {
  const one = await timeSpace({ ...subject, knobs: ['A', 'B'] }, counting(), {
    known: undefined,
    lanes: 1,
    signal,
    onEntry: () => {},
  });
  const within = counting();
  let running = 0;
  let most = 0;
  // Of three at a time the last is answered first.
  const backwards: Evaluator = {
    async evaluate(artifact, request) {
      running++;
      most = Math.max(most, running);
      const place = within.calls % 3;
      const evaluation = await within.evaluate(artifact, request);
      await new Promise((resolve) => setTimeout(resolve, 6 - 3 * place));
      running--;
      return evaluation;
    },
  };
  const told: number[] = [];
  const three = await timeSpace({ ...subject, knobs: ['A', 'B'] }, backwards, {
    known: undefined,
    lanes: 3,
    signal,
    onEntry: (so, done) => {
      told.push(done);
      assert.is(Object.keys(so.cache).length, done);
    },
  });
  assert.is(most, 3);
  assert.equal(told, [1, 2, 3, 4, 5, 6]);
  assert.equal(JSON.stringify(three), JSON.stringify(one));
});

space('that break down are given up, and those that are stopped are kept as they are', async () => {
  const breaking: Evaluator = {
    async evaluate(artifact, request) {
      if (knobsOf(artifact.text)[0].value === 4) throw new Error('the device hangs');
      return counting().evaluate(artifact, request);
    },
  };
  const options = { known: undefined, lanes: 2, onEntry: () => {} };
  const broken = await timeSpace({ ...subject, knobs: ['A'] }, breaking, { ...options, signal }).catch(
    (reason: Error) => reason,
  );
  assert.match((broken as Error).message, 'the device hangs');
  const stop = new AbortController();
  const stopped = await timeSpace({ ...subject, knobs: ['A', 'B'] }, counting(), {
    ...options,
    signal: stop.signal,
    onEntry: (_, done) => {
      if (done === 3) stop.abort();
    },
  });
  assert.ok(Object.keys(stopped.cache).length >= 3 && Object.keys(stopped.cache).length < 6);
});

space.run();
