import { defineEvent, defineSaga, defineStep, implement, t } from '@troupe/core';
import { hopCount } from '../chain-side.ts';

/** The chain as Troupe's users write it: a saga of four steps, each triggered by the event of the one before it. */
export function chainSaga(runName: string) {
  const fields = { chainId: t.string().key(), hops: t.int() };
  const topic = (hops: number) => ({ topic: `${runName}.${hops}` });
  class ChainBegun extends defineEvent('bench.ChainBegun', fields, topic(0)) {}
  class FirstHopMade extends defineEvent('bench.FirstHopMade', fields, topic(1)) {}
  class SecondHopMade extends defineEvent('bench.SecondHopMade', fields, topic(2)) {}
  class ThirdHopMade extends defineEvent('bench.ThirdHopMade', fields, topic(3)) {}
  class FourthHopMade extends defineEvent('bench.FourthHopMade', fields, topic(hopCount)) {}

  const first = defineStep('first-hop', { after: ChainBegun, emits: FirstHopMade });
  const second = defineStep('second-hop', { after: first, emits: SecondHopMade });
  const third = defineStep('third-hop', { after: second, emits: ThirdHopMade });
  const fourth = defineStep('fourth-hop', { after: third, emits: FourthHopMade });
  const saga = defineSaga('chain', {
    version: 1,
    startsOn: ChainBegun,
    steps: [first, second, third, fourth],
  });

  const next = ({ chainId, hops }: { chainId: string; hops: number }) => {
    return { chainId, hops: hops + 1 };
  };
  const handlers = [
    implement(first, { execute: async (event) => new FirstHopMade(next(event)) }),
    implement(second, { execute: async (event) => new SecondHopMade(next(event)) }),
    implement(third, { execute: async (event) => new ThirdHopMade(next(event)) }),
    implement(fourth, { execute: async (event) => new FourthHopMade(next(event)) }),
  ];
  return { saga, handlers, ChainBegun, FourthHopMade };
}
