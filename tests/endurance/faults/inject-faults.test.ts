import { beforeEach, describe, expect, test } from 'vitest';
import type { Part } from '../shop/part.ts';
import type { PlannedFault } from './fault-plan.ts';
import { type InjectorParts, injectFaults } from './inject-faults.ts';

let done: string[];
let stop: AbortController;
let injector: InjectorParts;

function part(name: string, kind: Part['kind']): Part {
  const note = (what: string) => async () => {
    done.push(`${what} ${name}`);
  };
  return {
    name,
    kind,
    pid: 1,
    kill: note('kill'),
    pause: note('pause'),
    resume: note('resume'),
    restart: note('restart'),
  };
}

const killed: PlannedFault = {
  kind: 'kill a service',
  action: 'kill',
  target: 'payment',
  gapMs: 0,
  lastsMs: 1,
};
const frozen: PlannedFault = {
  kind: 'freeze a broker',
  action: 'freeze',
  target: 'broker-1',
  gapMs: 0,
  lastsMs: 1,
};

beforeEach(() => {
  done = [];
  stop = new AbortController();
  injector = {
    parts: [part('payment', 'service'), part('broker-1', 'broker')],
    recovery: async () => {
      done.push('probe');
      return 5;
    },
    inSync: async () => {
      done.push('in sync');
    },
    signal: stop.signal,
    onInjected: ({ kind }) => done.push(kind),
  };
});

describe('injectFaults', () => {
  test('one after the other: the fault, then the probes, then the end of the fault', async () => {
    const injected = await injectFaults([killed, frozen], injector);
    expect(done).toEqual([
      'kill payment',
      'probe',
      'restart payment',
      'kill a service',
      'pause broker-1',
      'probe',
      'resume broker-1',
      'in sync',
      'freeze a broker',
    ]);
    expect(injected).toMatchObject([
      { ...killed, recoveryMs: 5, awayMs: expect.any(Number) },
      { ...frozen, recoveryMs: 5, awayMs: expect.any(Number) },
    ]);
  });

  test('no fault comes before the recovery of the one before it', async () => {
    const { promise: recovered, resolve } = Promise.withResolvers<number>();
    const { promise: restarted, resolve: onRestart } = Promise.withResolvers<void>();
    const [payment, broker] = injector.parts;
    if (payment === undefined || broker === undefined) throw new Error('two parts');
    const parts = [{ ...payment, restart: async () => onRestart() }, broker];
    const injecting = injectFaults([killed, frozen], {
      ...injector,
      parts,
      recovery: () => recovered,
    });
    await restarted;
    expect(done).toEqual(['kill payment']);
    resolve(7);
    expect(await injecting).toMatchObject([{ recoveryMs: 7 }, { recoveryMs: 7 }]);
  });

  test('what is frozen is woken also when the run is stopped', async () => {
    const injecting = injectFaults([{ ...frozen, lastsMs: 60_000 }], {
      ...injector,
      recovery: async () => {
        stop.abort(new Error('stopped'));
        return undefined;
      },
    });
    await expect(injecting).rejects.toThrow();
    expect(done).toEqual(['pause broker-1', 'resume broker-1']);
  });
});
