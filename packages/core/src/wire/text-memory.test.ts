import { expect, test } from 'vitest';
import { headerNames } from './header-names.ts';
import { TextMemory } from './text-memory.ts';

test('decodes a text once, wherever in whatever bytes it lies', () => {
  let decoded = 0;
  const memory = new TextMemory((bytes) => {
    decoded += 1;
    return Buffer.from(bytes).toString();
  });
  const bytes = Buffer.from('ce_type ce_time ce_type');
  expect(memory.read(bytes, 0, 7)).toBe('ce_type');
  expect(memory.read(bytes, 8, 15)).toBe('ce_time');
  expect(memory.read(bytes, 16, 23)).toBe('ce_type');
  expect(memory.read(Uint8Array.from(Buffer.from('ce_type')))).toBe('ce_type');
  expect(decoded).toBe(2);
});

test('keeps its own copy, and tells texts of one slot apart', () => {
  const memory = new TextMemory((bytes) => Buffer.from(bytes).toString());
  const bytes = Buffer.from('axyz');
  expect(memory.read(bytes)).toBe('axyz');
  bytes.write('bxyz'); // the same but for its first letter: the same slot
  expect(memory.read(bytes)).toBe('bxyz');
  expect(memory.read(Buffer.from('axyz'))).toBe('axyz');
});

test('remembers the names of all headers at once', () => {
  let decoded = 0;
  const memory = new TextMemory(() => {
    decoded += 1;
  });
  const names = Object.values(headerNames).map((name) => Buffer.from(name));
  for (const name of names) memory.read(name);
  for (const name of names) memory.read(name);
  expect(decoded).toBe(names.length);
});

test('does not keep what is long or empty', () => {
  let decoded = 0;
  const memory = new TextMemory((bytes) => {
    decoded += 1;
    return bytes.length;
  });
  for (const bytes of [Buffer.alloc(65), Buffer.alloc(65), Buffer.alloc(0), Buffer.alloc(0)]) {
    expect(memory.read(bytes)).toBe(bytes.length);
  }
  expect(decoded).toBe(4);
});
