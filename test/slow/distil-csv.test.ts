// time-limit: 240 s
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assembleResult } from '../../distil/experiment/assemble-result.ts';
import { loadExperiment } from '../../distil/experiment/load-experiment.ts';
import { doExperimentJob, runExperiment } from '../../distil/experiment/run-experiment.ts';
import { checkStream } from '../../distil/streams/check.ts';
import type { ExampleStream, Field } from '../../distil/streams/stream.ts';
import { syntheticOptions } from '../../distil/streams/synthetic/options.ts';
import { syntheticStream } from '../../distil/streams/synthetic/synthetic-stream.ts';
import { packageRoot } from '../../foundation/files.ts';
import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import { rankfleet } from '../cli/program.ts';
import { csvOf, everyRow, labelCell, midnightS, renumbered } from '../distil/csv-of-stream.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankfleet-distil-csv-'));

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const perDay = 200;

/** Six days of two verticals, known in all. */
const { stream: known } = syntheticStream(
  syntheticOptions({
    days: 6,
    examples_per_day: perDay,
    cardinalities: [12, 12],
    verticals: 2,
    tasks: [
      { name: 'click', mean_delay_s: 600 },
      { name: 'like', base_rate: 0.15, alike: 0.8, mean_delay_s: 3600 },
    ],
  }),
);

/** Impressions in whole seconds, as files have them. */
known.impressionS = known.impressionS.map(Math.floor);

interface Layout {
  layout: string;
  file: string;
  fields: string[];
  tasks: string[];
  vertical: string;
}

/** An experiment with one arm on a file. */
function experimentOf({ layout, file, fields, tasks, vertical }: Layout, extra = ''): string {
  return write(
    'experiment.yaml',
    `
version: 1
kind: distillation-experiment
source: {kind: csv, file: ${file}, layout: ${layout}}
teacher: {task: ${tasks[0]}, embedding: 4, hidden: [8]}
student: {tasks: [${tasks}], fields: [${fields}], embedding: 2, hidden: [4]}
verticals: {grid: ['${vertical}']}
arms: [ah]
controls: []
staleness_days: [0, 1]
lag_days: [0, 1]
seeds: 1
metrics: {from_day: 3, period_days: 1, resamples: 100, block_days: 1}
${extra}`,
  );
}

function distilled(experiment: string): ExperimentResult {
  const { status, stdout, stderr } = rankfleet(['distil', experiment, '--json']);
  assert.is(status, 0, stderr);
  return JSON.parse(stdout);
}

/** The result of the same experiment on a stream that was never in a file. */
async function fromMemory(experiment: string, stream: ExampleStream): Promise<ExperimentResult> {
  const { spec } = loadExperiment(experiment);
  const report = checkStream(stream);
  const ask = async (job: Parameters<typeof doExperimentJob>[0]) => doExperimentJob(job);
  const outcomes = await runExperiment({ spec, stream, folder, keepsLogs: false, ask });
  const opened = { stream, report, description: '', truth: undefined };
  return assembleResult(spec, opened, outcomes, { product: '', streamDigest: '' });
}

/** All figures, and not what only a file has. */
function figuresOf({ cells, teachers, freshness, transfer, claims, serving }: ExperimentResult) {
  return JSON.parse(JSON.stringify({ cells, teachers, freshness, transfer, claims, serving }));
}

const like = suite('distil: CSV files give what memory gives');

const [first, second, home] = known.fields;
const [click, liked] = known.tasks;
const rows = everyRow(known);

like('in the layout of TaobaoAd, whose rows are in no order', async () => {
  // Seconds that come up twice would be put in the order of the file.
  const times = known.impressionS.map((time, row) => time + row / known.size / 2);
  const mixed = rows.map((_, at) => (at * 7919) % known.size);
  write(
    'raw_sample.csv',
    csvOf(['user', 'time_stamp', 'adgroup_id', 'pid', 'nonclk', 'clk'], mixed, (row) => [
      first.ids[row],
      midnightS - 8 * 3600 + times[row],
      second.ids[row],
      `pid${home.ids[row]}`,
      1 - click.labels[row],
      click.labels[row],
    ]),
  );
  const pid = renumbered(home, mixed, 'pid');
  const stream: ExampleStream = {
    ...known,
    name: 'taobao-ad',
    impressionS: times.map((time) => midnightS + time - midnightS),
    fields: [renumbered(first, mixed, 'user'), renumbered(second, mixed, 'adgroup_id'), pid],
    tasks: [{ name: 'click', labels: click.labels.slice(), delayS: new Float32Array(known.size) }],
    verticals: verticalsIn(mixed),
    members: Uint32Array.from(pid.ids, (id) => 1 << id),
  };
  const experiment = experimentOf({
    layout: 'taobao-ad',
    file: 'raw_sample.csv',
    fields: ['user', 'pid'],
    tasks: ['click'],
    vertical: 'pid0',
  });
  const result = distilled(experiment);
  assert.ok(result.source.moved > known.size / 4, `${result.source.moved} moved`);
  assert.equal(figuresOf(result), figuresOf(await fromMemory(experiment, stream)));
});

/** Names of the verticals, as they first come up. */
function verticalsIn(order: readonly number[]): string[] {
  return [...new Set(order.map((row) => `pid${home.ids[row]}`))];
}

/** A layout that ships, with days as short as those of the fixture. */
function shortDays(name: string): string {
  const text = readFileSync(join(packageRoot, `distil/streams/csv/layouts/${name}.yaml`), 'utf8');
  const changed = text.replace(/rows_per_day: \d+/, `rows_per_day: ${perDay}`);
  assert.is.not(changed, text);
  write(`${name}.yaml`, changed);
  return `./${name}.yaml`;
}

/** The stream as a layout without times and verticals has it. */
function timeless(name: string, fields: Field[], tasks: [name: string, labels: Uint8Array][]): ExampleStream {
  return {
    ...known,
    name,
    impressionS: Float64Array.from(rows, (row) => (86_400 * row) / perDay),
    fields,
    tasks: tasks.map(([task, labels]) => {
      return { name: task, labels: labels.slice(), delayS: new Float32Array(known.size) };
    }),
    verticals: ['all'],
    members: new Uint32Array(known.size).fill(1),
  };
}

like('in the layout of KuaiVideo, whose rows make days by their number', async () => {
  const head = 'timestamp,user_id,item_id,is_click,is_like,is_follow,pos_items,neg_items'.split(',');
  const follow = click.labels.map((label, row) => label & liked.labels[row]);
  write(
    'kuai.csv',
    csvOf(head, rows, (row) => [
      row,
      first.ids[row],
      second.ids[row],
      labelCell(click.labels[row]),
      labelCell(liked.labels[row]),
      follow[row],
      '3^4^5',
      '',
    ]),
  );
  const stream = timeless(
    'kuai-video',
    [renumbered(first, rows, 'user_id'), renumbered(second, rows, 'item_id')],
    [
      ['click', click.labels],
      ['like', liked.labels],
      ['follow', follow],
    ],
  );
  const asked = { file: 'kuai.csv', fields: ['user_id'], tasks: ['click', 'like'], vertical: 'all' };
  const experiment = experimentOf({ ...asked, layout: shortDays('kuai-video') });
  assert.equal(figuresOf(distilled(experiment)), figuresOf(await fromMemory(experiment, stream)));
  // As it ships, a day has a million rows: these are one day.
  const { status, stderr } = rankfleet(['distil', experimentOf({ ...asked, layout: 'kuai-video' })]);
  assert.is(status, 2);
  assert.match(stderr, 'day 3 is past the stream, which has days 0 to 0: two at least should count');
});

like('in the layout of Criteo, with tabs and buckets of counts', async () => {
  const count = (row: number, column: number) => ((row * 31 + column * 17) % 40) - 2;
  const bucketOf = (value: number) => (value < 0 ? 1 : 2 + Math.floor(Math.log(value + 1) ** 2));
  const numbered = (from: number, what: string, length: number) =>
    Array.from({ length }, (_, at) => `${what}${at + from}`);
  const categories = numbered(1, 'C', 26);
  const idsOf = (column: number) => (column % 2 === 0 ? first : second);
  write(
    'train.txt',
    csvOf(
      undefined,
      rows,
      (row) => [
        click.labels[row],
        ...numbered(0, '', 13).map((_, column) => count(row, column)),
        ...categories.map((_, column) => `"${idsOf(column).ids[row].toString(16)}`),
      ],
      '\t',
    ),
  );
  const fields = [
    ...categories.map((name, column) => renumbered(idsOf(column), rows, name)),
    ...numbered(1, 'I', 13).map((name, column): Field => {
      const ids = Int32Array.from(rows, (row) => bucketOf(count(row, column)));
      return { name, ids, cardinality: Math.max(...ids) + 1 };
    }),
  ];
  const experiment = experimentOf({
    layout: shortDays('criteo'),
    file: 'train.txt',
    fields: ['C1', 'I1'],
    tasks: ['click'],
    vertical: 'all',
  });
  const stream = timeless('criteo', fields, [['click', click.labels]]);
  assert.equal(figuresOf(distilled(experiment)), figuresOf(await fromMemory(experiment, stream)));
});

const ownLayout = `
name: shop
time: {column: seen, unit: s}
labels:
  click: {column: clicked, time: clicked_at}
  like: {column: liked, delay: 1 h}
fields: [item, place, site]
vertical: {column: site, values: [site0, site1]}
`;
const ownHead = ['seen', 'item', 'place', 'site', 'clicked', 'clicked_at', 'liked'];

/** The stream as the layout of one's own has it, some of its cells replaced. */
function ownCsv(
  replaced: (row: number, cells: (string | number)[]) => (string | number)[] = (_, cells) => cells,
) {
  return csvOf(ownHead, rows, (row) =>
    replaced(row, [
      midnightS + known.impressionS[row],
      first.ids[row],
      second.ids[row],
      `site${home.ids[row]}`,
      click.labels[row],
      midnightS + known.impressionS[row] + 60,
      liked.labels[row],
    ]),
  );
}

const own: Layout = {
  layout: './shop.yaml',
  file: 'shop.csv',
  fields: ['item'],
  tasks: ['click', 'like'],
  vertical: 'site0',
};

like('in a layout of one’s own, with times of labels and verticals that are listed', async () => {
  write('shop.yaml', ownLayout);
  write('shop.csv', ownCsv());
  const delays = (seconds: number) => new Float32Array(known.size).fill(seconds);
  const site = renumbered(home, rows, 'site');
  const stream: ExampleStream = {
    ...known,
    name: 'shop',
    fields: [renumbered(first, rows, 'item'), renumbered(second, rows, 'place'), site],
    tasks: [
      { name: 'click', labels: click.labels.slice(), delayS: delays(60) },
      { name: 'like', labels: liked.labels.slice(), delayS: delays(3600) },
    ],
    verticals: ['site0', 'site1'],
    members: Uint32Array.from(home.ids, (id) => 1 << id),
  };
  const experiment = experimentOf(own);
  assert.equal(figuresOf(distilled(experiment)), figuresOf(await fromMemory(experiment, stream)));
});

like('what cannot be used is counted, in the result and in words', () => {
  write('shop.yaml', ownLayout);
  const emptied = (row: number) => row % 10 === 3;
  const early = (row: number) => row % 10 === 4;
  const foreign = (row: number) => row % 10 === 5;
  const text = ownCsv((row, cells) => [
    ...cells.slice(0, 3),
    foreign(row) ? 'elsewhere' : cells[3],
    emptied(row) ? '' : cells[4],
    early(row) ? Number(cells[0]) - 5 : cells[5],
    cells[6],
  ]);
  write('shop.csv', text);
  const { source } = distilled(experimentOf(own));
  const tenth = known.size / 10;
  assert.is(source.inNoVertical, tenth);
  assert.equal(source.unknownVerticals, [['elsewhere', tenth]]);
  assert.is(source.tasks[0].unlabelled, 2 * tenth);
  assert.is(source.tasks[0].beforeImpression, tenth);
  assert.is(source.tasks[1].unlabelled, 0);
  const { stdout, stderr } = rankfleet(['distil', experimentOf(own)]);
  for (const said of [stdout, stderr]) assert.match(said, `elsewhere (${tenth})`);
  assert.match(stdout, 'From shop.csv. ');
  assert.match(stdout, new RegExp(`click +[\\d.]+ +${2 * tenth} +${tenth} +${known.size - 2 * tenth}`));
});

like.run();

const refusing = suite('distil: CSV files that cannot be trained on');
refusing.after(() => rmSync(folder, { recursive: true }));

const wrong: [what: string, text: string, message: string][] = [
  ['rows out of order', swapped(ownCsv()), "shop.csv:52:1: is not sorted by time: '"],
  ['a head alone', ownCsv().split('\n', 1)[0], 'experiment.yaml:4:1: source: '],
  ['nothing at all', '', 'shop.csv: has no examples'],
  [
    'a column too few',
    ownCsv().replace('item', 'itme'),
    "shop.csv:1:1: lacks column 'item' (did you mean 'itme'?)",
  ],
  ['a row cut short', ownCsv().slice(0, -9), 'expected 7 columns'],
  [
    'a label of another kind',
    ownCsv((row, cells) => (row === 8 ? [...cells.slice(0, 6), 'yes'] : cells)),
    "shop.csv:10:7: expected a label, 0 or 1 or nothing, got 'yes'",
  ],
  [
    'no label of a task',
    ownCsv((_, cells) => [...cells.slice(0, 6), '']),
    'shop.csv: stream shop task like has no label',
  ],
  [
    'labels of one kind only',
    ownCsv((_, cells) => [...cells.slice(0, 6), 0]),
    /experiment\.yaml:\d+:\d+: metrics\.from_day: .*vertical site0 has \d+ labels of like, 0 of them positive: NE needs both/
      .source,
  ],
  [
    'no two days to count',
    ownCsv()
      .split('\n')
      .slice(0, 4 * perDay)
      .join('\n'),
    'metrics.from_day: day 3 is the last of the stream, which has days 0 to 3',
  ],
  [
    'fewer days than staleness takes',
    ownCsv()
      .split('\n')
      .slice(0, 2 * perDay)
      .join('\n'),
    'metrics.from_day: day 3 is past the stream, which has days 0 to 1',
  ],
];
for (const [what, text, message] of wrong) {
  refusing(`${what}: told with its place, and nothing is run`, () => {
    write('shop.yaml', ownLayout);
    write('shop.csv', text);
    const { status, stdout, stderr } = rankfleet(['distil', experimentOf(own)]);
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, message.includes('\\d') ? new RegExp(message) : message);
  });
}

/** The fiftieth and the fifty-first row, in the order of the other. */
function swapped(text: string): string {
  const lines = text.split('\n');
  [lines[50], lines[51]] = [lines[51], lines[50]];
  return lines.join('\n');
}

refusing.run();
