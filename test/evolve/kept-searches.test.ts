import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { replay } from '../../evolve/replay/replay.ts';
import { readExport } from '../../evolve/storage/import.ts';
import { packageRoot } from '../../foundation/files.ts';
import type { SearchOverview } from '../../reports/search/overview.ts';
import { rankfleet } from '../cli/program.ts';

const kept = suite('searches that are kept');

const folder = 'evolve/searches/h200-sxm';
const names = readdirSync(join(packageRoot, folder));

for (const name of names) {
  kept(`${name} follows from what is in it`, () => {
    const [{ wrongScores, otherChoices }] = replay(readExport(join(packageRoot, folder, name)), 1.2);
    assert.equal(wrongScores, []);
    assert.equal(otherChoices, []);
  });
}

function report(...args: string[]) {
  return rankfleet(['evolve', 'report', ...args], { cwd: packageRoot });
}

kept('the page has the table that the command prints (node dist/bench/searches-table.js writes it)', () => {
  const page = readFileSync(join(packageRoot, 'docs/evolve.md'), 'utf8');
  const [, table] = /<!-- searches -->\n(.*?)<!-- end of searches -->/s.exec(page) ?? [];
  const { status, stdout, stderr } = report(folder, '--markdown');
  assert.is(status, 0, stderr);
  assert.is(table, stdout);
  assert.is(stdout.trim().split('\n').length, 2 + names.length);
});

kept('side by side they are text, data and rows, by task', () => {
  const rows: SearchOverview[] = JSON.parse(report(folder, '--json').stdout);
  const keys = rows.map(({ task, dataType, language }) => `${task} ${dataType} ${language}`);
  assert.equal(keys, [...new Set(keys)].sort());
  const [head, ...lines] = report(folder, '--csv').stdout.trim().split('\n');
  assert.match(head, /^source,task,data_type,.*,score,score_low,score_high,over_eager,/);
  assert.is(lines.length, rows.length);
  const text = report(folder).stdout;
  const references = new Map(rows.map(({ task, reference }) => [task, reference]));
  assert.is(references.get('quantise'), 'rankfleet');
  assert.match(references.get('event-truncate')!, /^torch\.compile \S+, rankfleet on some shapes$/);
  for (const key of keys) assert.match(text, new RegExp(`^${key} +NVIDIA H200`, 'm'));
  for (const name of names) {
    const { score } = rows.find(({ source }) => basename(source) === name)!;
    const [{ summary }] = replay(readExport(join(packageRoot, folder, name)), 1.2);
    assert.ok(Math.abs(score!.mean / summary.best - 1) < 1e-12, name);
  }
});

kept('the overview has what dispatch and fallback come to on all shapes', () => {
  const rows: SearchOverview[] = JSON.parse(report(folder, '--json').stdout);
  for (const { source, dispatch } of rows) {
    const [{ rows: table }] = readExport(join(packageRoot, source)).deployments!;
    const lost = table.filter(({ use }) => use === 'fallback');
    const gain = table
      .filter((row) => !lost.includes(row))
      .reduce((product, { speedup }) => product * speedup.mean, 1);
    assert.ok(Math.abs(dispatch!.deployed.mean / gain ** (1 / table.length) - 1) < 1e-9, source);
    assert.is(dispatch!.regressions, table.filter(({ isRegression }) => isRegression).length, source);
    assert.ok(dispatch!.regressions <= lost.length, source);
  }
  const { dispatch, regressions } = rows.find(({ task }) => task === 'conv1d')!;
  assert.equal([regressions, dispatch!.regressions, dispatch!.shapes], [0, 3, 15]);
});

kept(
  'one has speeds over the reference and over eager, rates, and its share of the roofline, in text and picture',
  () => {
    const one = join(folder, 'optimised-fm-fp16.json');
    const text = report(one).stdout;
    assert.match(text, /batch 1024, vectors 24, .*67\.9 µs +1\.04 ms +15\.2 \(15\.1 … 15\.4\) +1\.20 ms/);
    assert.match(text, /batch 1024, vectors 24, .*17\.7 \(17\.6 … 17\.8\) +3343 +42\.1 +69\.6 %/);
    assert.match(
      text,
      /What runs for which shape, .*\n.*\n.*\nbatch 1024, vectors 24, .*15\.8 \(15\.8 … 15\.8\)/,
    );
    const { timings, roofs } = JSON.parse(report(one, '--json').stdout);
    const [{ kernelS, bytesPerS, speedOfLight }] = timings;
    // The shape is bound by memory: its least time is that of its bytes.
    const leastS = (bytesPerS * kernelS) / roofs.roofline.memoryBytesPerS.value;
    assert.ok(Math.abs(leastS / (speedOfLight * kernelS) - 1) < 1e-9);
  },
);

kept('what is for one search, or for several, is refused of the other', () => {
  const refused: [args: string[], message: RegExp][] = [
    [[folder, '--html', 'x.html'], /--html: is for one search/],
    [[folder, '--csv', '--json'], /--json and --csv: one of them at a time/],
    [[join(folder, names[0]), '--csv'], /--csv: is for a folder with several searches/],
    [['docs'], /docs: has no search/],
  ];
  for (const [args, message] of refused) {
    const { status, stdout, stderr } = report(...args);
    assert.is(status, 2, args.join(' '));
    assert.is(stdout, '');
    assert.match(stderr, message);
  }
});

kept.run();
