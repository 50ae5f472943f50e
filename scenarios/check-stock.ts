import type { SourceDocument } from '../foundation/document.ts';
import { InputError, locate } from '../foundation/problem.ts';

/**
 * A stock of hosts that do not exist is a slip of the pen, and would leave those meant unlimited. Hosts that no arm uses
 * may be in stock all the same.
 * @param used names of hosts that arms use
 * @param findHost reads a host of the catalogue
 * @throws InputError, located, with near names
 */
export function checkStock(
  document: SourceDocument,
  stock: Readonly<Record<string, number>>,
  used: ReadonlySet<string>,
  findHost: (name: string) => unknown,
): void {
  const problems = Object.keys(stock).flatMap((host) => {
    if (used.has(host)) return [];
    try {
      locate(
        (message) => document.problemAt(['plan', 'stock', host], message),
        () => findHost(host),
      );
      return [];
    } catch (error) {
      if (error instanceof InputError) return error.problems;
      throw error;
    }
  });
  if (problems.length > 0) throw new InputError(problems);
}
