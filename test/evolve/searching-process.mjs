// A process that searches a timed space: node searching-process.mjs '{"folder": …, "space": …, "log": …, …}'. Runs from
// dist, as users' processes do. Each evaluation is logged when it begins, as a line of its text, and waits for the file
// `gate`, if one is stated.
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { adaptiveMemory } from '../../dist/evolve/memory.js';
import { policyOf } from '../../dist/evolve/policies/by-name.js';
import { readSpace, subjectOf } from '../../dist/evolve/replay/space.js';
import { spaceEvaluator } from '../../dist/evolve/replay/space-evaluator.js';
import { spaceOperator } from '../../dist/evolve/replay/space-operator.js';
import { runSearch } from '../../dist/evolve/search.js';
import { SearchStore } from '../../dist/evolve/storage/store.js';

const { folder, space: file, log, artifacts, agents, policy, evaluationMs, gate } = JSON.parse(process.argv[2]);
const space = readSpace(file);
const lookUp = spaceEvaluator(space);
const evaluator = {
  async evaluate(artifact, request) {
    appendFileSync(log, `${artifact.text}\n`);
    while (gate && !existsSync(gate)) await setTimeout(2);
    await setTimeout(evaluationMs);
    return await lookUp.evaluate(artifact, request);
  },
};
const store = await SearchStore.open(folder);
const outcome = await runSearch(
  store,
  {
    ...subjectOf(space),
    policy: policyOf(policy),
    operator: spaceOperator(space),
    memory: adaptiveMemory,
    seed: 1,
    evaluators: Array(agents).fill(0).map(() => evaluator),
    agents,
    limits: { artifacts },
  },
  { pollS: 0.02, onEvent: ({ kind, node }) => kind === 'evaluated' && console.log(node.step) },
);
store.close();
console.log(outcome.reason);
