import { once } from 'node:events';

/** Prints to stdout, as fast as it is read. */
export async function print(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
