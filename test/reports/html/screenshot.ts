import { inflateSync } from 'node:zlib';

/** Size of a PNG without interlacing, and how many different values its rows hold: a blank one has hardly any. */
export function lookAt(png: Buffer): { width: number; height: number; values: number } {
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const size = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + size));
    at += size + 12;
  }
  const rows = inflateSync(Buffer.concat(data));
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), values: new Set(rows).size };
}
