/** First of the braille characters, which has no dot. */
const blank = 0x2800;

/** Bits of the dots of a braille character, by row and column of dots. */
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** Dots on a grid of characters: two by four dots in each. (0, 0) is at the top left. */
export class Canvas {
  /** Dots from left to right and from top to bottom. */
  readonly width: number;
  readonly height: number;
  private readonly columns: number;
  private readonly cells: Uint8Array;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.width = columns * 2;
    this.height = rows * 4;
    this.cells = new Uint8Array(columns * rows);
  }

  /** Sets a dot; one that lies outside is passed over. */
  dot(x: number, y: number): void {
    if (!(x >= 0 && x < this.width && y >= 0 && y < this.height)) return;
    this.cells[(y >> 2) * this.columns + (x >> 1)] |= dots[y & 3][x & 1];
  }

  /** Sets the dots from one point to another, ends included. */
  line(fromX: number, fromY: number, toX: number, toY: number): void {
    const steps = Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY), 1);
    if (!Number.isFinite(steps)) return;
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      this.dot(Math.round(fromX + share * (toX - fromX)), Math.round(fromY + share * (toY - fromY)));
    }
  }

  rows(): string[] {
    const rows = this.cells.length / Math.max(1, this.columns);
    return Array.from({ length: rows }, (_, row) =>
      Array.from(this.cells.subarray(row * this.columns, (row + 1) * this.columns), (bits) =>
        bits === 0 ? ' ' : String.fromCharCode(blank + bits),
      ).join(''),
    );
  }
}
