import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answerInWords } from '../../reports/answer-in-words.ts';
import type { ArmResult, Interval } from '../../sim/result.ts';
import { armOf, around, measuredOf, resultOf } from './charts/results.ts';

/** An arm whose every difference to the baseline is `p99`. */
function comparedBy(name: string, p99: Interval): ArmResult {
  const overBaseline = { p50: p99, p90: p99, p95: p99, p99, 'p99.9': p99, compute: around(0.2) };
  return armOf(name, 0.01, { measured: { ...measuredOf(0.01), overBaseline } });
}

/** The answer of a baseline and two arms, the nearer of which differs by `p99`. */
function answerOf(p99: Interval): string {
  const far = comparedBy('far', { mean: 9 });
  return answerInWords(resultOf([armOf('base', 0.01), comparedBy('near', p99), far]));
}

const answer = suite('reports: the answer in words');

answer('ranks by the interval of the difference', () => {
  assert.match(answerOf({ mean: -0.3, low: -0.4, high: -0.2 }), /^Lowest p99: near, below base \(/);
  assert.match(answerOf({ mean: -0.3, low: -0.7, high: 0.1 }), /^Lowest p99: near, level with base \(/);
  assert.match(answerOf({ mean: 0.3, low: 0.2, high: 0.4 }), /higher p99 than base; closest: near \(/);
});

answer('ranks by the difference where one replication gives no interval, and says so', () => {
  assert.match(answerOf({ mean: -0.3 }), /below base \(p99 −30\.0 %, p50 −30\.0 %, by one replication\)/);
  assert.match(answerOf({ mean: 0.3 }), /closest: near \(p99 \+30\.0 %, p50 \+30\.0 %, by one replication\)/);
  assert.match(answerOf({ mean: 0 }), /level with base \(.*, by one replication\)/);
});

answer.run();
