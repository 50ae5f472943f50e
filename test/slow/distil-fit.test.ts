import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConstants } from '../../scenarios/distillation/constants-file.ts';
import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import { qualityConstants } from '../../sim/training/quality/constants.ts';
import { ConstantDraws } from '../../sim/training/quality/estimate.ts';
import type { QualityFit } from '../../sim/training/quality/fit/quality-fit-result.ts';
import { rankfleet } from '../cli/program.ts';
import { inventedResult } from '../training/quality-fit/invented-result.ts';

const { nominal } = new ConstantDraws(qualityConstants, { count: 1 });

/** In which one head is off by half and a fifth of that leaks. */
const result = inventedResult({ ...nominal, auxiliaryHeadLeak: 0.2 }, { noise: 0.001 });

let folder: string;

const fitting = suite('distil fit');

fitting.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'rankfleet-fit-'));
});
fitting.after.each(() => rmSync(folder, { recursive: true }));

function written(given: object, name = 'result.json'): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(given));
  return file;
}

fitting(
  'prints what became of every constant, and writes those that were fitted for scenarios to name',
  () => {
    written(result);
    const out = join(folder, 'made', 'constants.yaml');
    const { status, stdout, stderr } = rankfleet(['distil', 'fit', folder, '--out', out]);
    assert.is(status, 0, stderr);
    assert.match(stdout, /auxiliary_head_leak +0\.0400 +0 … 0\.100 +transferred +0\.(19|20)\d/);
    assert.match(stdout, /loss_of_week_over_day .* published stays/);
    assert.match(stdout, 'auxiliary_head_leak: from calibration of AH and of one head');
    assert.match(stdout, /logarithmic +A·ln\(1 \+ g\/τ\)/);
    assert.match(stderr, `wrote ${out}`);
    const leak = loadConstants(out, out).auxiliary_head_leak!;
    assert.ok(leak.low < 0.2 && 0.2 < leak.high, JSON.stringify(leak));
    assert.is(leak.evidence, 'fitted');
    const printed = rankfleet(['distil', 'fit', folder, '--out', '-']).stdout;
    assert.is(printed, readFileSync(out, 'utf8'));
  },
);

fitting('writes over nothing that it reads, and into no folder', () => {
  const file = written(result);
  const before = readFileSync(file, 'utf8');
  for (const out of [file, folder]) {
    const { status, stderr } = rankfleet(['distil', 'fit', file, '--out', out]);
    assert.is(status, 2, stderr);
    assert.match(stderr, '--out');
  }
  assert.is(readFileSync(file, 'utf8'), before);
});

fitting('prints the fit as JSON, the same each time', () => {
  const file = written(result);
  const [one, other] = [0, 1].map(() => rankfleet(['distil', 'fit', file, '--json']).stdout);
  assert.is(one, other);
  const { constants, laws } = JSON.parse(one) as QualityFit;
  assert.is(constants.length, 9);
  assert.equal(
    laws.map(({ law }) => law),
    ['logarithmic', 'saturating'],
  );
});

fitting('what is no experiment, or too little of one, is bad input and writes nothing', () => {
  const out = join(folder, 'constants.yaml');
  const refuses = (path: string, message: RegExp) => {
    const { status, stdout, stderr } = rankfleet(['distil', 'fit', path, '--out', out]);
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, message);
    assert.not(existsSync(out));
  };
  const few = (changes: Partial<ExperimentResult>) => written({ ...result, ...changes });
  refuses(join(folder, 'missing.json'), /missing\.json: no such file/);
  refuses(folder, /is no result of an experiment/);
  refuses(
    written({ format: 'rankfleet-plan', version: 1 }, 'plan.json'),
    /plan\.json: is a file of format 'rankfleet-plan', no result of an experiment/,
  );
  refuses(written({ a: 1 }, 'other.json'), /other\.json: is no result of an experiment/);
  writeFileSync(join(folder, 'cut.json'), JSON.stringify(result).slice(0, 3000));
  refuses(join(folder, 'cut.json'), /cut\.json: is not whole JSON: was it cut short\?/);
  writeFileSync(join(folder, 'scenario.yaml'), 'version: 1\nmodel: drm1-like\n');
  refuses(join(folder, 'scenario.yaml'), /is no result of an experiment/);
  refuses(few({ protocol: { ...result.protocol, seeds: [1] } }), /result\.json: has 1 seed; ranges/);
  refuses(few({ freshness: result.freshness.slice(0, 3) }), /result\.json: has the teacher's NE at 3 lags/);
  refuses(few({ teacherTask: 'other' }), /says nothing of its teacher/);
  refuses(few({ version: 99 as 1 }), /version 99/);
  refuses(few({ cells: [{ arm: 'ah' }] as never }), /cells/);
  mkdirSync(join(folder, 'empty'));
  refuses(join(folder, 'empty'), /is no result of an experiment/);
});

fitting.run();
