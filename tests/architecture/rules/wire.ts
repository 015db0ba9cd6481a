import { type Program, Visitor } from 'oxc-parser';
import { type Rule, violation } from '../source-file.ts';
import { isProduct } from './surroundings.ts';

const headerNamesFile = 'packages/core/src/wire/header-names.ts';
const ownPrefixes = /^(ce_|troupe_dead_letter_)/;
/** Not `content-type`, which is HTTP's name too. */
const w3cNames = /^(traceparent|tracestate|baggage)$/;

interface Name {
  readonly name: string;
  readonly offset: number;
}

/** Header names that a file spells, as text, as keys, as types. Those of W3C are words of their own outside of text. */
function headerNamesIn(program: Program): Name[] {
  const names: Name[] = [];
  new Visitor({
    Literal: ({ value, start }) => {
      if (typeof value !== 'string') return;
      if (ownPrefixes.test(value) || w3cNames.test(value))
        names.push({ name: value, offset: start });
    },
    TemplateLiteral: ({ quasis: [first], expressions, start }) => {
      const name = first?.value.raw ?? '';
      const isW3c = expressions.length === 0 && w3cNames.test(name);
      if (ownPrefixes.test(name) || isW3c) names.push({ name, offset: start });
    },
    Identifier: ({ name, start }) => {
      if (ownPrefixes.test(name)) names.push({ name, offset: start });
    },
  }).visit(program);
  return names;
}

export const headerNamesLiveInOneFile: Rule = (file) => {
  if (!isProduct(file) || file.path === headerNamesFile) return [];
  return headerNamesIn(file.program).map(({ name, offset }) =>
    violation(file, file.lineOf(offset), `${name}: only ${headerNamesFile} names headers`),
  );
};
