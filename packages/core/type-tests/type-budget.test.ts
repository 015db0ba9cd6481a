import { expect, test } from 'vitest';
import { compile } from './run-tsc.ts';

/**
 * What the compiler may spend on the contracts and handlers of a large system: 121 events, 40 steps, 40 handlers. What it
 * instantiates does not depend on the machine; a change of the public types that costs more is seen here, not in an
 * editor that became slow.
 */
const instantiationsMax = 50_000;
const stepCount = 40;

function largeSystem(): string {
  const lines = [
    `import { defineEvent, defineSaga, defineStep, implement, on, t } from '@troupe/core';`,
    `const orderId = t.string().key();`,
    `const Money = t.record('Money', { currency: t.enum('Currency', ['EUR', 'USD']), amount: t.decimal(12, 2) });`,
    `const Line = t.record('Line', { sku: t.string(), quantity: t.int().default(1), price: Money });`,
    `export class Start extends defineEvent('shop.Start', { ${fields('Start')} }) {}`,
  ];
  for (let i = 1; i <= stepCount; i++) {
    for (const name of [`Done${i}`, `Refused${i}`, `Undone${i}`]) {
      lines.push(
        `export class ${name} extends defineEvent('shop.${name}', { ${fields(name)} }) {}`,
      );
    }
  }
  for (let i = 1; i <= stepCount; i++) {
    lines.push(
      `export const step${i} = defineStep('step-${i}', { after: ${after(i)}, emits: Done${i}, rejects: Refused${i}, compensates: Undone${i}, timeoutMs: 5 });`,
      `export const handler${i} = implement(step${i}, {`,
      `  execute: async (${i === 1 ? 'start' : '{ start, before }'}) =>`,
      `    start.lines.length > ${i === 1 ? '0' : "before.placedAt.getTime() && start.note !== ''"}`,
      `      ? new Done${i}({ ${draft('start')}, onlyDone${i}: 1 })`,
      `      : new Refused${i}({ ${draft('start')}, onlyRefused${i}: 1 }),`,
      `  compensate: async ({ input, output }) => new Undone${i}({ ${draft(i === 1 ? 'input' : 'input.start')}, onlyUndone${i}: output?.onlyDone${i} ?? 0 }),`,
      `});`,
    );
  }
  const names = Array.from({ length: stepCount }, (_, i) => `step${i + 1}`).join(', ');
  lines.push(
    `export const saga = defineSaga('large', { version: 1, startsOn: Start, steps: [${names}] });`,
    `export const consumer = on(Done1, async (event) => { event.lines[0]?.price.amount.trim(); });`,
  );
  return lines.join('\n');
}

function fields(name: string): string {
  return `orderId, placedAt: t.timestamp(), total: Money, note: t.string().optional(), lines: t.array(Line), only${name}: t.int()`;
}
function draft(of: string): string {
  return `orderId: ${of}.orderId, placedAt: ${of}.placedAt, total: ${of}.total, lines: ${of}.lines`;
}
function after(i: number): string {
  return i === 1
    ? 'Start'
    : `{ start: Start, before: step${i - 1}, maybe: step${i - 1}.rejected.optional }`;
}

async function instantiations(text: string): Promise<number> {
  const { output } = await compile({ 'system.ts': text }, ['--extendedDiagnostics']);
  expect(output).not.toMatch(/system\.ts\(.*error/);
  return Number(/^Instantiations:\s+(\d+)$/m.exec(output)?.[1]);
}

test(`121 events, 40 steps and 40 handlers take at most ${instantiationsMax} instantiations`, async () => {
  // The sources of the library are checked along; they are not what a system costs.
  const library = await instantiations(`export { t } from '@troupe/core';`);
  const spent = (await instantiations(largeSystem())) - library;
  // Far less would mean that the compiler did not look at the system at all.
  expect(spent).toBeGreaterThan(instantiationsMax / 4);
  expect(spent).toBeLessThan(instantiationsMax);
}, 60_000);
