import { chooserView } from './chooser-view.ts';
import type { Context, Effect } from './context.ts';
import { Derived } from './derived.ts';
import { exportedText, fileNameOf } from './exported-text.ts';
import type { Exporter, Feed, Library, Snapshot } from './feed.ts';
import { stillFeed } from './feed.ts';
import { type Frame, frameOf } from './frame.ts';
import type { Key } from './keys.ts';
import { type Layout, layoutOf } from './layout.ts';
import { initialState, type Notice, type UiState } from './state.ts';
import type { SubjectView } from './subject-view.ts';
import type { Tools } from './tools.ts';
import { update } from './update.ts';
import { viewOf } from './view-of.ts';

/** What the terminal does with files. */
export interface Files {
  exists(file: string): boolean;
  /** Writes a file that is whole or not there. */
  write(file: string, text: string): void;
}

export interface ViewerOptions {
  /** What is shown: one answer, or several to choose from. */
  shown: Feed | Library;
  tools: Tools;
  files: Files;
  columns: number;
  rows: number;
  /** Told what concerns the terminal itself. */
  onEffect(effect: Effect): void;
}

/** The state of the terminal interface: keys and answers go in, frames come out. It draws nothing by itself. */
export class Viewer {
  private readonly options: ViewerOptions;
  private readonly derived = new Derived();
  private readonly listeners = new Set<() => void>();
  private size: { columns: number; rows: number };
  /** Undefined while an answer is being chosen. */
  private feed: Feed | undefined;
  private endFeed: () => void = () => {};
  private snapshot: Snapshot | undefined;
  private view: SubjectView;
  private state: UiState;
  private frameShown: Frame | undefined;

  constructor(options: ViewerOptions) {
    this.options = options;
    this.size = options;
    if ('open' in options.shown) {
      this.view = chooserView(options.shown);
    } else {
      this.feed = options.shown;
      this.snapshot = this.feed.current();
      this.view = viewOf(this.snapshot.subject, options.tools);
      this.endFeed = this.feed.subscribe(() => this.refresh());
    }
    this.state = initialState(this.view);
    if ('open' in options.shown && options.shown.first !== undefined) this.open(options.shown.first);
  }

  /** The same object until something changes. */
  readonly frame = (): Frame => {
    this.frameShown ??= frameOf({
      view: this.view,
      state: this.state,
      derived: this.derived,
      layout: this.layout(),
      run: this.snapshot?.run,
      formats: this.formats(),
      isChooser: this.feed === undefined,
      canChoose: this.canChoose(),
    });
    return this.frameShown;
  };

  readonly subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  };

  press(keys: readonly Key[]): void {
    for (const key of keys) {
      const [state, effect] = update(this.state, key, this.context());
      this.state = state;
      if (effect) this.act(effect);
    }
    this.changed();
  }

  resize(columns: number, rows: number): void {
    this.size = { columns, rows };
    this.changed();
  }

  /** No more news are awaited. */
  close(): void {
    this.endFeed();
  }

  private changed(): void {
    this.frameShown = undefined;
    for (const listener of this.listeners) listener();
  }

  private refresh(): void {
    const snapshot = this.feed?.current();
    if (!snapshot) return;
    if (snapshot.subject !== this.snapshot?.subject)
      this.replaceView(viewOf(snapshot.subject, this.options.tools));
    this.snapshot = snapshot;
    this.changed();
  }

  /** Another view of the same work: what was selected and marked stays so, wherever it stands now. */
  private replaceView(view: SubjectView): void {
    const before = this.view;
    const moved = (index: number) => {
      if (index >= before.size) return index;
      const key = before.key(index);
      if (index < view.size && view.key(index) === key) return index;
      for (let at = 0; at < view.size; at++) if (view.key(at) === key) return at;
      return 0;
    };
    const { selected, marked } = this.state;
    this.view = view;
    this.state = {
      ...this.state,
      selected: moved(selected),
      ...(marked !== undefined && { marked: moved(marked) }),
    };
  }

  private context(): Context {
    const formats = this.formats();
    const run = this.snapshot?.run;
    return {
      view: this.view,
      derived: this.derived,
      layout: this.layout(),
      formats,
      fileName: (format) =>
        fileNameOf(this.view, format === 0 ? this.state.tab : undefined, formats[format].extension),
      exists: this.options.files.exists,
      isRunning: run !== undefined && run.state !== 'finished',
      isChooser: this.feed === undefined,
      canChoose: this.canChoose(),
    };
  }

  private layout(): Layout {
    return layoutOf(this.size.columns, this.size.rows, this.view.hasLongNames);
  }

  private canChoose(): boolean {
    return 'open' in this.options.shown && this.feed !== undefined;
  }

  /** The tab that is seen, then whatever writes the whole answer. */
  private formats(): Exporter[] {
    const tab: Exporter = {
      key: 'tab',
      label: 'this tab as text',
      extension: 'txt',
      write: (file) => this.options.files.write(file, exportedText(this.view, this.state)),
    };
    return [tab, ...(this.snapshot?.exporters ?? [])];
  }

  private act(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        this.open(effect.index);
        break;
      case 'choose':
        this.choose();
        break;
      case 'export':
        void this.export(this.formats()[effect.format], effect.file);
        break;
      default:
        this.options.onEffect(effect);
    }
  }

  private open(index: number): void {
    const { shown, tools } = this.options;
    if (!('open' in shown)) return;
    try {
      this.snapshot = shown.open(index);
      this.feed = stillFeed(this.snapshot);
      this.view = viewOf(this.snapshot.subject, tools);
      this.state = initialState(this.view);
    } catch (error) {
      this.say({ text: firstLine(error), tone: 'bad' });
    }
  }

  private choose(): void {
    const { shown } = this.options;
    if (!('open' in shown)) return;
    this.feed = undefined;
    this.snapshot = undefined;
    this.view = chooserView(shown);
    this.state = initialState(this.view);
  }

  private async export({ write, label }: Exporter, file: string): Promise<void> {
    try {
      await write(file);
      this.say({ text: `written: ${label} to ${file}`, tone: 'good' });
    } catch (error) {
      this.say({ text: firstLine(error), tone: 'bad' });
    }
  }

  private say(notice: Notice): void {
    this.state = { ...this.state, notice };
    this.changed();
  }
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n', 1)[0];
}
