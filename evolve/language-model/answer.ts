import { ExchangeFailed } from './chat.ts';

/** Largest source that is taken from a model. */
const mostCharacters = 200_000;
const longestRationale = 200;

/**
 * The source in a model's answer: what stands in its only fenced code block; and the first line of what stands around it.
 * @throws ExchangeFailed where there is not just one such block
 */
export function readAnswer(content: string, finish: string): { source: string; rationale: string } {
  if (finish === 'length') throw malformed('the answer was cut off', 'answer cut off');
  if (content.trim() === '') throw malformed(`an empty answer (${finish})`, 'empty answer');
  const { blocks, around, isOpen } = partsOf(withoutThoughts(content));
  if (isOpen) throw malformed('a code block that does not end', 'code block not closed');
  if (blocks.length === 0) throw malformed('an answer without a code block', 'no code block');
  if (blocks.length > 1)
    throw malformed(`${blocks.length} code blocks, where one is asked for`, 'several code blocks');
  const [source] = blocks;
  if (source.trim() === '') throw malformed('an empty code block', 'empty code block');
  if (source.length > mostCharacters) {
    throw malformed(
      `a source of ${source.length} characters; at most ${mostCharacters} are taken`,
      'source too long',
    );
  }
  return { source, rationale: lineOf(around) };
}

function malformed(what: string, signature: string): ExchangeFailed {
  return new ExchangeFailed(`the model gave ${what}`, `operator: ${signature}`);
}

/** Models that think aloud may write code while they do. */
function withoutThoughts(content: string): string {
  return content.replaceAll(/<think(?:ing)?>[\s\S]*?<\/think(?:ing)?>/g, '');
}

/** Texts of fenced blocks, and the lines around them. A fence ends with one at least as long, of the same characters. */
function partsOf(content: string): { blocks: string[]; around: string[]; isOpen: boolean } {
  const blocks: string[] = [];
  const around: string[] = [];
  let fence: string | undefined;
  let block: string[] = [];
  for (const line of content.split(/\r?\n/)) {
    const [, mark, info = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (fence === undefined) {
      if (mark === undefined || info.includes('`')) around.push(line);
      else fence = mark;
    } else if (mark?.startsWith(fence) && info.trim() === '') {
      blocks.push(`${block.join('\n')}\n`);
      fence = undefined;
      block = [];
    } else {
      block.push(line);
    }
  }
  return { blocks, around, isOpen: fence !== undefined };
}

/** The first line that says something, without what would make it more than a line. */
function lineOf(around: readonly string[]): string {
  const first = around
    .map((line) => line.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').trim())
    .find((line) => line !== '');
  return (first ?? 'no reason given').replace(/^[#*\-\s]+/, '').slice(0, longestRationale);
}
