import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Installation, installedFolder, installOnce } from '../cache/install-once.ts';
import { requireJava } from '../programs/java.ts';
import { fetchJars, requireMaven } from '../programs/maven.ts';
import { versions } from '../versions.ts';

const logging = `rootLogger.level=INFO
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=[%d] %p %m (%c)%n
logger.config.name=org.apache.kafka.common.config.AbstractConfig
logger.config.level=WARN
`;

const installation: Installation = {
  name: `kafka-${versions.kafka}`,
  make: async (folder, signal) => {
    const libraries = [
      `org.apache.kafka:kafka_${versions.kafkaScala}:${versions.kafka}`,
      `org.apache.logging.log4j:log4j-slf4j-impl:${versions.log4j}`,
    ];
    await fetchJars('kafka', libraries, folder, signal);
    await writeFile(join(folder, 'log4j2.properties'), logging);
  },
};

/** How to run a class of the Kafka distribution: `command` with `args`, then the class. */
export interface KafkaJava {
  readonly command: string;
  readonly args: readonly string[];
}

export async function installKafka(signal?: AbortSignal): Promise<KafkaJava> {
  const command = await requireJava('Kafka');
  const folder = await installOnce(installation, { signal });
  const args = [
    '-Xmx512m',
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`,
    '-cp',
    join(folder, '*'),
  ];
  return { command, args };
}

/** Throws a MissingProgramError where Kafka can neither be run nor fetched. */
export async function checkKafkaCanRun(): Promise<void> {
  await requireJava('Kafka');
  if (installedFolder(installation.name) === undefined) requireMaven('Kafka');
}
