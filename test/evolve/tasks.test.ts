import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { forDataType } from '../../evolve/source/data-types.ts';
import { launchPlan } from '../../evolve/source/launch-plan.ts';
import { readTasks, tasks } from '../../evolve/tasks/index.ts';
import { readTaskFile } from '../../evolve/tasks/task-file.ts';

const suiteOf = suite('evolve: tasks');

let folder = '';
suiteOf.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'rankfleet-tasks-'));
});
suiteOf.after(() => rmSync(folder, { recursive: true }));

const written = (text: string, name = 'task.yaml') => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const good = `name: mine
operator: pffn
data_types: [fp16]
search:
  - { shape: { batch: 2, length: 3, dim: 4, width: 5, gelu: 1 }, kind: production }
held_out:
  - { shape: { batch: 1, length: 3, dim: 4, width: 5, gelu: 0 } }
`;

suiteOf('a file is a task', () => {
  const file = written(good);
  assert.equal(readTaskFile(file), {
    name: 'mine',
    title: 'mine',
    source: file,
    operator: 'pffn',
    dataTypes: ['fp16'],
    search: [{ shape: { batch: 2, length: 3, dim: 4, width: 5, gelu: 1 }, kind: 'production' }],
    heldOut: [{ shape: { batch: 1, length: 3, dim: 4, width: 5, gelu: 0 } }],
  });
});

suiteOf('what is wrong with a file is said where it stands', () => {
  for (const [from, to, problem] of [
    ['operator: pffn', 'operator: pfn', /task\.yaml:2:11: operator: .*did you mean 'pffn'/],
    [
      'operator: pffn',
      'operator: kernel-launch',
      /:2:11: operator: kernel-launch has no tensors and so no reference/,
    ],
    ['operator: pffn\n', '', /task\.yaml:1:1: operator: required, but missing/],
    ['[fp16]', '[int8]', /:3:14: data_types\[0\]: pffn has no reference for int8: it has fp32/],
    ['[fp16]', '[fp16, fp16]', /:3:20: data_types\[1\]: fp16 stands here twice/],
    ['[fp16]', '[]', /data_types/],
    [', gelu: 1', '', /:5:7: search\[0\]\.shape: pffn needs the axis gelu/],
    ['width: 5, gelu: 1', 'widht: 5, gelu: 1', /:5:\d+: search\[0\]\.shape\.widht: .*did you mean 'width'/],
    ['width: 5, gelu: 1', 'width: 5, gelu: 2', /:5:\d+: search\[0\]\.shape: pffn: gelu is 2/],
    ['batch: 2', 'batch: 2.5', /:5:\d+: search\[0\]\.shape\.batch: must be a whole number, got 2\.5/],
    ['batch: 2', 'batch: 0', /:5:\d+: search\[0\]\.shape: x would have 0 elements/],
    [
      'batch: 1, length: 3, dim: 4, width: 5, gelu: 0',
      'batch: 2, length: 3, dim: 4, width: 5, gelu: 1',
      /:7:\d+: held_out\[0\]\.shape: the same shape as search\[0\]/,
    ],
    ['kind: production', 'sort: production', /:5:\d+: search\[0\]\.sort: unknown key 'sort'/],
  ] as const) {
    const text = good.replace(from, to);
    assert.is.not(text, good);
    assert.throws(() => readTaskFile(written(text)), problem);
  }
});

suiteOf('a task lies in a folder of its name', () => {
  const library = join(folder, 'library');
  for (const name of ['mine', 'other', 'empty']) mkdirSync(join(library, name), { recursive: true });
  writeFileSync(join(library, 'mine', 'task.yaml'), good);
  assert.equal(
    readTasks(library).map(({ name }) => name),
    ['mine'],
  );
  writeFileSync(join(library, 'other', 'task.yaml'), good);
  assert.throws(() => readTasks(library), /other.task\.yaml.*name: is 'mine', but its folder is 'other'/);
});

suiteOf('tasks that ship hold some shapes out, odd ones among them', () => {
  assert.ok(tasks.length >= 5);
  for (const { name, heldOut } of tasks) {
    assert.ok(
      heldOut.some(({ shape }) => Object.values(shape).some((size) => size > 1 && size % 2 === 1)),
      name,
    );
  }
});

suiteOf('a source is written for the data types that it names', () => {
  const text = '#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16\nint x;';
  assert.is(forDataType(text, 'fp16'), text);
  assert.is(forDataType(text, 'bf16'), text.replace('ELEMENT F16', 'ELEMENT BF16'));
  assert.is(forDataType(text, 'fp32'), undefined);
  assert.is(forDataType('# @data-types fp32\nx = 1', 'fp32'), '# @data-types fp32\nx = 1');
  assert.is(forDataType('# @data-types fp32\nx = 1', 'fp16'), undefined);
  assert.is(
    forDataType('ELEMENT = 1  # @data-types fp16 = 1, bf16 = 2', 'bf16')?.slice(0, 12),
    'ELEMENT = 2 ',
  );
  assert.is(forDataType('x = 1', 'int8'), 'x = 1');
});

suiteOf('sizes that a source names may stand in its launches', () => {
  const text = `#define TILE 8 // @knob tiling {8, 16} rows
// @let tiles ceil_div(rows, TILE)
// @let bytes tiles * 4
// @scratch bytes
// @launch run grid(tiles) block(32) shared(bytes) args(x)`;
  const plan = launchPlan(text, { rows: 20 }, ['x']);
  assert.equal([plan.scratchBytes, plan.launches[0].grid[0], plan.launches[0].sharedBytes], [12, 3, 12]);
  const twice = text.replace('@let bytes', '@let rows');
  assert.throws(() => launchPlan(twice, { rows: 20 }, ['x']), /@let rows: that name is taken/);
  assert.throws(
    () => launchPlan(text.replace('(rows, TILE)', '(columns, TILE)'), { rows: 20 }, ['x']),
    /columns/,
  );
});

suiteOf.run();
