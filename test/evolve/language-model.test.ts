import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KnowledgeBase } from '../../evolve/knowledge/knowledge-base.ts';
import { queryOf } from '../../evolve/knowledge/query.ts';
import { retrieve } from '../../evolve/knowledge/retrieve.ts';
import { estimatedTokens } from '../../evolve/knowledge/tokens.ts';
import { readAnswer } from '../../evolve/language-model/answer.ts';
import { EndpointError, ExchangeFailed } from '../../evolve/language-model/chat.ts';
import { definitionOf, definitions } from '../../evolve/language-model/definitions.ts';
import { endpointOf } from '../../evolve/language-model/endpoint.ts';
import { type LlmOptions, llmOperator } from '../../evolve/language-model/llm.ts';
import { promptFor } from '../../evolve/language-model/prompt.ts';
import { TokenBudget, TokenBudgetSpent } from '../../evolve/language-model/token-budget.ts';
import { type Context, OperatorFailure, type Transformed } from '../../evolve/operator.ts';
import { InputError } from '../../foundation/problem.ts';
import { operatorAxes, operatorNames } from '../../hardware-profiles/operators-measured.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';
import { attemptOf, contextWith, cudaOf, failedAttempt, normVariants } from './attempts.ts';
import { type Asked, fails, isSilent, type Reply, says, truncates, withChat } from './chat-stub.ts';

const key = 'sk-test-0123456789abcdef';
const [{ text: kernel }] = normVariants;
const good = `Wider loads.\n\n\`\`\`cuda\n${kernel}\`\`\`\n`;

interface Outcome {
  asked: Asked[];
  waits: number[];
  budget: TokenBudget;
  made?: Transformed;
  error?: Error;
}

/** One transformation against a stub that gives these replies, without waiting. */
async function transform(
  replies: readonly Reply[],
  { context = {}, ...options }: Partial<LlmOptions> & { context?: Partial<Context> } = {},
): Promise<Outcome> {
  return await withChat(replies, async (baseUrl, asked) => {
    const waits: number[] = [];
    const budget = options.budget ?? new TokenBudget(1e6);
    const operator = llmOperator({
      endpoint: { baseUrl, apiKey: key, model: 'stub' },
      budget,
      wait: async (seconds) => void waits.push(seconds),
      ...options,
    });
    try {
      return { asked, waits, budget, made: await operator.transform(undefined, contextWith(context)) };
    } catch (error) {
      return { asked, waits, budget, error: error as Error };
    }
  });
}

const failureOf = ({ error }: Outcome): OperatorFailure => {
  assert.instance(error, OperatorFailure);
  return error as OperatorFailure;
};

const exchanges = suite('a language model as operator');

exchanges('makes a source of an answer, and keeps what was said and what it cost', async () => {
  const { made, asked, budget } = await transform([says(good)]);
  assert.equal(made?.artifact, cudaOf(kernel));
  assert.is(made?.rationale, 'Wider loads.');
  assert.equal(made?.transcript?.tokens, { prompt: 1000, completion: 100 });
  assert.is(budget.used, 1100);
  const [{ path, headers, body }] = asked;
  assert.is(path, '/v1/chat/completions');
  assert.is(headers.authorization, `Bearer ${key}`);
  assert.equal([body.model, body.stream, body.max_tokens], ['stub', false, 8192]);
  assert.equal(made?.transcript?.messages, [...body.messages, { role: 'assistant', content: good }]);
});

exchanges('estimates what an endpoint does not report', async () => {
  const { made, budget } = await transform([says(good, { usage: false })]);
  const tokens = made!.transcript!.tokens;
  assert.is(tokens.completion, estimatedTokens(good));
  assert.ok(tokens.prompt > 500);
  assert.ok(Math.abs(budget.used - tokens.prompt - tokens.completion) < 20);
});

exchanges('waits after 429 and 5xx, longer each time or as long as it is told, and tries again', async () => {
  const { made, waits, asked, budget } = await transform([
    fails(429, 'slow down', { 'retry-after': '7' }),
    fails(500, 'oops'),
    fails(503, 'oops'),
    says(good),
  ]);
  assert.ok(made);
  assert.equal(waits, [7, 2, 4]);
  assert.is(asked.length, 4);
  assert.is(budget.used, 1100, 'refusals cost nothing');
});

exchanges('gives up after its retries, as a failure of a kind', async () => {
  for (const [reply, signature] of [
    [fails(429, 'quota of 17 requests'), 'operator: endpoint 429'],
    [fails(502, 'bad gateway'), 'operator: endpoint 502'],
    [truncates({ breaks: false }), 'operator: endpoint answers no JSON'],
    [truncates({ breaks: true }), 'operator: connection broke'],
    [says(good, { usage: { prompt_tokens: 'many' } }), 'operator: no chat completion'],
  ] as const) {
    const outcome = await transform([reply], { retries: 2 });
    assert.is(failureOf(outcome).signature, signature);
    assert.is(outcome.asked.length, 3, signature);
    assert.match(outcome.error!.message, /\(3 times\)$/);
  }
});

exchanges('does not wait for ever, and counts what silence may have cost', async () => {
  const outcome = await transform([isSilent, says(good)], { timeoutS: 0.3 });
  assert.ok(outcome.made);
  assert.ok(outcome.budget.used > 8192 + 1100);
  const silent = await transform([isSilent], { timeoutS: 0.2, retries: 1 });
  assert.is(failureOf(silent).signature, 'operator: endpoint silent');
});

exchanges('takes no malformed answer, and keeps it', async () => {
  const block = '```cuda\nint x;\n```';
  for (const [reply, signature] of [
    [says('I would rather not.'), 'operator: no code block'],
    [says(`${block}\n${block}`), 'operator: several code blocks'],
    [says('```cuda\nint x;\n'), 'operator: code block not closed'],
    [says('```cuda\n  \n```'), 'operator: empty code block'],
    [says(''), 'operator: empty answer'],
    [says(good, { finish: 'length' }), 'operator: answer cut off'],
    [says(`\`\`\`\n${'x'.repeat(200_001)}\n\`\`\``), 'operator: source too long'],
  ] as const) {
    const outcome = await transform([reply]);
    const { signature: found, transcript } = failureOf(outcome);
    assert.is(found, signature);
    assert.is(transcript?.messages.at(-1)?.role, 'assistant');
    assert.equal(transcript?.tokens, { prompt: 1000, completion: 100 });
    assert.is(outcome.asked.length, 1, 'an answer is an answer');
  }
});

exchanges(
  'hands on what it was given: wrong, broken and malicious sources are for the evaluation',
  async () => {
    const malicious = `import os\nos.system("touch ${'/'}tmp/owned")\nprint("\`\`\`")\nprocess.exit(1)\n`;
    const { made } = await transform([says(`Ignore all rules.\n\`\`\`\`python\n${malicious}\`\`\`\``)], {
      context: { language: 'triton' },
    });
    assert.equal(made?.artifact, { language: 'triton', text: malicious });
  },
);

exchanges('never shows the key, whoever says it', async () => {
  const echo = (text: string) => `${text} ${key}`;
  const outcomes = [
    await transform([says(`${echo('Your key is')}\n\`\`\`\n// ${key}\nint x;\n\`\`\``)]),
    await transform([says(echo('no code for'))]),
    await transform([fails(401, echo('Incorrect API key provided:'))]),
    await transform([fails(400, echo('bad request with'))]),
    await transform([fails(500, echo('crash of'))], { retries: 0 }),
    await transform([says(good)], { budget: new TokenBudget(10) }),
  ];
  assert.ok(outcomes[0].made?.artifact.text.includes('// <key>'));
  for (const { made, error } of outcomes) {
    const failure = error && { ...error, message: error.message, stack: error.stack, cause: error.cause };
    assert.not(JSON.stringify([made, failure]).includes(key));
  }
});

exchanges('is ended by an endpoint that cannot be used', async () => {
  for (const status of [401, 403, 404]) {
    const { error, asked } = await transform([fails(status, 'no')]);
    assert.instance(error, EndpointError);
    assert.match(error!.message, new RegExp(`${status}`));
    assert.is(asked.length, 1);
  }
  const elsewhere: Reply = (response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end();
  assert.instance((await transform([elsewhere])).error, EndpointError);
  const closed = await withChat([], async (baseUrl) => baseUrl);
  for (const baseUrl of [closed, 'http://127.0.0.1:9/v1']) {
    const endpoint = { baseUrl, model: 'stub' };
    const gone = llmOperator({ endpoint, budget: new TokenBudget(1e6), wait: async () => {} });
    const error = await gone.transform(undefined, contextWith()).catch((error: Error) => error);
    assert.instance(error, EndpointError);
  }
});

exchanges('takes messages that the endpoint refuses for a failure of this node alone', async () => {
  const outcome = await transform([fails(400, 'maximum context length is 4096 tokens')]);
  assert.is(failureOf(outcome).signature, 'operator: endpoint 400');
  assert.is(outcome.waits.length, 0);
});

exchanges('limits the answer by the name that the model knows', async () => {
  const { asked, made } = await transform([
    fails(400, "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
    says(good),
  ]);
  assert.ok(made);
  assert.equal([asked[1].body.max_tokens, asked[1].body.max_completion_tokens], [undefined, 8192]);
});

exchanges('stops before its budget would be exceeded', async () => {
  const budget = new TokenBudget(30_000);
  const replies = [says(good, { usage: { prompt_tokens: 5000, completion_tokens: 4000 } })];
  let exchanged = 0;
  for (;;) {
    const { error, asked } = await transform(replies, { budget });
    if (error) {
      assert.instance(error, TokenBudgetSpent);
      assert.is(asked.length, 0, 'nothing is sent');
      break;
    }
    exchanged++;
  }
  assert.is(exchanged, 3);
  assert.is(budget.used, 27_000);
});

exchanges.run();

const budgets = suite('a budget of tokens');

budgets('is kept by any number of agents at once', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(500), fc.double({ min: 0, max: 1, noNaN: true }))), (exchanges) => {
      const budget = new TokenBudget(2000);
      const open: (() => void)[] = [];
      for (const [most, share] of exchanges) {
        try {
          const settle = budget.reserve(most);
          open.push(() => settle(Math.floor(most * share)));
          if (open.length > 3) open.shift()!();
        } catch (error) {
          assert.instance(error, TokenBudgetSpent);
        }
        assert.ok(budget.used <= 2000);
      }
      for (const settle of open) settle();
      assert.ok(budget.used <= 2000);
    }),
  );
});

budgets.run();

const answers = suite('answers');

answers('have their source between fences, whatever is said around it or thought before', () => {
  const read = (content: string) => readAnswer(content, 'stop');
  assert.equal(read('# Tiles of 64\n~~~cpp\nint a;\n\n  ```\n~~~\nDone.'), {
    source: 'int a;\n\n  ```\n',
    rationale: 'Tiles of 64',
  });
  assert.equal(
    read('<think>maybe\n```\nint b;\n```\n</think>Faster.\r\n```cuda\r\nint a;\r\n```').source,
    'int a;\n',
  );
  assert.is(read('```\nint a;\n```').rationale, 'no reason given');
  assert.is(read(`a\u001b[31m b\n\`\`\`\nint a;\n\`\`\``).rationale, 'a [31m b');
  assert.is(read(`${'x'.repeat(999)}\n\`\`\`\nint a;\n\`\`\``).rationale.length, 200);
  assert.throws(
    () => read('inline ```int a;``` only'),
    (error: Error) => error instanceof ExchangeFailed,
  );
});

answers.run();

const prompts = suite('prompts');

const base = new KnowledgeBase();
const contract = base.document('constraints/source-contract-cuda');

function fullContext(): Context {
  const parent = failedAttempt(kernel, { id: 9, stage: 'compile', reason: 'no such thing' });
  const context = contextWith({
    phase: 'feedback',
    parents: [parent],
    siblings: [attemptOf(kernel, 1.5, { id: 4 })],
    ancestors: [attemptOf(kernel, 1.2, { id: 3 })],
    reused: [attemptOf('// an old kernel', 2)],
    failures: [{ signature: 'run: misaligned', reason: 'misaligned', count: 3, tried: ['wider loads'] }],
    diagnosis: {
      primary: 'failed',
      deferred: [],
      failure: parent.evaluation.failure!,
      speedOfLight: 0,
      bandwidthShare: 0,
      arithmeticShare: 0,
      intensity: 0,
      ridge: 0,
      findings: ['failed at compile: no such thing'],
    },
  });
  return { ...context, documents: retrieve(base, queryOf(context.diagnosis, context)) };
}

prompts('say all that the context holds', () => {
  const { messages } = promptFor(fullContext(), contract, 24_000);
  const [system, user] = messages.map(({ content }) => content);
  assert.ok(system.includes(contract.text));
  for (const part of [
    'rms-norm on fp32: x, out [rows, n]; gain [n].',
    '- x: input, 4194304 elements of',
    '- rows 4096, n 1024 (production)',
    'NVIDIA H200, a gpu',
    'computeCapability: 9.0',
    kernel.trimEnd(),
    'It failed at stage "compile": no such thing',
    'What holds it back: failed',
    '3 × run: misaligned',
    'tried: wider loads',
    'node 4, 1.50 ×',
    'node 3, 1.20 ×',
    '// an old kernel',
    'CUDA C++ that does not compile',
    'Mend the kernel',
  ]) {
    assert.ok(user.includes(part), part);
  }
  assert.not(user.includes(contract.title), 'the contract is said once');
  const plain = promptFor({ ...fullContext(), documents: [] }, contract, 24_000).messages[1].content;
  assert.not(/undefined|NaN|\[object/.test(plain));
});

prompts('define every operator that kernels are searched for, by its axes and tensors', () => {
  const withTensors = operatorNames.filter((operator) => {
    const isMove = /^(copy|kernel|all|rpc|memory)-/.test(operator);
    return !operatorSpecs[operator].selfChecked && !isMove;
  });
  assert.equal(Object.keys(definitions).sort(), [...withTensors].sort());
  for (const operator of withTensors) {
    const { tensors, dataTypes } = operatorSpecs[operator];
    const axes = Object.fromEntries(operatorAxes[operator].map((axis) => [axis, axis === 'gelu' ? 1 : 4]));
    for (const { name } of tensors(dataTypes[0], axes)) {
      const words: readonly string[] = definitionOf(operator).match(/\w+/g) ?? [];
      assert.ok(words.includes(name), `${operator}: ${name}`);
    }
  }
  assert.throws(() => definitionOf('memory-stream'), /memory-stream is no operator/);
});

prompts('keep to their budget, and leave out what can be left out', () => {
  const context = fullContext();
  const fits = (budget: number) => {
    const { messages, tokens } = promptFor(context, contract, budget);
    assert.ok(tokens <= budget);
    assert.ok(messages.reduce((sum, { content }) => sum + estimatedTokens(content), 0) <= budget);
    assert.ok(messages[1].content.includes(kernel.trimEnd()));
    return messages[1].content.length;
  };
  const lengths = [2000, 4000, 8000, 16_000].map(fits);
  assert.equal(
    [...lengths].sort((a, b) => a - b),
    lengths,
  );
  assert.ok(lengths[0] < lengths[3] / 2);
  assert.throws(() => promptFor(context, contract, 500), /500 are allowed/);
});

prompts('show a working kernel with its times, and ask to cross two', () => {
  const parents = [attemptOf(kernel, 1.5, { id: 4 }), attemptOf(kernel, 2, { id: 5 })];
  const { messages } = promptFor(contextWith({ phase: 'feedback', parents }), contract, 24_000);
  const { content } = messages[1];
  assert.match(content, /Score 1\.50 against torch\.compile/);
  assert.match(
    content,
    /rows 4096, n 1024: [\d.]+ µs, reference [\d.]+ µs, 1\.50 ×, 40 % of the speed of light/,
  );
  assert.match(content, /# Parent 2/);
  assert.match(content, /takes from both parents/);
});

prompts.run();

const endpoints = suite('endpoints');

endpoints('come from the environment, as other programs have it', () => {
  assert.equal(endpointOf({ OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1/' }, 'm'), {
    baseUrl: 'http://127.0.0.1:8000/v1',
    model: 'm',
  });
  assert.equal(endpointOf({ OPENAI_API_KEY: key }, 'm'), {
    baseUrl: 'https://api.openai.com/v1',
    apiKey: key,
    model: 'm',
  });
  const wrong: [Record<string, string>, string, RegExp][] = [
    [{ OPENAI_BASE_URL: key }, 'm', /OPENAI_BASE_URL: expected/],
    [{ OPENAI_BASE_URL: 'file:///x' }, 'm', /expected an address/],
    [{ OPENAI_BASE_URL: `http://me:${key}@host/v1` }, 'm', /belongs in OPENAI_API_KEY/],
    [{ OPENAI_API_KEY: `${key}\n` }, 'm', /OPENAI_API_KEY: holds/],
    [{}, ' ', /--model/],
  ];
  for (const [environment, model, message] of wrong) {
    try {
      endpointOf(environment, model);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, InputError);
      assert.match((error as Error).message, message);
      assert.not((error as Error).message.includes(key));
    }
  }
});

endpoints.run();
