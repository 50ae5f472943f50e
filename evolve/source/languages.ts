import type { Language } from '../artifact.ts';

/** How the files of each language end. */
export const extensionOf = {
  cuda: '.cu',
  triton: '.py',
  wgsl: '.wgsl',
  cpp: '.cpp',
} as const satisfies Record<Language, string>;
