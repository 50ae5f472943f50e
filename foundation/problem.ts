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

/** The input is wrong: exit code 2. Carries every problem found, not only the first. */
export class InputError extends Error {
  readonly problems: Problem[];

  constructor(problems: Problem[] | string) {
    const list = typeof problems === 'string' ? [{ message: problems }] : problems;
    super(list.map(formatProblem).join('\n'));
    this.name = 'InputError';
    this.problems = list;
  }
}

/** `file:line:column: path: message`, leaving out what is not known. */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  const position = line === undefined ? '' : `:${line}:${column ?? 1}`;
  const where = file === undefined ? '' : `${file}${position}: `;
  return `${where}${path ? `${path}: ` : ''}${message}`;
}
