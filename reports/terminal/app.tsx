import { Box, useInput } from 'ink';
import { useSyncExternalStore } from 'react';
import { keysOf } from './keys.ts';
import { type Line, painted } from './line.ts';
import { Lines } from './lines.tsx';
import type { Viewer } from './viewer.ts';

/** The terminal interface: what a viewer shows, and keys for it. */
export function App({ viewer, hasColour }: { viewer: Viewer; hasColour: boolean }) {
  const { header, body, footer } = useSyncExternalStore(viewer.subscribe, viewer.frame);
  useInput((input, key) => viewer.press(keysOf(input, key)));
  const paint = (lines: readonly Line[]) => lines.map((line) => painted(line, hasColour));
  return (
    <Box flexDirection="column">
      <Lines lines={paint(header)} />
      <Lines lines={paint(body)} />
      <Lines lines={paint(footer)} />
    </Box>
  );
}
