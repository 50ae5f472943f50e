import type { Subject } from '../reports/subject.ts';
import type { Snapshot } from '../reports/terminal/feed.ts';
import type { Ending } from '../reports/terminal/open-terminal.tsx';
import type { PointResult, SweepResult } from '../sim/sweep-result.ts';
import { LiveFeed, secondsLeft } from './live-feed.ts';
import type { SweepListener } from './sweep-progress.ts';
import { drawOnTerminal, exportersOf } from './terminal.ts';

/** Points that a process has to see to, and how many of them were done before it began. */
interface Share {
  total: number;
  before: number;
}

/** A sweep on the whole terminal: points appear as they finish. */
export class WatchedSweep implements SweepListener {
  private readonly head: Omit<SweepResult, 'points'>;
  private readonly closing = new AbortController();
  private readonly feed: LiveFeed;
  private readonly notices: string[] = [];
  private points: PointResult[] = [];
  private share: Share = { total: 0, before: 0 };
  private done = 0;
  private status = '';
  private startedMs = 0;
  private left: Promise<Ending> | undefined;

  constructor(head: Omit<SweepResult, 'points'>) {
    this.head = head;
    this.feed = new LiveFeed(() => this.snapshot());
  }

  /**
   * Takes the terminal.
   * @param points that are there already
   * @returns how the person leaves; while points are missing, that stops the sweep
   */
  start(points: Iterable<PointResult>, share: Share): Promise<Ending> {
    this.points = [...points];
    this.share = share;
    this.done = share.before;
    this.startedMs = performance.now();
    this.left ??= drawOnTerminal(this.feed, this.closing.signal);
    this.feed.changed();
    return this.left;
  }

  step(result: PointResult): void {
    this.points.push(result);
    this.done++;
    this.feed.changed();
  }

  setStatus(text: string): void {
    this.status = text;
    this.feed.changed();
  }

  /** Is printed when the usual screen is back. */
  notice(text: string): void {
    this.notices.push(text);
  }

  /** Leaves the terminal, if it was taken. */
  async end(): Promise<void> {
    this.closing.abort();
    await this.left;
    this.feed.close();
    for (const text of this.notices.splice(0)) process.stderr.write(`${text}\n`);
  }

  /** The work is done: the person looks on, at all points in their order, until they leave. */
  async finish(points: Iterable<PointResult>): Promise<Ending> {
    const left = this.left ?? this.start([], { total: this.head.total, before: this.head.total });
    const subject: Subject = {
      kind: 'sweep',
      source: this.head.name,
      sweep: { ...this.head, points: [...points] },
    };
    this.feed.finish({ subject, run: { ...this.run(), state: 'finished' }, exporters: exportersOf(subject) });
    const ending = await left;
    await this.end();
    return ending;
  }

  private snapshot(): Snapshot {
    const { head, points } = this;
    // The points are the same list, which grows; the subject is another one, so that it is read anew.
    const subject: Subject = { kind: 'sweep', source: head.name, sweep: { ...head, points } };
    return { subject, run: this.run(), exporters: [] };
  }

  private run(): NonNullable<Snapshot['run']> {
    return {
      state: 'running',
      done: this.done,
      total: this.share.total,
      what: 'points',
      stopQuestion: 'Stop the sweep? Finished points are kept.',
      leftS: secondsLeft(this.startedMs, this.done - this.share.before, this.share.total - this.share.before),
      ...(this.status !== '' && { note: this.status }),
    };
  }
}
