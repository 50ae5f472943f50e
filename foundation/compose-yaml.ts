import { Composer, type Document, Lexer, type LineCounter, Parser, type YAMLError } from 'yaml';

/**
 * The documents of a YAML text, with their errors in them. Called instead of the library's own entry point since
 * that recurses into whatever depth a text has, and a stack that overflows there can end the process.
 * @param tooDeep called with the offset of the first level beyond `maxDepth`; it must throw
 */
export function composeYaml(
  text: string,
  lineCounter: LineCounter,
  maxDepth: number,
  tooDeep: (offset: number) => never,
): [Document.Parsed, Document.Parsed?] {
  const parser = new Parser(lineCounter.addNewLine);
  function* tokens() {
    lineCounter.addNewLine(0);
    for (const lexeme of new Lexer().lex(text)) {
      yield* parser.next(lexeme);
      if (parser.stack.length > maxDepth) tooDeep(parser.offset);
    }
    yield* parser.end();
  }
  const composer = new Composer({ uniqueKeys: true, stringKeys: true, strict: true });
  return [...composer.compose(tokens(), true, text.length)] as [Document.Parsed, Document.Parsed?];
}

/** What a syntax error says to somebody who has not read the YAML specification. */
export function inPlainWords({ code, message }: YAMLError): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key stands here a second time';
    case 'NON_STRING_KEY':
      return 'a key must be a plain word, not a list or a mapping';
    case 'TAB_AS_INDENT':
      return 'tabs are not allowed as indentation: use spaces';
    default:
      return message;
  }
}
