import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeReport } from '../../../distil/streams/check.ts';
import { layoutNames, readLayout } from '../../../distil/streams/csv/layout.ts';
import { readCsvStream } from '../../../distil/streams/csv/read-csv.ts';
import { fieldNamed, noLabel, taskNamed } from '../../../distil/streams/stream.ts';
import { laterMessageOf, messageOf } from '../../input-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankfleet-csv-'));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const twoTasks = `
name: shop
time: {column: seen, unit: s}
labels:
  click: {column: clicked, delay: 10 s}
  buy: {column: bought, time: bought_at, delay: 1 d}
fields: [item, place]
buckets: [price]
vertical: {column: site, values: [a, b]}
`;
const head = 'seen,item,place,site,price,clicked,bought,bought_at\n';
const rows = ['100,x,top,a,,1,1,160', '200,y,top,b,-3,0,0,', '300,x,low,c,7.5,,1,299'].join('\n');

const read = (text: string, layout = twoTasks) =>
  readCsvStream(write('data.csv', text), readLayout(write('layout.yaml', layout)));

const files = suite('streams: CSV');
files.after(() => rmSync(folder, { recursive: true }));

files('columns become ids, buckets, labels and their times', async () => {
  const { stream, report } = await read(head + rows);
  assert.equal([...stream.impressionS], [100, 200, 300]);
  assert.equal([...fieldNamed(stream, 'item').ids], [0, 1, 0]);
  assert.equal(fieldNamed(stream, 'item').values, ['x', 'y']);
  // Nothing, below zero, and ⌊ln²(8.5)⌋ = 4 above the two.
  assert.equal([...fieldNamed(stream, 'price').ids], [0, 1, 6]);
  assert.equal([...taskNamed(stream, 'click').labels], [1, 0, noLabel]);
  assert.equal([...taskNamed(stream, 'click').delayS.slice(0, 2)], [10, 10]);
  assert.equal([...taskNamed(stream, 'buy').labels], [1, 0, noLabel]);
  assert.equal([...taskNamed(stream, 'buy').delayS.slice(0, 2)], [60, 86_400]);
  assert.equal([...stream.members], [1, 2, 0]);
  assert.equal(describeReport(report), [
    'shop: 3 examples',
    '1 example in no vertical',
    'verticals that nobody trains: c (1)',
    'click: 50.0 % positive, 1 example without a label',
    'buy: 50.0 % positive, 1 example without a label (1 label before the impression)',
  ]);
});

files('rows out of order are refused, or put in order and counted', async () => {
  const late = `${head}300,x,top,a,1,1,0,\n100,y,top,b,2,0,1,400\n200,z,low,a,3,1,0,\n`;
  assert.match(await laterMessageOf(() => read(late)), 'data.csv:3:1: is not sorted by time');
  assert.match(await laterMessageOf(() => read(late)), "'100' is 200 s before the row above; 'order: sort'");
  const { stream, report } = await read(late, `${twoTasks}order: sort\n`);
  assert.equal([...stream.impressionS], [100, 200, 300]);
  assert.equal([...fieldNamed(stream, 'item').ids], [1, 2, 0]);
  assert.equal([...taskNamed(stream, 'click').labels], [0, 1, 1]);
  assert.equal([...stream.members], [2, 1, 1]);
  assert.is(report.moved, 2);
});

files('days begin by the clock of the layout', async () => {
  const layout = twoTasks.replace('unit: s', 'unit: iso, utc_offset: 8 h');
  const text = `${head}2017-05-06 08:55:10,x,top,a,1,1,0,\n2017-05-06T17:00:00Z,x,top,a,1,1,1,2017-05-06 17:00:30\n`;
  const { stream } = await read(text, layout);
  assert.equal([...stream.impressionS], [60_910, 90_000]);
  assert.is(taskNamed(stream, 'buy').delayS[1], 30);
});

files('the known layouts read files of their kind', async () => {
  assert.equal(layoutNames(), ['criteo', 'kuai-video', 'taobao-ad']);
  const ads =
    'user,time_stamp,adgroup_id,pid,nonclk,clk\n1,1494137644,7,430548_1007,1,0\n2,1494032110,9,430539_1007,0,1\n';
  const taobao = await readCsvStream(write('raw_sample.csv', ads), readLayout('taobao-ad'));
  assert.equal([...taobao.stream.impressionS], [32_110, 137_644]);
  assert.equal(taobao.stream.verticals, ['430548_1007', '430539_1007']);
  assert.equal([...taobao.stream.members], [2, 1]);
  const tabs = (label: number) => [label, ...Array(13).fill('3'), ...Array(26).fill('68fd"1e64')].join('\t');
  const criteo = await readCsvStream(write('train.txt', `${tabs(0)}\n${tabs(1)}\n`), readLayout('criteo'));
  assert.is(criteo.stream.fields.length, 39);
  assert.equal(criteo.stream.fields[0].values, ['68fd"1e64']);
  assert.equal([...criteo.stream.tasks[0].labels], [0, 1]);
  const video =
    'timestamp,user_id,item_id,is_click,is_like,is_follow,pos_items,neg_items\n5,1,2,1,0,1,3^4,5\n6,1,3,0,0,0,3,\n';
  const kuai = await readCsvStream(write('kuai.csv', video), readLayout('kuai-video'));
  assert.equal(
    kuai.report.tasks.map(({ positives }) => positives),
    [1, 0, 1],
  );
});

const badRows: [what: string, text: string, message: string][] = [
  ['an empty file', '', 'has no examples'],
  ['a head alone', head, 'has no examples'],
  [
    'a missing column',
    `${head.replace('item', 'itm')}${rows}`,
    "data.csv:1:1: lacks column 'item' (did you mean 'itm'?)",
  ],
  ['a short row', `${head}100,x,top\n`, 'data.csv:2:4: expected 8 columns, got 3'],
  ['a time in words', `${head}noon,x,top,a,1,1,0,\n`, "data.csv:2:1: expected a time in s, got 'noon'"],
  [
    'a label of 2',
    `${head}${rows}\n400,x,top,a,1,2,0,\n`,
    'data.csv:5:6: expected a label, 0 or 1 or nothing',
  ],
  ['a price in words', `${head}1,x,top,a,dear,1,0,\n`, "data.csv:2:5: expected a number, got 'dear'"],
  [
    'an open quote',
    `${head}${rows}\n400,"x,top,a,1,1,0,\n${'500,x,top,a,1,1,0,\n'.repeat(9)}`,
    'data.csv:5:1: the row that begins here does not end: is a quote left open?',
  ],
  ['what is no text', `${head}1,\0,top,a,1,1,0,\n`, 'data.csv:1:1: is not UTF-8 text'],
  [
    'milliseconds that are called seconds',
    `${head}1494137644000,x,top,a,1,1,0,\n`,
    "data.csv:2:1: '1494137644000' is past the year 9999: is s the unit of times?",
  ],
  ['no labels', `${head}1,x,top,a,1,,,\n`, 'data.csv: stream shop task click has no label'],
];
for (const [what, text, message] of badRows) {
  files(`${what} is refused`, async () => {
    assert.match(await laterMessageOf(() => read(text)), message);
  });
}

files('a compressed file is refused', async () => {
  const file = join(folder, 'data.csv.gz');
  writeFileSync(file, gzipSync(head + rows));
  const layout = readLayout(write('layout.yaml', twoTasks));
  assert.match(
    await laterMessageOf(() => readCsvStream(file, layout)),
    'data.csv.gz:1:1: is compressed by gzip',
  );
});

files('more verticals than there are bits are refused, unless those meant are listed', async () => {
  const many = head + Array.from({ length: 33 }, (_, i) => `${i},x,top,s${i},1,1,0,`).join('\n');
  const layout = twoTasks.replace(', values: [a, b]', '');
  assert.match(
    await laterMessageOf(() => read(many, layout)),
    "vertical 's32' is one more than the 32 of a stream",
  );
});

const badLayouts: [what: string, layout: string, message: string][] = [
  ['no labels', twoTasks.replace(/labels:[\s\S]*fields/, 'labels: {}\nfields'), 'expected a label'],
  ['an unknown key', `${twoTasks}delimeter: ";"\n`, "unknown key 'delimeter' (did you mean 'delimiter'?)"],
  ['no fields', twoTasks.replace(/fields.*\nbuckets.*\n/, ''), 'no column to predict from'],
  [
    'label times and no others',
    twoTasks.replace(/time: \{column.*/, 'time: {rows_per_day: 9}'),
    'impressions have none',
  ],
];
for (const [what, layout, message] of badLayouts) {
  files(`a layout with ${what} is refused`, () => {
    assert.match(
      messageOf(() => readLayout(write('bad.yaml', layout))),
      message,
    );
  });
}

files('an unknown layout is answered with the nearest', () => {
  assert.match(
    messageOf(() => readLayout('taobao')),
    "unknown layout 'taobao'",
  );
  assert.match(
    messageOf(() => readLayout('critoe')),
    "did you mean 'criteo'",
  );
});

files.run();
