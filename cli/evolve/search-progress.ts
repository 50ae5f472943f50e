import type { GraphNode } from '../../evolve/graph.ts';
import type { SearchEvent, SearchSetup } from '../../evolve/search-setup.ts';
import { significant } from '../../foundation/units.ts';

/** What a search is doing, on stderr: each better kernel, and a line that is redrawn on a terminal, else one now and then. */
export class SearchProgress {
  private readonly isTerminal = process.stderr.isTTY === true;
  private readonly limit: number | undefined;
  private readonly started = performance.now();
  private shownAt = Number.NEGATIVE_INFINITY;
  private failed = 0;
  private done = 0;
  private bestScore = 0;

  constructor({ task, language, dataType, device, policy, limits }: SearchSetup) {
    this.limit = limits.artifacts;
    process.stderr.write(
      `searching ${task.name} in ${language}, ${dataType}, on ${device.name}, by ${policy.name}\n`,
    );
  }

  on(event: SearchEvent): void {
    if (event.kind === 'begun' && event.nodes > 0) {
      this.done = event.nodes;
      process.stderr.write(`going on after ${event.nodes} artifacts\n`);
    }
    if (event.kind === 'evaluated') this.evaluated(event.node, event.best);
  }

  /** Removes the line. */
  end(): void {
    if (this.isTerminal) process.stderr.write('\r\x1b[2K');
  }

  private evaluated(node: GraphNode, best: GraphNode | undefined): void {
    this.done = Math.max(this.done, node.step);
    if (node.failure) this.failed++;
    if (best && best.id === node.id && best.score > this.bestScore) {
      this.bestScore = best.score;
      this.end();
      process.stderr.write(`step ${node.step}: ${significant(node.score)}× by ${brief(node.rationale)}\n`);
      return;
    }
    const now = performance.now();
    if (now - this.shownAt < (this.isTerminal ? 100 : 15_000)) return;
    this.shownAt = now;
    this.show(node, best?.score ?? 0);
  }

  private show({ score, failure, rationale }: GraphNode, best: number): void {
    const seconds = Math.round((performance.now() - this.started) / 1000);
    const steps = this.limit === undefined ? `${this.done}` : `${this.done}/${this.limit}`;
    const came = failure ? `${failure.stage} failed` : `${significant(score)}×`;
    const line = `${steps} artifacts, ${this.failed} failed, best ${significant(best)}×, ${seconds} s: ${came}, ${brief(rationale)}`;
    const width = process.stderr.columns ?? 120;
    process.stderr.write(this.isTerminal ? `\r\x1b[2K${line.slice(0, width - 1)}` : `${line}\n`);
  }
}

function brief(rationale: string): string {
  return rationale.length > 100 ? `${rationale.slice(0, 99)}…` : rationale;
}
