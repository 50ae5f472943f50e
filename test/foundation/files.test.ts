import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileSize, namesInFolder, packageRoot, readDocument, readTextFile } from '../../foundation/files.ts';
import { messageOf } from '../input-error.ts';

const files = suite('files');

let folder = '';
files.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'rankfleet-files-'));
});
files.after(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

files('a text is read whole, with what is not ASCII', () => {
  assert.is(readTextFile(write('a.yaml', 'question: µs für 東京\n')), 'question: µs für 東京\n');
  assert.is(readTextFile(write('empty.yaml', '')), '');
});

files('what is no file, or cannot be named, is bad input', () => {
  mkdirSync(join(folder, 'dir.yaml'));
  symlinkSync('loop.yaml', join(folder, 'loop.yaml'));
  assert.match(
    messageOf(() => readDocument(join(folder, 'none.yaml'))),
    /none\.yaml: no such file$/,
  );
  assert.match(
    messageOf(() => readDocument(join(folder, 'dir.yaml'))),
    /dir\.yaml: is not a file$/,
  );
  assert.match(
    messageOf(() => readDocument(join(folder, 'a.yaml/b.yaml'))),
    /no such file$/,
  );
  assert.match(
    messageOf(() => readDocument(`${'x'.repeat(5000)}.yaml`)),
    /the name is too long$/,
  );
  assert.match(
    messageOf(() => readDocument('a\0.yaml')),
    /^a\\u0000\.yaml: a file name holds no null character$/,
  );
  assert.match(
    messageOf(() => readDocument(join(folder, 'loop.yaml'))),
    /circle$/,
  );
  assert.match(
    messageOf(() => readDocument('/dev/null')),
    /is not a file$/,
  );
});

files('a file of 100 MB is not read', () => {
  const file = write('big.yaml', 'model: x\n');
  truncateSync(file, 100e6);
  assert.is(fileSize(file), 100e6);
  assert.match(
    messageOf(() => readDocument(file)),
    /big\.yaml: is 100000000 bytes; at most 4194304 are read$/,
  );
  assert.match(
    messageOf(() => readTextFile(file, 10)),
    /at most 10 are read$/,
  );
});

files('bytes that are no text are refused where they begin', () => {
  const latin1 = write('latin1.yaml', Buffer.from('model: x\nquestion: caf\xe9\n', 'latin1'));
  assert.match(
    messageOf(() => readDocument(latin1)),
    /latin1\.yaml:2:14: is not UTF-8 text from here on$/,
  );
  const binary = write(
    'binary.yaml',
    Uint8Array.from({ length: 4096 }, (_, index) => (index * 167) & 255),
  );
  assert.match(
    messageOf(() => readDocument(binary)),
    /binary\.yaml:\d+:\d+: is not UTF-8 text/,
  );
});

files('the package is found, and names in its folders are sorted', () => {
  assert.match(readTextFile(join(packageRoot, 'package.json')), /"name": "rankfleet"/);
  const names = namesInFolder('models/zoo');
  assert.equal(names, [...names].sort());
  assert.ok(names.includes('drm1-like'));
});

files.run();
