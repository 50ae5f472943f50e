import { z } from 'zod';
import { estimatedTokens } from '../knowledge/tokens.ts';
import { type Endpoint, withoutKey } from './endpoint.ts';
import type { TokenBudget } from './token-budget.ts';

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface ChatAnswer {
  content: string;
  /** Why it ended, as the endpoint has it: `stop`, `length`, … */
  finish: string;
  /** As reported; none where the endpoint does not. */
  tokens: { prompt: number; completion: number } | undefined;
}

export interface ChatRules {
  /** Tokens of an answer at most. */
  answerTokens: number;
  /** Seconds that an answer may take. */
  timeoutS: number;
  /** How often an exchange that came to nothing is tried again. */
  retries: number;
  /** Waits so many seconds. */
  wait: (seconds: number) => Promise<unknown>;
  budget: TokenBudget;
}

/** The endpoint cannot be used at all: a wrong address, key or model. Ends a search. */
export class EndpointError extends Error {}

/** An exchange that came to nothing; the next one may go well. */
export class ExchangeFailed extends Error {
  readonly signature: string;
  constructor(message: string, signature: string) {
    super(message);
    this.signature = signature;
  }
}

/** An exchange that is worth another try. */
class Transient extends Error {
  readonly signature: string;
  /** Seconds that the endpoint asks to wait. */
  readonly afterS: number | undefined;
  /** Whether the endpoint may have counted it all the same. */
  readonly mayHaveCost: boolean;
  constructor(
    message: string,
    signature: string,
    { afterS, mayHaveCost = false }: { afterS?: number | undefined; mayHaveCost?: boolean } = {},
  ) {
    super(message);
    this.signature = signature;
    this.afterS = afterS;
    this.mayHaveCost = mayHaveCost;
  }
}

const firstWaitS = 1;
const longestWaitS = 60;
const mostAnswerBytes = 8 * 2 ** 20;

const answerSchema = z.object({
  choices: z
    .array(
      z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number().min(0), completion_tokens: z.number().min(0) }).nullish(),
});

/**
 * Sends messages and gives the answer, trying again after 429, 5xx, silence and unreadable answers, each time after twice as
 * long, or after as long as the endpoint asks for.
 * @param promptTokens how many the messages are likely to be
 * @throws ExchangeFailed when all tries came to nothing, or the endpoint takes these messages for wrong
 * @throws EndpointError; TokenBudgetSpent before the budget would be exceeded
 */
export async function chat(
  endpoint: Endpoint,
  messages: readonly Message[],
  promptTokens: number,
  rules: ChatRules,
): Promise<ChatAnswer> {
  let limitName = 'max_tokens';
  for (let tries = 0; ; tries++) {
    const most = promptTokens + rules.answerTokens;
    const settle = rules.budget.reserve(most);
    let cost = 0;
    try {
      const answer = await exchange(endpoint, messages, { [limitName]: rules.answerTokens }, rules.timeoutS);
      const { prompt, completion } = answer.tokens ?? {
        prompt: promptTokens,
        completion: estimatedTokens(answer.content),
      };
      cost = prompt + completion;
      return answer;
    } catch (error) {
      if (error instanceof OtherLimitName && limitName !== error.limitName) {
        limitName = error.limitName;
        continue;
      }
      if (!(error instanceof Transient)) throw error;
      if (error.mayHaveCost) cost = most;
      if (tries >= rules.retries) {
        const often = tries === 0 ? '' : ` (${tries + 1} times)`;
        throw new ExchangeFailed(`${error.message}${often}`, error.signature);
      }
      await rules.wait(Math.min(longestWaitS, error.afterS ?? firstWaitS * 2 ** tries));
    } finally {
      settle(cost);
    }
  }
}

/** Some models know the limit of an answer by another name. */
class OtherLimitName extends Error {
  readonly limitName = 'max_completion_tokens';
}

async function exchange(
  endpoint: Endpoint,
  messages: readonly Message[],
  limit: Record<string, number>,
  timeoutS: number,
): Promise<ChatAnswer> {
  const { baseUrl, apiKey, model } = endpoint;
  const { status, afterS, text } = await post(
    `${baseUrl}/chat/completions`,
    apiKey ? { authorization: `Bearer ${apiKey}` } : {},
    JSON.stringify({ model, messages, stream: false, ...limit }),
    timeoutS,
  );
  if (status === 200) return answerOf(text);
  const said = withoutKey(text, endpoint).replaceAll(/\s+/g, ' ').slice(0, 300);
  const message = `the endpoint answered ${status}: ${said}`;
  if (status === 429 || status === 408 || status >= 500) {
    throw new Transient(message, `operator: endpoint ${status}`, { afterS });
  }
  if (status === 400 && said.includes('max_completion_tokens')) throw new OtherLimitName(message);
  // What is wrong with these messages, as their length, may be right with the next ones.
  if ([400, 413, 422].includes(status)) throw new ExchangeFailed(message, `operator: endpoint ${status}`);
  throw new EndpointError(message);
}

function answerOf(text: string): ChatAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Transient('the endpoint answered no JSON', 'operator: endpoint answers no JSON', {
      mayHaveCost: true,
    });
  }
  const { data } = answerSchema.safeParse(value);
  if (!data) {
    throw new Transient(
      'the endpoint answered JSON that is no chat completion',
      'operator: no chat completion',
      {
        mayHaveCost: true,
      },
    );
  }
  const [{ message, finish_reason: finish }] = data.choices;
  return {
    content: message.content ?? '',
    finish: finish ?? 'stop',
    tokens: data.usage
      ? { prompt: data.usage.prompt_tokens, completion: data.usage.completion_tokens }
      : undefined,
  };
}

async function post(url: string, headers: Record<string, string>, body: string, timeoutS: number) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      // A key goes to the endpoint that it is for, and to no other.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutS * 1000),
    });
    const afterS = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      status: response.status,
      afterS: afterS >= 0 ? afterS : undefined,
      text: await bounded(response),
    };
  } catch (error) {
    throw networkError(error as Error, timeoutS);
  }
}

/** The body, as far as an answer can be long. */
async function bounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > mostAnswerBytes) throw new Error(`an answer of more than ${mostAnswerBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** What the system says of a connection lies in the cause; neither has the headers in it. */
function networkError(error: Error, timeoutS: number): Error {
  if (error.name === 'TimeoutError') {
    return new Transient(`the endpoint did not answer in ${timeoutS} s`, 'operator: endpoint silent', {
      mayHaveCost: true,
    });
  }
  const cause = error.cause as { code?: string; message?: string } | undefined;
  const said = cause?.code ?? cause?.message ?? error.message;
  if (['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(said) || /redirect|bad port/i.test(said)) {
    return new EndpointError(`the endpoint cannot be reached: ${said}`);
  }
  return new Transient(`the connection to the endpoint broke: ${said}`, 'operator: connection broke', {
    mayHaveCost: true,
  });
}
