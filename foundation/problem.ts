/** One thing that is wrong with an input, where it is, and what would have been right. */
export interface Problem {
  /** File the problem is in, as the user named it; absent for command-line arguments. */
  file?: string;
  /** 1-based position in that file. */
  line?: number;
  column?: number;
  /** Path inside the document, such as `arms[2].sharding.shards`. */
  path?: string;
  message: string;
}

/** Most problems that a message spells out, and most characters that it gives to one. */
const maxShown = 20;
const maxCharacters = 1000;

/** The input is wrong: exit code 2. Carries every problem found, not only the first. */
export class InputError extends Error {
  readonly problems: Problem[];

  constructor(problems: Problem[] | string) {
    const list = typeof problems === 'string' ? [{ message: problems }] : problems;
    const more = list.length > maxShown ? [`and ${list.length - maxShown} more problems`] : [];
    super([...list.slice(0, maxShown).map(formatProblem), ...more].join('\n'));
    this.name = 'InputError';
    this.problems = list;
  }
}

/** `file:line:column: path: message`, leaving out what is not known. */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  const position = line === undefined ? '' : `:${line}:${column ?? 1}`;
  const where = file === undefined ? '' : `${file}${position}: `;
  return brief(printable(`${where}${path ? `${path}: ` : ''}${message}`));
}

/**
 * Input is quoted in messages: what is invisible in it (control and format characters, lone surrogates, strange
 * spaces) is spelt out, so that it neither hides the mistake nor steers the reader's terminal.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\n') return character;
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

function brief(text: string): string {
  const half = maxCharacters / 2;
  return text.length > maxCharacters ? `${text.slice(0, half)} … ${text.slice(-half)}` : text;
}

/**
 * Runs `find`, synchronous or not, for something that a file names. Of the problems that it throws, those without
 * a position (an unknown name, a file that is missing) are located `at` the field that names it.
 */
export function locate<Found>(at: (message: string) => Problem, find: () => Found): Found {
  const rethrow = (error: unknown): never => {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      error.problems.map((problem) => (problem.line === undefined ? at(formatProblem(problem)) : problem)),
    );
  };
  try {
    const found = find();
    return found instanceof Promise ? (found.catch(rethrow) as Found) : found;
  } catch (error) {
    return rethrow(error);
  }
}
