import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeClaim, judgePart } from '../../../distil/experiment/judge-claim.ts';
import { packageRoot } from '../../../foundation/files.ts';
import { experimentResultSchema } from '../../../sim/training/experiment-result.ts';

const folder = join(packageRoot, 'distil/results');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

const kept = suite('experiment: results that ship');

kept('are there', () => assert.ok(names.length > 0));

for (const name of names) {
  const file = join(folder, name);
  const result = experimentResultSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

  kept(`${name} is of a size that a page takes, of five seeds at least`, () => {
    assert.ok(statSync(file).size < 500_000);
    assert.ok(result.protocol.seeds.length >= 5);
    assert.is(name, `${result.name}.json`);
  });

  kept(`${name}: verdicts follow from the intervals beside them`, () => {
    for (const { id, statement, combine, parts, verdict } of result.claims) {
      const again = parts.map((part) => judgePart(part.statement, part.claimed, part.cells));
      assert.equal(
        again.map((part) => part.verdict),
        parts.map((part) => part.verdict),
      );
      assert.is(judgeClaim(id, statement, combine, again).verdict, verdict);
    }
  });

  kept(`${name}: a difference is on a side where all of its intervals are`, () => {
    for (const { gain, calibrationHarm } of result.cells) {
      for (const difference of [gain, calibrationHarm]) {
        if (!difference) continue;
        const { overSeeds, overDays, side } = difference;
        const lows = [overSeeds!.low, overDays!.low];
        const highs = [overSeeds!.high, overDays!.high];
        const expected = Math.min(...lows) > 0 ? 'above' : Math.max(...highs) < 0 ? 'below' : 'open';
        assert.is(side, expected);
      }
    }
  });
}

kept.run();
