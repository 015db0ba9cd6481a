import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Expression, Visitor } from 'oxc-parser';
import { parseSourceFile, repositoryFolder } from '../architecture/source-file.ts';

/** What some sources wait for, by the names of what they call. */
export interface Awaits {
  /** `file: name` of everything that is awaited. */
  readonly awaited: readonly {
    readonly path: string;
    readonly line: number;
    readonly name: string;
  }[];
  /** The functions and methods that the sources themselves are made of. */
  readonly own: ReadonlySet<string>;
}

/** Reads the sources of files and folders (not of folders in them), their tests left out. */
export function awaitsOf(paths: readonly string[]): Awaits {
  const awaited: Awaits['awaited'][number][] = [];
  const own = new Set<string>();
  for (const path of paths.flatMap(filesOf)) {
    const file = parseSourceFile(path, readFileSync(join(repositoryFolder, path), 'utf8'));
    const assigned = new Map<string, Expression>();
    const found: { readonly argument: Expression; readonly start: number }[] = [];
    new Visitor({
      AwaitExpression: (node) => found.push(node),
      FunctionDeclaration: ({ id }) => id !== null && own.add(id.name),
      MethodDefinition: ({ key }) => own.add(nameOf(key) ?? ''),
      VariableDeclarator: ({ id, init }) => {
        if (id.type === 'Identifier' && init !== null) assigned.set(id.name, init);
      },
    }).visit(file.program);
    for (const { argument, start } of found) {
      const given = argument.type === 'Identifier' ? assigned.get(argument.name) : undefined;
      const name = nameOf(given ?? argument) ?? file.text.slice(argument.start, argument.end);
      awaited.push({ path, line: file.lineOf(start), name });
    }
  }
  return { awaited, own };
}

function filesOf(path: string): readonly string[] {
  if (path.endsWith('.ts')) return [path];
  const names = readdirSync(join(repositoryFolder, path));
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${path}/${name}`);
}

/** The last name of what is called: `record` of `parts.inbox.record(...)`. */
function nameOf(node: Expression | { readonly type: string }): string | undefined {
  if ((node.type === 'CallExpression' || node.type === 'NewExpression') && 'callee' in node)
    return nameOf(node.callee);
  if (node.type === 'MemberExpression' && 'property' in node) return nameOf(node.property);
  if ('name' in node && typeof node.name === 'string') return node.name;
  return undefined;
}
