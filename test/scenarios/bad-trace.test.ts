import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadScenario } from '../../scenarios/files.ts';
import { laterMessageOf } from '../input-error.ts';
import { Folder } from './folder.ts';

const traces = suite('bad traces');

const folder = new Folder();
traces.after(() => folder.remove());

async function problemOf(csv: string | Uint8Array): Promise<string> {
  folder.write('t.csv', csv);
  const file = folder.write(
    's.yaml',
    'model: small.yaml\nload: { arrivals: { kind: trace, file: t.csv } }\n',
  );
  return (await laterMessageOf(() => loadScenario(file))).replaceAll(`${folder.path}/`, '');
}

const header = 'timestamp_s,candidates\n';

/** Each case: a trace, then its problem; the column is that of the table. */
const cases: Record<string, [csv: string | Uint8Array, problem: string | RegExp]> = {
  'a word for a number': [`${header}0,3\n1,x\n2,4\n`, "t.csv:3:2: expected a number of at least 0, got 'x'"],
  'the same with CRLF, a byte-order mark and empty lines': [
    '\ufefftimestamp_s,candidates\r\n\r\n\r\n0,3\r\n1,x\r\n',
    "t.csv:5:2: expected a number of at least 0, got 'x'",
  ],
  'a negative time': [`${header}-1,3\n`, "t.csv:2:1: expected a number of at least 0, got '-1'"],
  'a time that goes back': [`${header}0,3\n5,3\n4,3\n`, 't.csv:4:1: timestamps must not go back'],
  'a time too large for a double': [
    `${header}0,3\n1e309,3\n`,
    "t.csv:3:1: expected a number of at least 0, got '1e309'",
  ],
  NaN: [`${header}0,3\nNaN,3\n`, "t.csv:3:1: expected a number of at least 0, got 'NaN'"],
  hexadecimal: [`${header}0,3\n0x10,3\n`, "t.csv:3:1: expected a number of at least 0, got '0x10'"],
  'an empty cell': [`${header}0,3\n1,\n`, "t.csv:3:2: expected a number of at least 0, got ''"],
  'a candidate and a half': [
    `${header}0,1.5\n`,
    't.csv:2:2: candidates must be a whole number from 1 to 1000000, got 1.5',
  ],
  'no candidate': [`${header}0,0\n`, 't.csv:2:2: candidates must be a whole number from 1 to 1000000, got 0'],
  'a row too short': [`${header}0,3\n1\n2,4\n`, 't.csv:3:2: expected 2 columns as in the header, got 1'],
  'a row too long': [`${header}0,3\n1,2,3\n`, 't.csv:3:3: expected 2 columns as in the header, got 3'],
  'an open quote': [`${header}0,3\n"1,2\n2,3\n`, /^t\.csv:\d:1: a quote is opened and not closed$/],
  'an unknown column': [
    'timestamp_s,candidate\n0,3\n',
    /^t\.csv:1:2: unknown column 'candidate' \(did you mean 'candidates'\?\)/,
  ],
  'no time': ['candidates\n3\n', /^t\.csv:1:1: the header lacks a time: one of timestamp_s, /],
  'no candidates column': ['timestamp_s\n3\n', "t.csv:1:1: the header lacks 'candidates'"],
  'two times': ['timestamp_s,timestamp_ms,candidates\n0,0,3\n', 't.csv:1:1: the header gives the time twice'],
  'a column twice': [
    'timestamp_s,candidates,candidates\n0,3,3\n',
    't.csv:1:1: the header names a column twice',
  ],
  'lookups of an unknown table': [
    'timestamp_s,candidates,lookups:aa\n0,3,1\n',
    "s.yaml:2:40: load.arrivals.file: column 'lookups:aa': model 'small' has no table 'aa' (did you mean 'a'?)",
  ],
  'times of no such unit': [
    `${header}0,3\n1e300,3\n`,
    't.csv:3:1: is more than 1000000000 s after the first: check the unit of the times',
  ],
  'lookups without number': [
    'timestamp_s,candidates,lookups:a\n0,3,1e300\n',
    't.csv:2:3: expected at most 1000000000 lookups, got 1e+300',
  ],
  'an endless line': [`${header}0,${'3'.repeat(2 ** 21)}\n`, /^t\.csv:2:1: Max Record Size/],
  nothing: ['', 's.yaml:2:40: load.arrivals.file: t.csv: the trace has no requests'],
  'a header only': [header, 's.yaml:2:40: load.arrivals.file: t.csv: the trace has no requests'],
  'no text': [Uint8Array.from({ length: 5000 }, (_, index) => (index * 131) & 255), /^t\.csv:\d+:\d+: /],
};

for (const [title, [csv, problem]] of Object.entries(cases)) {
  traces(title, async () => {
    const message = await problemOf(csv);
    if (typeof problem === 'string') assert.is(message, problem);
    else assert.match(message, problem);
  });
}

traces('a bad line far down a long trace is named', async () => {
  const rows = Array.from({ length: 200_000 }, (_, n) => `${n},${n === 150_000 ? -1 : 3}`);
  assert.is(
    await problemOf(`${header}${rows.join('\n')}\n`),
    "t.csv:150002:2: expected a number of at least 0, got '-1'",
  );
});

traces.run();
