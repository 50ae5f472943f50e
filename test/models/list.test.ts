import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hardwareDetails, hardwareLists } from '../../cli/list-hardware.ts';
import { modelDetails, modelList } from '../../cli/list-models.ts';
import { scenarioList } from '../../cli/list-scenarios.ts';
import { pageWidth } from '../../cli/list-table.ts';
import { parseYaml } from '../../foundation/document.ts';
import { packageRoot } from '../../foundation/files.ts';
import { catalogueNames } from '../../hardware-profiles/files.ts';
import { loadModel, zooNames } from '../../models/files.ts';
import { scenarioNames } from '../../scenarios/files.ts';
import { inputErrorOf } from './fixtures.ts';

const lists = suite<{ folder: string }>('lists');

lists.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'rankfleet-list-'));
});

lists.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const folders = ['hosts', 'devices', 'networks'] as const;
const catalogueFile = (folder: string, name: string) =>
  join(packageRoot, 'hardware-profiles/catalogue', folder, `${name}.yaml`);

lists('fit a page, with nothing of the descriptions lost', async () => {
  const pages = [
    modelList(zooNames()),
    hardwareLists(),
    await scenarioList(scenarioNames()),
    ...zooNames().map(modelDetails),
    ...folders.flatMap((folder) => catalogueNames(folder).map(hardwareDetails)),
  ];
  for (const { text } of pages) {
    for (const line of text.split('\n')) assert.ok([...line].length <= pageWidth, line);
  }
  const words = modelList(['wukong']).text.replace(/\s+/g, ' ');
  for (const word of loadModel('wukong').description.split(' ')) assert.ok(words.includes(word), word);
});

lists('tell what a batch costs once from what a candidate adds', () => {
  const { text } = modelDetails('hstu');
  const [title] = text.split('\n').filter((line) => line.startsWith('operator '));
  assert.match(title, /level +fixed per batch +per candidate +parameters$/);
  assert.match(text, /\nhstu-input +gemm +after +candidate +262 M +262 k +131584\n/);
  assert.match(text, /\ndense FLOP +12\.7 G +16\.7 M\n/);
  assert.ok(!text.includes(' + '));
});

lists('hardware files are found by their path and their kind', ({ folder }) => {
  for (const [kind, name] of [
    ['hosts', 'h100x8'],
    ['devices', 'epyc-9755'],
    ['networks', 'localhost'],
  ]) {
    const copy = join(folder, `my-${name}.yaml`);
    writeFileSync(copy, readFileSync(catalogueFile(kind, name)));
    assert.equal(hardwareDetails(copy), hardwareDetails(name));
  }
  const odd = join(folder, 'odd.yaml');
  writeFileSync(odd, 'kind: server\n');
  assert.is(
    inputErrorOf(() => hardwareDetails(odd)),
    `${odd}:1:7: kind: expected kind: device, host or network, got 'server'`,
  );
  assert.match(
    inputErrorOf(() => hardwareDetails('./missing')),
    'missing: no such file',
  );
  assert.match(
    inputErrorOf(() => hardwareDetails('my-host')),
    /a path to a \.yaml file is read as/,
  );
});

lists('fields of hardware have the names of the file', () => {
  for (const folder of folders) {
    for (const name of catalogueNames(folder)) {
      const file = catalogueFile(folder, name);
      const { value } = parseYaml(readFileSync(file, 'utf8'), file);
      const lines = hardwareDetails(name).text.split('─\n')[1].split('\n');
      const fields = lines.map((line) => line.split(' ')[0]).filter((field) => field !== '');
      const own = fields.filter((field) => !/^(cpu|accelerators\.device)\./.test(field));
      assert.ok(own.length >= 4, name);
      for (const field of own) assert.ok(hasField(value, field.split('.')), `${name}: ${field}`);
    }
  }
  assert.match(hardwareDetails('sc-large').text, /\nnic +25\.0 Gbit\/s /);
  assert.match(hardwareDetails('sc-large').text, /\ncpu\.core_bandwidth +2\.50 GB\/s /);
});

function hasField(value: unknown, [key, ...rest]: string[]): boolean {
  if (key === undefined) return typeof value === 'object' && value !== null && 'evidence' in value;
  return hasField((value as Record<string, unknown> | undefined)?.[key], rest);
}

lists.run();
