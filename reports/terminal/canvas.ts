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

  /** Sets the dots from one point to another, ends included, as far as they lie inside. */
  line(fromX: number, fromY: number, toX: number, toY: number): void {
    const [byX, byY] = [toX - fromX, toY - fromY];
    const [enterX, leaveX] = inside(fromX, byX, this.width - 1);
    const [enterY, leaveY] = inside(fromY, byY, this.height - 1);
    const [first, last] = [Math.max(0, enterX, enterY), Math.min(1, leaveX, leaveY)];
    if (!(first <= last)) return;
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(byX), Math.abs(byY)) * (last - first)));
    for (let step = 0; step <= steps; step++) {
      const share = first + (step / steps) * (last - first);
      this.dot(Math.round(fromX + share * byX), Math.round(fromY + share * byY));
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

/** The part of a way, from 0 to 1, that lies between 0 and `most` in one direction; none where it never does. */
function inside(from: number, by: number, most: number): readonly [first: number, last: number] {
  if (by === 0) return from >= -0.5 && from <= most + 0.5 ? [0, 1] : [1, 0];
  const ends = [(-0.5 - from) / by, (most + 0.5 - from) / by];
  return [Math.min(...ends), Math.max(...ends)];
}
