/** A bar on stderr when it is a terminal; silent otherwise. */
export class Progress {
  private readonly total: number;
  private readonly what: string;
  private readonly isTerminal = process.stderr.isTTY === true;
  private done = 0;
  private readonly started = performance.now();
  private drawnAt = 0;

  /** @param what is counted, in the plural */
  constructor(total: number, what = 'replications') {
    this.total = total;
    this.what = what;
    this.draw();
  }

  step(): void {
    this.done++;
    if (performance.now() - this.drawnAt > 100) this.draw();
  }

  /** Removes the bar. */
  end(): void {
    if (this.isTerminal) process.stderr.write('\r\x1b[2K');
  }

  private draw(): void {
    if (!this.isTerminal) return;
    this.drawnAt = performance.now();
    const width = 30;
    const filled = Math.round((width * this.done) / this.total);
    const elapsed = (this.drawnAt - this.started) / 1000;
    const left =
      this.done > 0 ? `, ${Math.ceil((elapsed * (this.total - this.done)) / this.done)} s left` : '';
    const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
    process.stderr.write(`\r\x1b[2K${bar} ${this.done}/${this.total} ${this.what}${left}`);
  }
}
