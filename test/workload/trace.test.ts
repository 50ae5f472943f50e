import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../foundation/problem.ts';
import type { Trace } from '../../scenarios/deployment.ts';
import { readTrace } from '../../scenarios/trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankfleet-trace-'));

const good = suite('trace files: good');

good('times from the first request, candidates, lookups by table', async () => {
  const trace = await read('timestamp_s,candidates,lookups:a,lookups:b\n10,5,1,2\n10.5,6,3,0\n12,7,5,6.5\n');
  assert.equal([...trace.timesS], [0, 0.5, 2]);
  assert.equal([...trace.candidates], [5, 6, 7]);
  assert.equal(trace.lookups!.tables, ['a', 'b']);
  assert.equal([...trace.lookups!.counts], [1, 2, 3, 0, 5, 6.5]);
});

good('every unit of time, in any column', async () => {
  for (const [unit, perSecond] of Object.entries({ s: 1, ms: 1e3, us: 1e6, ns: 1e9 })) {
    const trace = await read(`candidates,timestamp_${unit}\n1,${2 * perSecond}\n1,${5 * perSecond}\n`);
    assert.equal([...trace.timesS], [0, 3]);
    assert.is(trace.lookups, undefined);
  }
});

good('a byte order mark, Windows line ends, spaces and empty lines', async () => {
  const trace = await read('\ufefftimestamp_s, candidates\r\n\r\n 1 , 2 \r\n3,4\r\n');
  assert.equal([...trace.timesS], [0, 2]);
  assert.equal([...trace.candidates], [2, 4]);
});

good('one request', async () => {
  assert.equal([...(await read('timestamp_s,candidates\n7,1')).timesS], [0]);
});

good('a large file, in memory that worker threads share', async () => {
  const rows = 200_000;
  const lines = Array.from({ length: rows }, (_, i) => `${i},${1 + (i % 1000)}`);
  const trace = await read(`timestamp_ms,candidates\n${lines.join('\n')}\n`);
  assert.is(trace.timesS.length, rows);
  assert.is(trace.timesS[rows - 1], (rows - 1) / 1000);
  assert.is(trace.candidates[rows - 1], 1000);
  assert.instance(trace.timesS.buffer, SharedArrayBuffer);
  assert.instance(trace.candidates.buffer, SharedArrayBuffer);
});

good.after(() => rmSync(folder, { recursive: true, force: true }));

const bad = suite('trace files: bad');

const cases: [what: string, text: string, message: RegExp][] = [
  [
    'a number that is none',
    'timestamp_s,candidates\n1,2\n2,many\n',
    /:3:2: expected a number of at least 0, got 'many'/,
  ],
  ['an empty cell', 'timestamp_s,candidates\n1,\n', /:2:2: expected a number of at least 0, got ''/],
  ['a negative time', 'timestamp_s,candidates\n-1,2\n', /:2:1: expected a number/],
  ['a time that goes back', 'timestamp_s,candidates\n5,2\n4,2\n', /:3:1: timestamps must not go back/],
  ['no candidates', 'timestamp_s,candidates\n1,0\n', /:2:2: candidates must be a whole number/],
  ['half a candidate', 'timestamp_s,candidates\n1,1.5\n', /:2:2: candidates must be a whole number/],
  ['a bad lookup', 'timestamp_s,candidates,lookups:a\n1,1,x\n', /:2:3: expected a number/],
  ['an infinite time', 'timestamp_s,candidates\n1e999,1\n', /:2:1: expected a number/],
  [
    'a row that is too short',
    'timestamp_s,candidates\n1,2\n3\n',
    /:3:2: expected 2 columns as in the header, got 1/,
  ],
  ['a quote that is never closed', 'timestamp_s,candidates\n1,"2\n', /Quote/i],
  [
    'a column that nobody knows',
    'timestamp_s,candidate\n1,2\n',
    /:1:2: unknown column 'candidate'.*candidates/,
  ],
  ['no time', 'candidates\n1\n', /:1:1: the header lacks a time/],
  ['no candidates column', 'timestamp_s\n1\n', /:1:1: the header lacks 'candidates'/],
  ['a column twice', 'timestamp_s,candidates,candidates\n1,2,3\n', /:1:1: the header names a column twice/],
  ['no requests', 'timestamp_s,candidates\n', /the trace has no requests/],
  ['nothing', '', /the trace has no requests/],
];

for (const [what, text, message] of cases) {
  bad(what, async () => {
    const error = await read(text).then(
      () => assert.unreachable('an InputError was expected'),
      (reason: unknown) => reason,
    );
    assert.instance(error, InputError);
    assert.match((error as Error).message, message);
    assert.match((error as Error).message, 'trace.csv');
  });
}

bad('in the middle of a file: the line of the first bad row', async () => {
  const rows = Array.from({ length: 5000 }, (_, i) => `${i},${i === 2998 || i > 4000 ? 'x' : 5}`);
  const error = await read(`timestamp_s,candidates\n${rows.join('\n')}\n`).catch((reason: unknown) => reason);
  assert.match((error as Error).message, /:3000:2: expected a number of at least 0, got 'x'/);
});

bad('no file', async () => {
  const error = await readTrace(join(folder, 'none.csv')).catch((reason: unknown) => reason);
  assert.instance(error, InputError);
  assert.match((error as Error).message, /none\.csv: no such file/);
});

bad.run();
good.run();

function read(text: string): Promise<Trace> {
  const file = join(folder, 'trace.csv');
  writeFileSync(file, text);
  return readTrace(file);
}
