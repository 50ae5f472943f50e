import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkStream, describeReport } from '../../../distil/streams/check.ts';
import { picked } from '../../../distil/streams/columns.ts';
import {
  dayStarts,
  type ExampleStream,
  noLabel,
  overlapOf,
  rowsOfVertical,
  rowsWithLabel,
  taskNamed,
  verticalNamed,
} from '../../../distil/streams/stream.ts';
import { messageOf } from '../../input-error.ts';
import { smallStream } from '../small-stream.ts';

const views = suite('streams: verticals and days');

views('each vertical has its own traffic; κ counts what is shared', () => {
  const stream = smallStream();
  assert.equal([...rowsOfVertical(stream, 0)], [0, 2, 4]);
  assert.equal([...rowsOfVertical(stream, 1)], [1, 2]);
  assert.equal(overlapOf(stream), { perVertical: [3, 2], union: 4, overlap: 1.25 });
});

views('rows without a label are left out, and columns picked by rows keep their type', () => {
  const { tasks, impressionS } = smallStream();
  tasks[0].labels[2] = noLabel;
  const rows = rowsWithLabel(tasks[0], Int32Array.of(0, 2, 4));
  assert.equal(picked(tasks[0].labels, rows), Uint8Array.of(1, 0));
  assert.equal(picked(impressionS, Int32Array.of(4, 4, 0)), Float64Array.of(172_900, 172_900, 10));
});

views('the thirty-second vertical is one too', () => {
  const stream = smallStream();
  stream.verticals = Array.from({ length: 32 }, (_, v) => `v${v}`);
  stream.members = Uint32Array.of(0x80000000, 1, 0x80000001, 0, 0);
  assert.equal([...rowsOfVertical(stream, 31)], [0, 2]);
  assert.is(overlapOf(stream).perVertical[31], 2);
  assert.is(overlapOf(stream).overlap, 4 / 3);
});

views('days start where they do, also those without examples, also of some rows', () => {
  assert.equal([...dayStarts(smallStream())], [0, 3, 3, 5]);
  assert.equal([...dayStarts(smallStream(), Int32Array.of(1, 2))], [0, 2, 2, 2]);
});

views('an unknown task or vertical is answered with the nearest', () => {
  assert.match(
    messageOf(() => taskNamed(smallStream(), 'clik')),
    "no task 'clik' (did you mean 'click'?)",
  );
  assert.match(
    messageOf(() => verticalNamed(smallStream(), 'travel')),
    'it has news, shop',
  );
});

views.run();

const checks = suite('streams: checks');

checks('labels are counted, and those before their impression taken away', () => {
  const stream = smallStream();
  stream.tasks[0].labels[1] = noLabel;
  stream.tasks[0].delayS[3] = -1;
  const report = checkStream(stream);
  assert.equal(report.tasks, [{ task: 'click', positives: 1, unlabelled: 2, beforeImpression: 1 }]);
  assert.is(stream.tasks[0].labels[3], noLabel);
  assert.equal(describeReport(report), [
    'small: 5 examples',
    '1 example in no vertical',
    'click: 33.3 % positive, 2 examples without a label (1 label before the impression)',
  ]);
});

const bad: [what: string, change: (stream: ExampleStream) => void, message: string][] = [
  [
    'times of another unit',
    ({ impressionS }) => {
      impressionS[4] = 1e15;
    },
    'spans 11 574 074 075 days, of at most 36 500: is the unit of its times right?',
  ],
  [
    'times that go back',
    ({ impressionS }) => impressionS.set([200_000], 1),
    'not sorted by time: example 2 is at 86399 s',
  ],
  ['a time before the first midnight', ({ impressionS }) => impressionS.set([-1]), 'example 0 is at -1 s'],
  ['no time', ({ impressionS }) => impressionS.set([Number.NaN], 2), 'example 2 is at NaN s'],
  ['an id out of range', ({ fields }) => fields[0].ids.set([3], 4), 'example 4 has id 3 of field item, of 3'],
  ['a label of 2', ({ tasks }) => tasks[0].labels.set([2], 4), 'example 4 has label 2 of task click'],
  ['no label at all', ({ tasks }) => tasks[0].labels.fill(noLabel), 'task click has no label'],
  ['labels all too early', ({ tasks }) => tasks[0].delayS.fill(-1), 'has no label: 5 came before'],
  [
    'a label without a time',
    ({ tasks }) => tasks[0].delayS.set([Number.NaN], 3),
    'example 3 has a label of task click',
  ],
  [
    'a short column',
    (stream) => Object.assign(stream, { members: new Uint32Array(3) }),
    '3 members for 5 examples',
  ],
  ['no tasks', (stream) => Object.assign(stream, { tasks: [] }), 'nothing is labelled'],
];
for (const [what, change, message] of bad) {
  checks(`${what} is refused`, () => {
    const stream = smallStream();
    change(stream);
    assert.match(
      messageOf(() => checkStream(stream)),
      message,
    );
  });
}

checks.run();
