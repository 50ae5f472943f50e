import * as fc from 'fast-check';

/** What names may hold that would move the cursor, take no room, or take two columns. */
export const difficult = [
  '',
  ' ',
  'plain',
  'two\nlines\r\nand\ttabs',
  '\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J',
  '埋め込みテーブルの分割',
  '한국어 이름',
  'ﷺ مرحبا \u202eright to left',
  'e\u0301te\u0301 \u200b\u200d\ufeff',
  '👩‍👩‍👧‍👦 🇩🇪 👍🏽 ☕️',
  'a very long name that goes on and on and on without saying anything that its first words did not say',
  'x'.repeat(300),
  '\ud800 lone',
];

export const text = fc.oneof(
  fc.constantFrom(...difficult),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);
