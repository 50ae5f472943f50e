import { formatTime } from '../foundation/units.ts';
import type { PointResult } from '../sim/sweep-result.ts';

/** Milliseconds between two drawings of the bar, and between two lines where nobody watches a terminal. */
const redrawMs = 100;
const lineMs = 60_000;
const barWidth = 24;

/** Is told how a sweep goes on. */
export interface SweepListener {
  /** A point is finished. */
  step(result: PointResult): void;
  /** What a person waiting wants to know besides the points done; replaces what was told before. */
  setStatus(text: string): void;
  /** Something to be told once. */
  notice(text: string): void;
  end(): void | Promise<void>;
}

/** A bar on stderr when it is a terminal; else a line now and then. */
export class SweepProgress implements SweepListener {
  private readonly total: number;
  private readonly before: number;
  private readonly what: string;
  private done: number;
  private status = '';
  private readonly isTerminal = process.stderr.isTTY === true;
  private readonly started = performance.now();
  private shownAt = performance.now();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param before points that were done already; they say nothing about the rate
   * @param what is counted, in the plural
   */
  constructor(total: number, before: number, what = 'points') {
    this.what = what;
    this.total = total;
    this.before = before;
    this.done = before;
    this.timer = setInterval(() => this.show(), redrawMs).unref();
  }

  step(): void {
    this.done++;
  }

  setStatus(text: string): void {
    this.status = text;
  }

  /** A line above the bar. */
  notice(text: string): void {
    process.stderr.write(`${this.isTerminal ? '\r\x1b[2K' : ''}${text}\n`);
  }

  end(): void {
    clearInterval(this.timer);
    if (this.isTerminal) process.stderr.write('\r\x1b[2K');
  }

  private show(): void {
    if (this.isTerminal) {
      const filled = Math.floor((barWidth * this.done) / this.total);
      const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
      process.stderr.write(`\r\x1b[2K${bar} ${this.text()}`);
    } else if (performance.now() - this.shownAt >= lineMs) {
      this.shownAt = performance.now();
      process.stderr.write(`${this.text()}\n`);
    }
  }

  private text(): string {
    const elapsedS = (performance.now() - this.started) / 1000;
    const perS = (this.done - this.before) / elapsedS;
    const left = perS > 0 ? `, ${formatTime((this.total - this.done) / perS)} left` : '';
    const rate =
      perS >= 1 || perS === 0
        ? `${perS.toFixed(0)} ${this.what}/s`
        : `${(perS * 60).toFixed(1)} ${this.what}/min`;
    return `${this.done}/${this.total} ${this.what}, ${rate}${left}${this.status && `, ${this.status}`}`;
  }
}
