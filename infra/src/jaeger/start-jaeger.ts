import { hosting } from '../servers/hosting.ts';
import type { Jaeger, JaegerOptions } from './jaeger.ts';
import { startJaegerProcess } from './start-jaeger-process.ts';

/** Starts an own Jaeger: in a container where Docker runs, else as a process. */
export async function startJaeger(options: JaegerOptions = {}): Promise<Jaeger> {
  if ((await hosting()) === 'processes') return startJaegerProcess(options);
  const { startJaegerContainer } = await import('./start-jaeger-container.ts');
  return startJaegerContainer(options);
}
