import { setTimeout as pause } from 'node:timers/promises';
import { KnowledgeBase } from '../knowledge/knowledge-base.ts';
import { estimatedTokens } from '../knowledge/tokens.ts';
import { type Context, type Operator, OperatorFailure, type Transformed } from '../operator.ts';
import { readAnswer } from './answer.ts';
import { type ChatAnswer, type ChatRules, chat, ExchangeFailed, type Message } from './chat.ts';
import { type Endpoint, withoutKey } from './endpoint.ts';
import { promptFor } from './prompt.ts';
import type { TokenBudget } from './token-budget.ts';

export interface LlmOptions {
  endpoint: Endpoint;
  budget: TokenBudget;
  /** Tokens of a prompt at most, by estimate; documents and relatives are left out first. */
  promptTokens?: number;
  answerTokens?: number;
  timeoutS?: number;
  retries?: number;
  /** Waits so many seconds before an exchange is tried again. */
  wait?: ChatRules['wait'];
}

/**
 * The universal operator by a language model behind an OpenAI-compatible endpoint: one exchange, from the context to a whole
 * source. What comes back is text that nobody has looked at; running it is the business of an evaluation that expects the
 * worst. An endpoint that is wrong or a budget that is spent ends the search.
 */
export function llmOperator({
  endpoint,
  budget,
  promptTokens = 24_000,
  answerTokens = 8192,
  timeoutS = 300,
  retries = 5,
  wait = (seconds) => pause(seconds * 1000),
}: LlmOptions): Operator {
  const base = new KnowledgeBase();
  const rules: ChatRules = { answerTokens, timeoutS, retries, wait, budget };
  return {
    name: `llm:${endpoint.model}`,
    async transform(_artifact, context) {
      const contract = base.document(`constraints/source-contract-${context.language}`);
      let sent: Message[] = [];
      let answer: ChatAnswer | undefined;
      try {
        const { messages, tokens } = promptFor(context, contract, promptTokens);
        sent = messages;
        answer = await chat(endpoint, messages, tokens, rules);
        return transformed(answer, sent, context, endpoint);
      } catch (error) {
        if (!(error instanceof ExchangeFailed)) throw error;
        const { message, signature } = error;
        throw new OperatorFailure(
          withoutKey(message, endpoint),
          signature,
          transcriptOf(sent, answer, endpoint),
        );
      }
    },
  };
}

function transformed(
  answer: ChatAnswer,
  sent: readonly Message[],
  { language }: Context,
  endpoint: Endpoint,
): Transformed {
  const { source, rationale } = readAnswer(withoutKey(answer.content, endpoint), answer.finish);
  return {
    artifact: { language, text: source },
    rationale,
    transcript: transcriptOf(sent, answer, endpoint),
  };
}

/** What was said, word for word but for the key, and what it cost: as reported, or else as estimated. */
function transcriptOf(
  sent: readonly Message[],
  answer: ChatAnswer | undefined,
  endpoint: Endpoint,
): NonNullable<Transformed['transcript']> {
  const received = answer ? [{ role: 'assistant', content: answer.content }] : [];
  const estimated = (messages: readonly { content: string }[]) =>
    messages.reduce((sum, { content }) => sum + estimatedTokens(content), 0);
  return {
    messages: [...sent, ...received].map(({ role, content }) => ({
      role,
      content: withoutKey(content, endpoint),
    })),
    tokens: answer?.tokens ?? { prompt: answer ? estimated(sent) : 0, completion: estimated(received) },
  };
}
