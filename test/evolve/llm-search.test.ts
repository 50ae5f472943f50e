import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../evolve/error-signature.ts';
import type { Evaluator } from '../../evolve/evaluator.ts';
import { guidance } from '../../evolve/guidance.ts';
import { llmOperator } from '../../evolve/language-model/llm.ts';
import { TokenBudget, TokenBudgetSpent } from '../../evolve/language-model/token-budget.ts';
import { adaptiveMemory } from '../../evolve/memory.ts';
import { policyOf } from '../../evolve/policies/by-name.ts';
import { runSearch } from '../../evolve/search.ts';
import type { SearchSetup } from '../../evolve/search-setup.ts';
import { exportSearch } from '../../evolve/storage/export.ts';
import { readNodes } from '../../evolve/storage/nodes.ts';
import type { SearchStore } from '../../evolve/storage/store.ts';
import { attemptOf, h200, normTask, workingWith } from './attempts.ts';
import { type Asked, fails, isSilent, type Reply, says, truncates, withChat } from './chat-stub.ts';
import { inStore } from './searches.ts';

const key = 'sk-search-0123456789';

/** Stands in for compiling and running: what a source says of itself is how it does. */
const evaluator: Evaluator = {
  async evaluate({ text }) {
    const [, what = '', value = ''] = /\/\/ (\w+):? ?(.*)/.exec(text) ?? [];
    if (what === 'speed') return attemptOf(text, Number(value)).evaluation;
    const stage = ({ broken: 'compile', wrong: 'wrong answer', evil: 'cheat' } as const)[what] ?? 'source';
    return { ...workingWith([], 0), failure: failureOf(stage, value || 'no such kernel') };
  },
};

const answer = (line: string, why = 'because') =>
  says(`${why}\n\`\`\`cuda\n// ${line}\nint x;\n\`\`\``, {
    usage: { prompt_tokens: 6000, completion_tokens: 2000 },
  });

function setupFor(baseUrl: string, budget: TokenBudget): SearchSetup {
  return {
    task: normTask,
    language: 'cuda',
    dataType: 'fp32',
    device: h200,
    policy: policyOf('greedy', { drafts: 4 }),
    operator: llmOperator({
      endpoint: { baseUrl, apiKey: key, model: 'stub' },
      budget,
      timeoutS: 0.5,
      retries: 1,
      wait: async () => {},
    }),
    memory: adaptiveMemory,
    seed: 1,
    ...guidance(),
    evaluators: [evaluator],
    agents: 1,
    limits: { artifacts: 10 },
  };
}

async function searched(
  replies: readonly Reply[],
  use: (store: SearchStore, setup: SearchSetup, asked: Asked[]) => Promise<void>,
  budget = new TokenBudget(1e7),
): Promise<void> {
  await withChat(replies, async (baseUrl, asked) => {
    await inStore(async (store) => await use(store, setupFor(baseUrl, budget), asked));
  });
}

const searches = suite('a search by a language model');

searches('keeps good, wrong, broken, malicious and malformed answers apart, and learns of them', async () => {
  const replies = [
    answer('speed: 1.1', 'A first one.'),
    answer('broken: identifier "half" is undefined', 'Half precision.'),
    answer('wrong: relative error 0.5'),
    answer('evil: the source makes threads'),
    says('No.'),
    fails(503, 'busy'),
    answer('speed: 1.6', 'After a refusal.'),
    truncates({ breaks: true }),
    truncates({ breaks: true }),
    isSilent,
    answer('speed: 1.4'),
    answer('speed: 1.6', 'The same again.'),
    answer('speed: 2.5', 'The best.'),
  ];
  await searched(replies, async (store, setup, asked) => {
    const outcome = await runSearch(store, setup);
    const nodes = readNodes(store.database, outcome.session, 1);
    assert.equal(
      nodes.map(({ score, failure }) => failure?.signature ?? score),
      [
        1.1,
        'compile: identifier "half" is undefined',
        'wrong answer: relative error <n>',
        'cheat: the source makes threads',
        'operator: no code block',
        1.6,
        'operator: connection broke',
        1.4,
        1.6,
        2.5,
      ],
    );
    assert.is(outcome.best?.score, 2.5);
    assert.is(nodes[8].duplicateOf, nodes[5].id);
    const last = asked.at(-1)!.body.messages[1].content;
    assert.ok(last.includes('// speed: 1.6'), 'its parent');
    assert.ok(last.includes('1 × compile: identifier "half" is undefined'), 'what failed');
    assert.ok(last.includes('tried: Half precision.'));
    assert.ok(last.includes('What holds it back: memory-bandwidth'));
    assert.not(asked[3].body.messages[1].content.includes('Half precision.'), 'drafts see no feedback');
    const kept = JSON.stringify(exportSearch(store));
    assert.ok(kept.includes('After a refusal.') && kept.includes('prompt_tokens') === false);
    assert.not(kept.includes(key));
  });
});

searches(
  'ends when its tokens are spent with all that it has found, and goes on when there are more',
  async () => {
    const replies = Array.from({ length: 10 }, (_, index) => answer(`speed: ${1.1 + index / 10}`));
    const budget = new TokenBudget(50_000);
    await searched(
      replies,
      async (store, setup, asked) => {
        const error = await runSearch(store, setup).catch((error: Error) => error);
        assert.instance(error, TokenBudgetSpent);
        const found = readNodes(store.database, 1, 1).length;
        assert.is(found, budget.used / 8000);
        assert.ok(found >= 3 && budget.used <= budget.limit, `${found} nodes`);
        const baseUrl = `http://${asked[0].headers.host}/v1`;
        const outcome = await runSearch(store, setupFor(baseUrl, new TokenBudget(1e7)));
        assert.equal([outcome.session, outcome.nodes, outcome.best?.score], [1, 10, 2]);
      },
      budget,
    );
  },
);

searches.run();
