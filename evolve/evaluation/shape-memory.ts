import type { Evaluation } from '../evaluation.ts';
import type { KnownShape, RememberedReference } from './messages.ts';

/** What processes on one device have found of shapes: what references take, and who is timing them. */
export class ShapeMemory {
  private readonly shapes = new Map<string, KnownShape>();
  private making: Promise<void> | undefined;

  learn(reference: RememberedReference): void {
    this.shapes.set(reference.key, { ...this.shapes.get(reference.key), ...reference });
  }

  /** The shapes that are known. */
  known(keys: readonly string[]): KnownShape[] {
    return keys.flatMap((key) => this.shapes.get(key) ?? []);
  }

  /**
   * Asks to make the references of some shapes, and waits while somebody else makes any.
   * @returns undefined where all are known by then; else what ends the making
   */
  async begin(keys: readonly string[]): Promise<(() => void) | undefined> {
    for (;;) {
      if (keys.every((key) => this.shapes.has(key))) return undefined;
      if (!this.making) break;
      await this.making;
    }
    let end = () => {};
    this.making = new Promise((resolve) => {
      end = () => {
        this.making = undefined;
        resolve();
      };
    });
    return end;
  }

  /** Keeps the times of a right candidate where they are the shortest so far; its timings are in the order of the keys. */
  fastest(keys: readonly string[], { timings, failure }: Evaluation): void {
    if (failure) return;
    for (const [index, key] of keys.entries()) {
      const known = this.shapes.get(key);
      const candidateS = timings[index]?.candidateS;
      if (!known || candidateS === undefined || candidateS >= (known.fastestS ?? Number.POSITIVE_INFINITY))
        continue;
      this.shapes.set(key, { ...known, fastestS: candidateS });
    }
  }
}
