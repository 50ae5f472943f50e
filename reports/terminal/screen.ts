const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** Terminals that know these show all that is between them at once. */
const [begin, end] = ['\x1b[?2026h', '\x1b[?2026l'];

/** Milliseconds between two drawings at least. */
const drawMs = 30;

/** The screen of a terminal beside its usual one. Frames are drawn by the lines in which they differ. */
export class Screen {
  private readonly stdout: NodeJS.WriteStream;
  private frame: string[] = [];
  private shown: string[] = [];
  private isOpen = false;
  private drawnAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(stdout: NodeJS.WriteStream) {
    this.stdout = stdout;
  }

  /** Takes the screen; where it is taken already, draws all of it anew. */
  open(): void {
    if (this.isOpen) {
      this.redraw();
      return;
    }
    this.isOpen = true;
    this.shown = [];
    this.stdout.write(enter);
    this.draw();
  }

  /** Brings the usual screen back, as it was, with its cursor. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.isOpen) return;
    this.isOpen = false;
    this.stdout.write(leave);
  }

  /** Draws all lines anew: the terminal has another size, or something else wrote on it. */
  redraw(): void {
    if (!this.isOpen) return;
    this.shown = [];
    this.stdout.write('\x1b[2J');
    this.draw();
  }

  /** Shows a frame, at once or when the one before was seen for a moment. */
  show(frame: string): void {
    this.frame = frame.split('\n');
    if (!this.isOpen || this.timer) return;
    const waitMs = this.drawnAt + drawMs - performance.now();
    if (waitMs <= 0) this.draw();
    else this.timer = setTimeout(() => this.draw(), waitMs);
  }

  private draw(): void {
    this.timer = undefined;
    if (!this.isOpen) return;
    this.drawnAt = performance.now();
    const rows = Math.min(this.frame.length, this.stdout.rows || this.frame.length);
    let changes = '';
    for (let row = 0; row < rows; row++) {
      if (this.frame[row] === this.shown[row]) continue;
      changes += `\x1b[${row + 1};1H\x1b[0m\x1b[K${this.frame[row]}`;
    }
    this.shown = this.frame.slice(0, rows);
    if (changes !== '') this.stdout.write(`${begin}${changes}${end}`);
  }
}
