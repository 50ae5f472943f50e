import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';

/** A Chromium of this machine: that of $CHROMIUM, else of its usual names; nothing where there is none. */
export const chromiumPath: string | undefined = candidates().find((path) => existsSync(path));

function candidates(): string[] {
  if (process.env.CHROMIUM) return [process.env.CHROMIUM];
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** Starts it without a window; as root it runs only without its sandbox. */
export async function launchChromium(): Promise<Browser> {
  // Loaded here: it is no part of an installed package.
  const { chromium } = await import('playwright-core');
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath!, args });
}
