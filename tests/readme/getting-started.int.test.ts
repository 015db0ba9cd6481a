import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServerProcess, startServerProcess } from '@troupe/infra';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startService } from '../e2e/service-process.ts';
import { KafkaAndRegistry, withoutTopics } from '../installations/kafka-and-registry.ts';
import { filesOf, readDocument, withFiles } from './document-files.ts';
import { runProgram } from './run-program.ts';

/** What the guide says of a command: `node place-order.ts 42 tea # what it prints`. */
const command = /^node (?<name>place-order\.ts) (?<given>.*?) +# (?<said>.*)$/gm;

let installation: KafkaAndRegistry;
const services: ServerProcess[] = [];

beforeAll(async () => {
  installation = await KafkaAndRegistry.open(withoutTopics);
});
afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await installation?.close();
});

async function startServiceOfGuide(name: string, file: string): Promise<ServerProcess> {
  return startServerProcess({
    name,
    command: process.execPath,
    args: [file],
    env: installation.environment,
    folder: await mkdtemp(join(installation.folder, `${name}-`)),
    removedAfterCrash: installation.folder,
    isReady: (log) => log.includes('"message":"started"'),
  });
}

test('the files of docs/getting-started.md do on Kafka what the guide says', {
  timeout: 120_000,
}, async () => {
  const guide = await readDocument('docs/getting-started.md');
  await withFiles(filesOf(guide), async (folder) => {
    const { environment } = installation;
    const run = (name: string, ...args: readonly string[]) =>
      runProgram(process.execPath, [join(folder, name), ...args], environment);

    expect(await run('place-order.test.ts')).toEqual({ code: 0, output: '' });
    expect(await run('make-topics.ts')).toMatchObject({ code: 0 });
    services.push(
      ...(await Promise.all([
        startServiceOfGuide('inventory', join(folder, 'inventory.ts')),
        startServiceOfGuide('shipping', join(folder, 'shipping.ts')),
        startService('troupe-coordinator', { folder: installation.folder, environment }),
      ])),
    );

    const commands = [...guide.matchAll(command)].map(({ groups }) => groups ?? {});
    expect(commands.length).toBe(2);
    for (const { name = '', given = '', said = '' } of commands) {
      const { code, output } = await run(name, ...given.split(' '));
      expect(output).toContain(`\n${said}\n`);
      expect(code).toBe(0);
    }

    // By themselves, once asked: what is left open would keep them.
    for (const { pid } of services) process.kill(pid, 'SIGTERM');
    await vi.waitFor(
      () => expect(services.map((service) => service.hasEnded())).not.toContain(false),
      {
        timeout: 12_000,
      },
    );
  });
});
