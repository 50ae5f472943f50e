import { textTable } from '../reports/text-table.ts';
import { benchCapacity } from './capacity.ts';
import { benchDistillationPipeline } from './distillation-pipeline.ts';
import { benchForkJoin } from './fork-join.ts';
import { benchHold } from './hold.ts';
import { benchLearner } from './learner.ts';
import { benchPage } from './page.ts';
import { benchSearchStorage } from './search-storage.ts';
import { benchServing } from './serving.ts';
import { benchSharding } from './sharding.ts';
import { benchStartup } from './startup.ts';
import { benchSweep } from './sweep.ts';

/** One line of the table: what was run, how fast, and what else is worth knowing. */
type Line = [bench: string, run: string, speed: string, note: string];

const long = process.argv.includes('--long');

const benches: Record<string, () => Line[] | Promise<Line[]>> = {
  hold: () =>
    benchHold().map(({ queue, pending, millionEventsPerS }) => [
      'hold',
      `${queue}, ${count(pending)} pending`,
      speed(millionEventsPerS),
      '',
    ]),
  'fork-join': () =>
    benchForkJoin().map(({ requests, events, meanPending, meanResponse, millionEventsPerS }) => [
      'fork-join',
      `${count(requests)} requests, ${count(events)} events`,
      speed(millionEventsPerS),
      `${meanPending.toFixed(1)} pending, mean response ${meanResponse.toFixed(3)}`,
    ]),
  serving: async () =>
    (await benchServing(long)).map(
      ({ case: arm, requests, events, millionEventsPerS, residentMB, usedMB }) => [
        'serving',
        `${arm}, ${count(requests)} requests, ${count(events)} events`,
        speed(millionEventsPerS),
        `${residentMB.toFixed(0)} MB resident, ${usedMB.toFixed(0)} MB used`,
      ],
    ),
  startup: () =>
    benchStartup().map(({ command, medianMs, leastMs }) => [
      'startup',
      command,
      `${medianMs.toFixed(0)} ms`,
      `median; at least ${leastMs.toFixed(0)} ms`,
    ]),
  sharding: async () =>
    (await benchSharding()).map(({ case: instance, seconds, gap }) => [
      'sharding',
      instance,
      `${seconds.toFixed(2)} s`,
      `${(100 * gap).toFixed(2)} % above the bound`,
    ]),
  capacity: () =>
    benchCapacity().map(({ case: what, seconds }) => [
      'capacity',
      what,
      `${seconds.toFixed(2)} s`,
      'start of the process included',
    ]),
  sweep: async () =>
    (await benchSweep()).map(({ case: what, points, seconds, earlyMB, lateMB }) => [
      'sweep',
      `${count(points)} points, ${what}`,
      `${seconds.toFixed(1)} s`,
      `${earlyMB.toFixed(0)} MB resident in the first tenth, ${lateMB.toFixed(0)} MB after it`,
    ]),
  search: async () =>
    (await benchSearchStorage()).map(({ case: what, nodes, medianMs }) => [
      'search',
      `${what}, ${count(nodes)} nodes`,
      `${medianMs.toFixed(2)} ms`,
      'median',
    ]),
  pipeline: () =>
    benchDistillationPipeline().map(({ verticals, examplesPerDay, seconds }) => [
      'pipeline',
      `7 days of ${count(examplesPerDay)} examples, ${verticals} verticals`,
      `${seconds.toFixed(2)} s`,
      'one replication',
    ]),
  learner: () =>
    benchLearner().map(({ case: what, examples, cpuSeconds }) => [
      'learner',
      `${what}, ${count(examples)} examples`,
      `${cpuSeconds.toFixed(1)} s`,
      `processor time; ${count(examples / cpuSeconds)} examples/s`,
    ]),
  page: async () =>
    (await benchPage()).map(({ points, dots, pageMB, writeMs, openMs, chooseMs }) => [
      'page',
      `sweep of ${count(points)} points, ${count(dots)} dots`,
      openMs === undefined ? 'no Chromium' : `${openMs.toFixed(0)} ms`,
      `opens; written in ${writeMs.toFixed(0)} ms, ${pageMB.toFixed(1)} MB` +
        (chooseMs === undefined ? '' : `; all dots chosen in ${chooseMs.toFixed(0)} ms`),
    ]),
};

const wanted = process.argv.slice(2).filter((argument) => argument !== '--long');
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`unknown bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  const lines: Line[] = [];
  for (const name of wanted.length > 0 ? wanted : Object.keys(benches))
    lines.push(...(await benches[name]()));
  console.log(
    textTable(
      [
        { title: 'bench', align: 'left' },
        { title: 'run', align: 'left' },
        { title: 'speed' },
        { title: 'note', align: 'left' },
      ],
      lines,
    ),
  );
}

function speed(millionEventsPerS: number): string {
  return `${millionEventsPerS.toFixed(1)} M events/s`;
}

/** 1e6 as 1M: bench sizes are round. */
function count(value: number): string {
  if (value >= 1e9) return `${Number((value / 1e9).toPrecision(3))}G`;
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  return value >= 1e3 ? `${Number((value / 1e3).toPrecision(3))}k` : String(value);
}
