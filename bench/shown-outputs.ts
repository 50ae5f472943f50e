/** A text block of a page that shows parts of what a command prints. */
export interface ShownOutput {
  command: string;
  /** How the parts begin that are shown. */
  starts: string[];
  /** As the page has it, without the fences. */
  text: string;
}

const fence = '```';

const shown = /<!-- from: npx (rankfleet [^|]*?) ((?:\| [^|]*? )+)-->\n```text\n(.*?)```/gs;

/** All such blocks of a page: `<!-- from: npx rankfleet … | beginning of a part | … -->` and a text block. */
export function shownOutputs(page: string): ShownOutput[] {
  return [...page.matchAll(shown)].map(([, command, starts, text]) => ({
    command,
    starts: startsOf(starts),
    text,
  }));
}

/** The page with every such block written anew. @param outputOf what a command prints */
export function withOutputs(page: string, outputOf: (command: string) => string): string {
  return page.replace(shown, (whole, command: string, starts: string, text: string) => {
    const head = whole.slice(0, -(text.length + fence.length));
    return `${head}${excerpt(outputOf(command), startsOf(starts))}${fence}`;
  });
}

/**
 * Parts of an output, which blank lines separate; of several that begin alike the last.
 * @throws Error for a beginning that none has
 */
export function excerpt(output: string, starts: readonly string[]): string {
  const parts = output.trim().split('\n\n');
  const found = starts.map((start) => {
    const part = parts.findLast((each) => each.trimStart().startsWith(start));
    if (part === undefined) throw new Error(`no part of the output begins with '${start}'`);
    return part;
  });
  return `${found.join('\n\n')}\n`;
}

function startsOf(text: string): string[] {
  return text
    .split('|')
    .map((start) => start.trim())
    .filter((start) => start !== '');
}

/** Whether a command takes long: the slow suite runs it. */
export function isLong(command: string): boolean {
  return /^rankfleet (plan|distil fit) /.test(command);
}
