/** A piece of a label selector. Keywords such as `in` are identifiers until the parser decides. */
export interface Token {
  readonly kind: 'identifier' | 'symbol' | 'end'
  readonly text: string
}

/** Symbols longest first; every other character up to a symbol or blank is an identifier. */
const tokenPattern = /[ \t\r\n]+|(==|!=|[=!(),<>])|([^ \t\r\n=!(),<>]+)/gy

/** The tokens of a label selector, ending with one of kind `end`. Never fails. */
export function scanSelector(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (const [, symbol, identifier] of text.matchAll(tokenPattern)) {
    if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol })
    else if (identifier !== undefined) tokens.push({ kind: 'identifier', text: identifier })
  }
  tokens.push({ kind: 'end', text: '' })
  return tokens
}
