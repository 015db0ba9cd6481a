import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Program, parseSync, Visitor } from 'oxc-parser';

export const repositoryFolder = resolve(import.meta.dirname, '..', '..');

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  /** The package or service that it belongs to, as in `packages/core`. */
  readonly workspace: string;
  /** By its suffix; what compile tests are made of has a folder of its own. */
  readonly isTest: boolean;
  readonly text: string;
  readonly program: Program;
  /** Everything that it names another module by: imports, re-exports, `import()`, import types. */
  readonly imports: readonly Import[];
  lineOf(offset: number): number;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
}

export type Rule = (file: SourceFile) => Violation[];

export function violation(file: SourceFile, line: number, rule: string): Violation {
  return { path: file.path, line, rule };
}

/** As a person clicks it: `packages/core/src/x.ts:12 core imports only ...`. */
export function describeViolation({ path, line, rule }: Violation): string {
  return `${path}:${line} ${rule}`;
}

export function parseSourceFile(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text, { lang: 'ts' });
  if (errors[0] !== undefined) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const imports: Import[] = [];
  const add = (source: { value?: unknown; start: number } | null) => {
    if (source === null || typeof source.value !== 'string') return;
    imports.push({ specifier: source.value, line: lineOf(source.start) });
  };
  new Visitor({
    ImportDeclaration: ({ source }) => add(source),
    ExportNamedDeclaration: ({ source }) => add(source),
    ExportAllDeclaration: ({ source }) => add(source),
    ImportExpression: ({ source }) => add(source.type === 'Literal' ? source : null),
    TSImportType: ({ source }) => add(source),
  }).visit(program);
  return {
    path,
    workspace: workspaceOf(path),
    isTest: /\.(test|test-data|type-test|bench)\.ts$|\/type-tests\//.test(path),
    text,
    program,
    imports,
    lineOf,
  };
}

function workspaceOf(path: string): string {
  const [top = '', second = '', third = ''] = path.split('/');
  if (top === 'packages') return `${top}/${second}`;
  if (top === 'services')
    return second === 'shop' ? `${top}/${second}/${third}` : `${top}/${second}`;
  return top;
}

/** Every TypeScript file of the project. */
export function readSourceFiles(): SourceFile[] {
  const paths = globSync('{packages,services,infra,tests}/**/*.ts', {
    cwd: repositoryFolder,
    exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path.replaceAll('\\', '/')),
  });
  return paths
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => parseSourceFile(path, readFileSync(join(repositoryFolder, path), 'utf8')));
}
