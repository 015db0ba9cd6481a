import {
  type Argument,
  type CallExpression,
  type Expression,
  type Node,
  Visitor,
} from 'oxc-parser';
import { type SourceFile, type Violation, violation } from './source-file.ts';

/** The only file that may await what it does not name: it is what the others name their waits by. */
const constructFile = 'packages/coordinator/src/shard/checkpoints.ts';
/** Maps what is not known yet; it is the interpreter who waits for it, by name. */
const mappingFile = 'packages/coordinator/src/shard/folding/technical-outcome.ts';
/** Has the name of what a port answers later, and answers at once. */
const synchronous = 'tracing.send';
const promises = /^Promise\.(?!withResolvers$)/;
const continuations: ReadonlySet<string> = new Set(['then', 'catch', 'finally']);

export interface ShardWaits {
  /** Waits, and things begun that somebody will have to wait for, outside of `waitFor`. */
  readonly unnamed: readonly Violation[];
  /** The names given to `waitFor`, in the order of the files. */
  readonly names: readonly string[];
}

/**
 * Where a shard waits. The outside world reaches it through its ports alone, so a shard can only be interrupted at an
 * `await`, or while something that it asked of a port is under way: both have to be inside of a `waitFor`, which names the
 * checkpoints around it. An `await` of a function of the shard's own is as good as the awaits inside of that.
 */
export function shardWaits(shard: readonly SourceFile[], ports: readonly SourceFile[]): ShardWaits {
  const asked = promisedBy(ports);
  const own = new Set(shard.flatMap(declaredIn).filter((name) => !asked.has(name)));
  const unnamed: Violation[] = [];
  const names: string[] = [];
  for (const file of shard) {
    if (file.path === constructFile) continue;
    let depth = 0;
    const add = (node: Node, rule: string) => {
      if (depth === 0) unnamed.push(violation(file, file.lineOf(node.start), rule));
    };
    new Visitor({
      CallExpression: (call) => {
        const name = calleeName(call);
        if (name === 'waitFor') {
          names.push(textOf(call.arguments[0]));
          depth += 1;
          return;
        }
        const isPort = asked.has(name) && !sourceOf(file, call.callee).endsWith(synchronous);
        if (isPort) add(call, `${name}() is begun outside of waitFor`);
        const isContinued = continuations.has(name) && file.path !== mappingFile;
        if (isContinued || promises.test(sourceOf(file, call.callee)))
          add(call, `${name}() goes on outside of waitFor`);
      },
      'CallExpression:exit': (call) => {
        if (calleeName(call) === 'waitFor') depth -= 1;
      },
      AwaitExpression: (node) => {
        const call = callIn(node.argument);
        const name = call === undefined ? '' : calleeName(call);
        if (name === 'waitFor' || own.has(name)) return;
        add(node, 'awaits what no waitFor names');
      },
      ForOfStatement: (node) => {
        if (node.await) add(node, 'awaits what no waitFor names');
      },
    }).visit(file.program);
  }
  return { unnamed, names };
}

/** The methods of ports that answer later. */
function promisedBy(files: readonly SourceFile[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { program, text } of files) {
    const add = (key: Node, type: Node | null | undefined) => {
      const answer = type === null || type === undefined ? '' : text.slice(type.start, type.end);
      if (/^:?\s*(=>)?\s*Promise</.test(answer)) found.add(text.slice(key.start, key.end));
    };
    new Visitor({
      TSMethodSignature: ({ key, returnType }) => add(key, returnType),
      TSPropertySignature: ({ key, typeAnnotation }) => {
        const type = typeAnnotation?.typeAnnotation;
        if (type?.type === 'TSFunctionType') add(key, type.returnType);
      },
    }).visit(program);
  }
  return found;
}

function declaredIn({ program, text }: SourceFile): readonly string[] {
  const found: string[] = [];
  new Visitor({
    MethodDefinition: ({ key }) => found.push(text.slice(key.start, key.end)),
    FunctionDeclaration: ({ id }) => id !== null && found.push(id.name),
  }).visit(program);
  return found;
}

function callIn(expression: Expression): CallExpression | undefined {
  const inner = expression.type === 'ChainExpression' ? expression.expression : expression;
  return inner.type === 'CallExpression' ? inner : undefined;
}

/** `x` of `x()`, `a.b.x()` and `a?.x()`; `#x` of `this.#x()`, which is `x` where it is a `waitFor` that was kept. */
function calleeName({ callee }: CallExpression): string {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type !== 'MemberExpression') return '';
  const { property } = callee;
  if (property.type === 'PrivateIdentifier') {
    return property.name === 'waitFor' ? property.name : `#${property.name}`;
  }
  return property.type === 'Identifier' ? property.name : '';
}

function sourceOf({ text }: SourceFile, { start, end }: Node): string {
  return text.slice(start, end);
}

function textOf(argument: Argument | undefined): string {
  return argument?.type === 'Literal' ? String(argument.value) : '(not a literal)';
}
