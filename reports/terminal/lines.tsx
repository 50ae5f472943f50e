import { Text, Transform } from 'ink';

/**
 * Lines that are painted already, each as wide as the screen. Ink keeps the size of every text that it ever measured:
 * it measures blank ones here, which stay the same, and the lines take their place as they are drawn.
 */
export function Lines({ lines }: { lines: readonly string[] }) {
  const blank = lines.map(() => ' ').join('\n');
  return (
    <Transform transform={(_, row) => lines[row] ?? ''}>
      <Text>{blank}</Text>
    </Transform>
  );
}
