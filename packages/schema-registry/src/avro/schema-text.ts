import type { SchemaTextLimits } from './schema-limits.ts';

/**
 * Parses the text of a schema as JSON after its size and its nesting were looked at: neither a huge text nor one of a
 * million brackets reaches the parser. Throws an `Error` that says what is wrong.
 */
export function parseSchemaText(text: string, limits: SchemaTextLimits): unknown {
  if (text.length > limits.charsMax) {
    throw new Error(
      `the schema has ${text.length} characters, more than the ${limits.charsMax} allowed`,
    );
  }
  if (nestsDeeper(text, limits.jsonDepthMax)) {
    throw new Error(`the schema is nested more than ${limits.jsonDepthMax} brackets deep`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    // A registry may give back a bare name: "string" without its quotes.
    if (/^\w+$/.test(text)) return text;
    throw new Error('the schema is no JSON', { cause });
  }
}

function nestsDeeper(text: string, depthMax: number): boolean {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (inText) {
      if (char === '\\') index += 1;
      else if (char === '"') inText = false;
    } else if (char === '"') {
      inText = true;
    } else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (char === '}' || char === ']') {
      depth -= 1;
    }
  }
  return false;
}
