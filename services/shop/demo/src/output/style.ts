import { styleText } from 'node:util';

/** How parts of a text look. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly link: (text: string) => string;
}

const same = (text: string): string => text;

export const plainStyle: Style = {
  strong: same,
  faint: same,
  good: same,
  bad: same,
  warn: same,
  link: same,
};

/** Colours where `stream` is a terminal that shows them, and nobody set NO_COLOR. */
export function styleFor(stream: NodeJS.WritableStream): Style {
  const styled = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    styleText(format, text, { stream });
  return {
    strong: styled('bold'),
    faint: styled('dim'),
    good: styled('green'),
    bad: styled('red'),
    warn: styled('yellow'),
    link: styled('cyan'),
  };
}
