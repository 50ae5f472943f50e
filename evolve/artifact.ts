import type { BackendName } from '../harness/device.ts';

/** Languages that kernels are written in, and the backend that runs each. */
export const backendOf = {
  cuda: 'cuda',
  triton: 'python',
  wgsl: 'webgpu',
  cpp: 'cpu',
} as const satisfies Record<string, BackendName>;

export type Language = keyof typeof backendOf;

/**
 * A whole kernel in source: what the search transforms, what is compiled and run, and what a person may take and deploy.
 * How it is launched stands in its text, too, so that nothing but the text decides what runs.
 */
export interface Artifact {
  language: Language;
  text: string;
}
