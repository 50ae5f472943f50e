import type { Key as InkKey } from 'ink';

const named = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x03': 'interrupt',
  '\x1a': 'suspend',
  '\x15': 'clear',
  '\x0c': 'redraw',
} as const;

const withControl: Partial<Record<string, Key>> = {
  c: { name: 'interrupt' },
  z: { name: 'suspend' },
  u: { name: 'clear' },
  l: { name: 'redraw' },
};

/** A key that was pressed. */
export type Key =
  | {
      name:
        | 'up'
        | 'down'
        | 'left'
        | 'right'
        | 'pageUp'
        | 'pageDown'
        | 'home'
        | 'end'
        | 'backTab'
        | 'escape'
        | (typeof named)[keyof typeof named];
    }
  | { name: 'text'; text: string };

/**
 * The keys of one piece of input: whoever types fast, or a program that types, sends several at once. Escape and a
 * character at once are two keys.
 */
export function keysOf(input: string, key: InkKey): Key[] {
  const special = specialKey(key);
  if (special) return [special];
  if (key.ctrl) return withControl[input] ? [withControl[input]] : [];
  const characters = [...input].flatMap(characterKey);
  return key.meta ? [{ name: 'escape' }, ...characters] : characters;
}

function specialKey(key: InkKey): Key | undefined {
  if (key.upArrow) return { name: 'up' };
  if (key.downArrow) return { name: 'down' };
  if (key.leftArrow) return { name: 'left' };
  if (key.rightArrow) return { name: 'right' };
  if (key.pageUp) return { name: 'pageUp' };
  if (key.pageDown) return { name: 'pageDown' };
  if (key.home) return { name: 'home' };
  if (key.end) return { name: 'end' };
  if (key.return) return { name: 'enter' };
  if (key.tab) return { name: key.shift ? 'backTab' : 'tab' };
  if (key.backspace || key.delete) return { name: 'backspace' };
  return key.escape ? { name: 'escape' } : undefined;
}

function characterKey(character: string): Key[] {
  if (Object.hasOwn(named, character)) return [{ name: named[character as keyof typeof named] }];
  return character < ' ' ? [] : [{ name: 'text', text: character }];
}
