import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { formatPath, maxDocumentBytes, parseYaml, validate } from '../../foundation/document.ts';
import { formatProblem, InputError, locate } from '../../foundation/problem.ts';
import { integerIn, mapping, numberIn, oneOf, quantity } from '../../foundation/schema.ts';
import { messageOf } from '../input-error.ts';

const parsing = suite('documents: parsing');

/** Each case: a text, then how its problem must be reported. */
const unreadable: Record<string, [text: string, problem: RegExp]> = {
  'a key twice': ['a: 1\nb: 2\na: 3\n', /^f\.yaml:3:1: this key stands here a second time$/],
  'an open quote': ['a: "x\n', /^f\.yaml:2:1: /],
  'an open bracket': ['a: [1, 2\nb: 3\n', /^f\.yaml:\d:\d: /],
  'a tab as indentation': ['a:\n\tb: 1\n', /^f\.yaml:2:1: tabs are not allowed as indentation/],
  'two documents': ['a: 1\n---\na: 2\n', /^f\.yaml:2:1: a second document begins here/],
  'an unknown tag': ['a: !thing 1\n', /^f\.yaml:1:4: Unresolved tag: !thing/],
  'an unknown alias': ['a: *b\n', /^f\.yaml:1:4: \*b refers to nothing/],
  'a list as a key': ['a: 1\n? [x, y]\n: 3\n', /^f\.yaml:2:3: a key must be a plain word/],
  'aliases that explode': [bomb(), /^f\.yaml: its aliases \(\*name\) expand to too much/],
  'a value that contains itself': ['a: &x\n  b: *x\n', /^f\.yaml:2:6: a\.b: this value contains itself/],
  'a list that contains itself': ['a: &x [1, *x]\n', /^f\.yaml:1:11: a\[1\]: this value contains itself/],
  'a key into the prototype': [
    'a:\n  __proto__: {b: 1}\n',
    /^f\.yaml:2:3: a\.__proto__: '__proto__' cannot be a key/,
  ],
  '10,000 nested lists': [`a: ${'['.repeat(10_000)}`, /^f\.yaml:1:\d+: nested more than 100 levels deep$/],
  '10,000 closed lists': [`${'['.repeat(10_000)}${']'.repeat(10_000)}`, /nested more than 100 levels deep$/],
  '10,000 nested mappings': ['{a: '.repeat(10_000), /^f\.yaml:1:\d+: nested more than 100 levels deep$/],
  '10,000 dashes': ['- '.repeat(10_000), /^f\.yaml:1:\d+: nested more than 100 levels deep$/],
  '1,000 indentations': [indented(1000), /^f\.yaml:\d+:\d+: nested more than 100 levels deep$/],
  'depth put together by aliases': [chained(4, 40), /nested more than 100 levels deep$/],
  'aliases without number': [manyAliases(20_000), /^f\.yaml:1:\d+: the document has more than 1000 aliases/],
  'more than 4 MiB': [
    `a: ${'x'.repeat(maxDocumentBytes)}`,
    /^f\.yaml: is \d+ characters; at most 4194304 are read/,
  ],
};

for (const [title, [text, problem]] of Object.entries(unreadable)) {
  parsing(`${title}: refused at its place`, () => {
    assert.match(
      messageOf(() => parseYaml(text, 'f.yaml')),
      problem,
    );
  });
}

parsing('many errors are cut to a readable number', () => {
  const text = Array.from({ length: 100 }, () => 'a: 1').join('\n');
  const lines = messageOf(() => parseYaml(text, 'f.yaml')).split('\n');
  assert.is(lines.length, 21);
  assert.is(lines[20], 'and 79 more problems');
});

parsing('depth and aliases within reason are read', () => {
  assert.ok(parseYaml(`${'['.repeat(90)}${']'.repeat(90)}`, 'f.yaml'));
  assert.equal(parseYaml('a: &x {b: 1}\nc: *x\nd: [*x, *x]\n', 'f.yaml').value, {
    a: { b: 1 },
    c: { b: 1 },
    d: [{ b: 1 }, { b: 1 }],
  });
});

parsing('an empty text is null; keys are words whatever they look like', () => {
  assert.is(parseYaml('', 'f.yaml').value, null);
  assert.is(parseYaml('# nothing\n', 'f.yaml').value, null);
  assert.equal(parseYaml('true: 1\n8: 2\n', 'f.yaml').value, { true: 1, 8: 2 });
});

parsing('JSON is read, as are CRLF and a byte-order mark, with the same positions', () => {
  assert.equal(parseYaml('{"a": [1, 2.5e3], "b": null}', 'f.json').value, { a: [1, 2500], b: null });
  for (const text of ['a: 1\r\nb: [1,\r\n  2]\r\n', '\ufeffa: 1\nb: [1,\n  2]\n']) {
    const document = parseYaml(text, 'f.yaml');
    assert.equal(document.value, { a: 1, b: [1, 2] });
    assert.is(formatProblem(document.problemAt(['b', 1], 'here')), 'f.yaml:3:3: b[1]: here');
  }
});

parsing('a problem stands at its value, or at the nearest thing that there is', () => {
  const document = parseYaml('a:\n  - x: 1\n    y: &y {z: 3}\n  - *y\nb:\nc:\n  - 1\n', 'f.yaml');
  const at = (...path: PropertyKey[]) => formatProblem(document.problemAt(path, 'here')).split(': ')[0];
  assert.is(at('a', 0, 'x'), 'f.yaml:2:8');
  assert.is(at('a', 0, 'y', 'z'), 'f.yaml:3:15');
  assert.is(at('a', 1), 'f.yaml:4:5');
  assert.is(at('a', 1, 'z'), 'f.yaml:4:5');
  assert.is(at('a', 7), 'f.yaml:1:1');
  assert.is(at('a', 0, 'missing', 'deeper'), 'f.yaml:2:5');
  assert.is(at('b'), 'f.yaml:5:3');
  assert.is(at('c'), 'f.yaml:6:1');
  assert.is(at('nothing', 'of', 'this'), 'f.yaml:1:1');
  assert.is(at(), 'f.yaml:1:1');
});

parsing('paths are written as in code', () => {
  assert.is(formatPath(['arms', 2, 'sharding', 'shards']), 'arms[2].sharding.shards');
  assert.is(formatPath([]), '');
  assert.is(formatPath([0, 'a']), '[0].a');
});

parsing.run();

const checking = suite('documents: checking');

const schema = mapping({
  word: oneOf(['red', 'green']).optional(),
  count: integerIn({ min: 1, max: 9 }).optional(),
  share: numberIn({ positive: true, max: 2 }).optional(),
  wait: quantity('time', { max: 3600 }).optional(),
  text: z.string().min(1).max(5).optional(),
  plain: z.string().describe('where it is').optional(),
  needed: z.string().describe('the name of the thing'),
  list: z
    .array(mapping({ size: quantity('bytes', { positive: true }) }))
    .min(1)
    .optional(),
  either: z.union([z.string(), z.number()]).optional(),
  shape: z
    .discriminatedUnion('kind', [
      mapping({ kind: z.literal('circle'), radius: numberIn({}) }),
      mapping({ kind: z.literal('square'), side: numberIn({}) }),
    ])
    .optional(),
  flag: z.literal(1).optional(),
});

/** A field with a wrong value, and what must be said of it. */
const wrong: [field: string, problem: string][] = [
  ['word: gren', "2:7: word: expected one of red, green, got 'gren' (did you mean 'green'?)"],
  ['word: 4', '2:7: word: expected one of red, green, got 4'],
  ['count: 0', '2:8: count: must be at least 1, got 0'],
  ['count: 10', '2:8: count: must be at most 9, got 10'],
  ['count: 1.5', '2:8: count: expected a whole number, got 1.5'],
  ["count: '3'", "2:8: count: expected a whole number, got '3'"],
  ['count: .nan', '2:8: count: expected a whole number, got NaN'],
  ['share: 0', '2:8: share: must be above 0, got 0'],
  ['share: -1', '2:8: share: must be above 0, got -1'],
  ['share: 3', '2:8: share: must be at most 2, got 3'],
  ['share: .inf', '2:8: share: expected a number, got Infinity'],
  ['wait: 2 h', '2:7: wait: 2 h is out of range: it must be at least 0 s and at most 1 h'],
  ['wait: -1 s', '2:7: wait: -1 s is out of range: it must be at least 0 s and at most 1 h'],
  ['wait: 5', "2:7: wait: expected a time with its unit, such as '30 ms', got 5"],
  ['wait: ms 5', "2:7: wait: expected a time with its unit, such as '30 ms', got 'ms 5'"],
  ["text: ''", '2:7: text: must not be empty'],
  ['text: abcdef', '2:7: text: must have at most 5 characters'],
  ['plain: [a]', '2:8: plain: expected text, got a list'],
  ['plain:', '2:7: plain: expected text, got null'],
  ['list: []', '2:7: list: needs at least 1 entry, got 0'],
  ['list: {a: 1}', '2:1: list: expected a list, got a mapping'],
  [
    'list: [{size: 0 B}]',
    '2:15: list[0].size: 0 B is out of range: it must be above zero and at most 1e18 B',
  ],
  [
    'list:\n  - {size: 1 B}\n  - {size: 2 B, sise: 2 B}',
    "4:23: list[1].sise: unknown key 'sise' (did you mean 'size'?)",
  ],
  ['list:\n  - {size: 1 B}\n  - 7', '4:5: list[1]: expected a mapping with size, got 7'],
  ['list:\n  - {}', "3:5: list[0].size: required, but missing: a size such as '64 GiB'"],
  ['either: [1]', '2:9: either: expected text, got a list; or expected a number, got a list'],
  [
    'shape: {kind: circel}',
    "2:15: shape.kind: expected one of circle, square, got 'circel' (did you mean 'circle'?)",
  ],
  ['shape: {radius: 3}', '2:1: shape.kind: required, but missing: one of circle, square'],
  ['shape: circle', "2:8: shape: expected a mapping with kind: one of circle, square, got 'circle'"],
  ['shape: {kind: square}', '2:1: shape.side: required, but missing: a number'],
  ['shape: {kind: square, side: 1, radius: 2}', "2:40: shape.radius: unknown key 'radius'"],
  ['flag: 2', '2:7: flag: expected 1, got 2'],
  ['wrod: red', "2:7: wrod: unknown key 'wrod' (did you mean 'word'?)"],
];

for (const [field, problem] of wrong) {
  checking(`${field.replaceAll('\n', ' ')} is answered in plain words`, () => {
    const text = `needed: here\n${field}\n`;
    assert.is(
      messageOf(() => validate(parseYaml(text, 'f.yaml'), schema)),
      `f.yaml:${problem}`,
    );
  });
}

checking('what is required and missing is described', () => {
  const message = messageOf(() => validate(parseYaml('word: red\n', 'f.yaml'), schema));
  assert.is(message, 'f.yaml:1:1: needed: required, but missing: the name of the thing');
});

checking('what is no mapping at all is told what it should be', () => {
  for (const text of ['', '- 1\n', 'word\n', '3\n']) {
    assert.match(
      messageOf(() => validate(parseYaml(text, 'f.yaml'), schema)),
      /^f\.yaml:1:1: expected a mapping with word, count/,
    );
  }
});

checking('every problem is listed', () => {
  const text = 'needed: 3\nword: blue\nshare: x\nother: 1\n';
  assert.is(messageOf(() => validate(parseYaml(text, 'f.yaml'), schema)).split('\n').length, 4);
});

checking.run();

const problems = suite('problems');

problems('what input quotes does not reach the terminal as control characters', () => {
  const message = messageOf(() =>
    validate(parseYaml('needed: a\nword: "\\e[31mred\\r"\n', 'f.yaml'), schema),
  );
  assert.match(message, /got '\\u001b\[31mred\\u000d'/);
});

problems('what cannot be seen in what input quotes is spelt out', () => {
  assert.is(
    new InputError("got 'a\u200bb\ufeff\u202e\u2028'").message,
    "got 'a\\u200bb\\ufeff\\u202e\\u2028'",
  );
  assert.is(new InputError("got '\ud800x 東京 😀 µs'").message, "got '\\ud800x 東京 😀 µs'");
});

problems('a very long message is cut in the middle', () => {
  const { message } = new InputError(`start ${'x'.repeat(100_000)} end`);
  assert.ok(message.length < 1100);
  assert.match(message, /^start x+ … x+ end$/);
});

problems('what has no position gets that of the field that names it; the rest is left alone', async () => {
  const at = (message: string) => ({ file: 'f.yaml', line: 3, column: 1, path: 'model', message });
  const located = (problem: ConstructorParameters<typeof InputError>[0]) =>
    messageOf(() =>
      locate(at, () => {
        throw new InputError(problem);
      }),
    );
  assert.is(located('unknown'), 'f.yaml:3:1: model: unknown');
  assert.is(
    located([{ file: 'm.yaml', message: 'no such file' }]),
    'f.yaml:3:1: model: m.yaml: no such file',
  );
  assert.is(located([{ file: 'm.yaml', line: 2, message: 'wrong' }]), 'm.yaml:2:1: wrong');
  let message = '';
  await locate(at, async () => {
    throw new InputError('late');
  }).catch((error) => {
    message = error.message;
  });
  assert.is(message, 'f.yaml:3:1: model: late');
  assert.throws(
    () =>
      locate(at, () => {
        throw new RangeError('a fault');
      }),
    (error: Error) => error instanceof RangeError,
  );
});

problems.run();

/** Nine levels of ten aliases each: a billion values from a few lines. */
function bomb(): string {
  const lines = ['l0: &l0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level++) {
    lines.push(`l${level}: &l${level} [${Array.from({ length: 10 }, () => `*l${level - 1}`).join(', ')}]`);
  }
  return lines.join('\n');
}

/** Each anchor is used once only, so nothing grows; there are just very many. */
function manyAliases(count: number): string {
  return `a: [${Array.from({ length: count }, (_, n) => `&x${n} 1, *x${n}`).join(', ')}]`;
}

function indented(levels: number): string {
  return Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
}

/** Lists of some levels, each with the list before it at its innermost place. */
function chained(links: number, levels: number): string {
  const link = (inner: string) => `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`;
  return Array.from({ length: links }, (_, n) => `l${n}: &l${n} ${link(n === 0 ? '1' : `*l${n - 1}`)}`).join(
    '\n',
  );
}
