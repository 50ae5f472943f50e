import { formatTime } from '../foundation/units.ts';
import type { MeasuredPoint } from '../hardware-profiles/operators-measured.ts';
import type { FailedCase } from '../harness/session.ts';

/** What a calibration is doing, on stderr: a line that is redrawn on a terminal, else a line now and then. */
export class CalibrationProgress {
  private readonly isTerminal = process.stderr.isTTY === true;
  private readonly started = performance.now();
  private readonly budgetS: number;
  private shownAt = Number.NEGATIVE_INFINITY;
  private measured = 0;
  private failed = 0;

  constructor(device: string, budgetS: number) {
    this.budgetS = budgetS;
    process.stderr.write(`measuring ${device}, at most ${formatTime(budgetS)}\n`);
  }

  point({ operator, dataType, implementation, shape, medianS }: MeasuredPoint): void {
    this.measured++;
    const axes = Object.entries(shape).map(([axis, value]) => `${axis} ${value}`);
    this.show(`${operator} ${dataType} ${implementation} (${axes.join(', ')}): ${formatTime(medianS)}`);
  }

  failure({ target, failure }: FailedCase): void {
    this.failed++;
    this.show(`${target.operator} ${target.dataType} ${target.implementation}: ${failure.stage} failed`);
  }

  /** Removes the line. */
  end(): void {
    if (this.isTerminal) process.stderr.write('\r\x1b[2K');
  }

  private show(last: string): void {
    const now = performance.now();
    if (now - this.shownAt < (this.isTerminal ? 100 : 15_000)) return;
    this.shownAt = now;
    const left = Math.max(0, this.budgetS - (now - this.started) / 1000);
    const line = `${this.measured} measured, ${this.failed} failed, ${Math.ceil(left)} s left: ${last}`;
    const width = process.stderr.columns ?? 120;
    process.stderr.write(this.isTerminal ? `\r\x1b[2K${line.slice(0, width - 1)}` : `${line}\n`);
  }
}
