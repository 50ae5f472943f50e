import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Executor } from '../../sim/engine/executor.ts';
import type { Members } from '../../sim/engine/job.ts';
import { compute, graphOf, group } from './graphs.ts';

const overload = suite('executor: overload');

/** Jobs that arrive every millisecond, pass a fast host, and then queue for a second of a slow one. */
function run(jobs: number, mostTasks: number): Executor {
  let drawn = 0;
  const source = {
    time: 0,
    size: 1,
    draw() {
      if (drawn === jobs) return false;
      this.time = drawn++ / 1000;
      return true;
    },
  };
  const demand = {
    instances: () => 1,
    fill: (_members: Members, _entry: number, work: Float64Array, at: number) => work.set([0.0005, 1], at),
  };
  const graph = graphOf([group(), group()], [compute([]), compute([0], { slot: 1 })]);
  const executor = new Executor(graph, source, demand, { jobDone() {} }, { mostTasks });
  executor.run();
  return executor;
}

overload('within the limit every job is drawn and done', () => {
  const { drawn, completed, isCutShort } = run(500, 10_000).population;
  assert.equal({ drawn, completed, isCutShort }, { drawn: 500, completed: 500, isCutShort: false });
});

overload('beyond the limit no more jobs are drawn, and those drawn are done', () => {
  const { drawn, completed, inSystem, isCutShort } = run(5000, 100).population;
  assert.ok(isCutShort);
  assert.ok(drawn < 5000, `${drawn} drawn`);
  assert.is(completed, drawn);
  assert.is(inSystem, 0);
});

overload.run();
