/** How a scalar may be written, found by one pass over its characters (libyaml's analyze_scalar). */
export interface ScalarAnalysis {
  readonly multiline: boolean;
  readonly blockPlainAllowed: boolean;
  readonly singleQuotedAllowed: boolean;
  readonly blockAllowed: boolean;
}

export function isBreak(character: string | undefined): boolean {
  return (
    character === '\n' ||
    character === '\r' ||
    character === '\u0085' ||
    character === '\u2028' ||
    character === '\u2029'
  );
}

/** The library's idea of printable ends at the basic plane, and leaves the tab out. */
export function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a) return true;
  if (code >= 0x20 && code <= 0x7e) return true;
  if (code >= 0xa0 && code <= 0xd7ff) return true;
  return code >= 0xe000 && code <= 0xfffd && code !== 0xfeff;
}

function isBlankOrEnd(character: string | undefined): boolean {
  return character === undefined || character === ' ' || character === '\t';
}

export function analyzeScalar(characters: readonly string[]): ScalarAnalysis {
  if (characters.length === 0) {
    return { multiline: false, blockPlainAllowed: true, singleQuotedAllowed: true, blockAllowed: false };
  }
  const start = characters.slice(0, 3).join('');
  let blockIndicators = start === '---' || start === '...';
  let lineBreaks = false;
  let special = false;
  let breakSpace = false;
  let spaceBreak = false;
  let previousSpace = false;
  let previousBreak = false;
  let precededByWhitespace = true;
  characters.forEach((character, i) => {
    const followedByWhitespace = isBlankOrEnd(characters[i + 1]);
    if (i === 0) {
      if ('#,[]{}&*!|>\'"%@`'.includes(character)) blockIndicators = true;
      if ('?:-'.includes(character) && followedByWhitespace) blockIndicators = true;
    } else if (character === ':') {
      if (followedByWhitespace) blockIndicators = true;
    } else if (character === '#' && precededByWhitespace) blockIndicators = true;
    if (!isPrintable(character)) special = true;
    if (character === ' ') {
      if (previousBreak) breakSpace = true;
      previousSpace = true;
      previousBreak = false;
    } else if (isBreak(character)) {
      lineBreaks = true;
      if (previousSpace) spaceBreak = true;
      previousSpace = false;
      previousBreak = true;
    } else {
      previousSpace = false;
      previousBreak = false;
    }
    precededByWhitespace = isBlankOrEnd(character) || isBreak(character) || character === '\0';
  });
  const first = characters[0];
  const last = characters.at(-1);
  const edge = first === ' ' || last === ' ' || lineBreaks;
  const bad = spaceBreak || special;
  return {
    multiline: lineBreaks,
    blockPlainAllowed: !(edge || breakSpace || bad || blockIndicators),
    singleQuotedAllowed: !(breakSpace || bad),
    blockAllowed: !(last === ' ' || bad),
  };
}
