import { defineEvent, defineSaga, defineStep, implement, t } from '@troupe/core';

// A saga of which two steps, `buy-paper` and `print-book`, are implemented by foreign-participant.ts. Here are the
// contracts, and the other two steps.

const bookId = t.string().key();

export class BookOrdered extends defineEvent('press.BookOrdered', {
  bookId,
  title: t.string(),
  copies: t.int(),
  deliverTo: t.string(),
  orderedAt: t.timestamp(),
}) {}

class BookTypeset extends defineEvent('press.BookTypeset', { bookId, pages: t.int() }) {}
class TextRefused extends defineEvent('press.TextRefused', { bookId, reason: t.string() }) {}
class TypeDistributed extends defineEvent('press.TypeDistributed', { bookId }) {}

class PaperBought extends defineEvent('press.paper.PaperBought', {
  bookId,
  sheets: t.int(),
  cost: t.decimal(9, 2),
  boughtAt: t.timestamp(),
}) {}
class PaperRefused extends defineEvent('press.paper.PaperRefused', {
  bookId,
  reason: t.string(),
}) {}
class PaperReturned extends defineEvent('press.paper.PaperReturned', {
  bookId,
  sheets: t.int(),
}) {}

class BookPrinted extends defineEvent('press.printing.BookPrinted', {
  bookId,
  copies: t.int(),
  sheets: t.int(),
}) {}
class BookPulped extends defineEvent('press.printing.BookPulped', { bookId }) {}

export class BookDelivered extends defineEvent('press.BookDelivered', {
  bookId,
  copies: t.int(),
  paperCost: t.decimal(9, 2),
}) {}
class DeliveryRefused extends defineEvent('press.DeliveryRefused', {
  bookId,
  reason: t.string(),
}) {}

const typesetBook = defineStep('typeset-book', {
  after: BookOrdered,
  emits: BookTypeset,
  rejects: TextRefused,
  compensates: TypeDistributed,
});

function stepsFrom(limits: { readonly buyPaperMs: number }) {
  /** Foreign, and triggered by the event itself. */
  const buyPaper = defineStep('buy-paper', {
    after: BookOrdered,
    emits: PaperBought,
    rejects: PaperRefused,
    compensates: PaperReturned,
    timeoutMs: limits.buyPaperMs,
  });

  /** Foreign, and a join: asked for through `troupe.requests`. */
  const printBook = defineStep('print-book', {
    after: { order: BookOrdered, text: typesetBook, paper: buyPaper },
    emits: BookPrinted,
    compensates: BookPulped,
  });

  const deliverBook = defineStep('deliver-book', {
    after: { order: BookOrdered, paper: buyPaper, printed: printBook },
    emits: BookDelivered,
    rejects: DeliveryRefused,
    pivot: true,
  });
  return { buyPaper, printBook, deliverBook };
}

const { buyPaper, printBook, deliverBook } = stepsFrom({ buyPaperMs: 60_000 });
const hasty = stepsFrom({ buyPaperMs: 1_000 });

export const bookSaga = defineSaga('print-book', {
  version: 1,
  startsOn: BookOrdered,
  steps: [typesetBook, buyPaper, printBook, deliverBook],
});

/** The same, but for a time limit, which is no part of what a participant promises. */
export const hastyBookSaga = defineSaga('print-book', {
  version: 2,
  startsOn: BookOrdered,
  steps: [typesetBook, hasty.buyPaper, hasty.printBook, hasty.deliverBook],
});

/** Refuses texts without a title. */
export const typesetter = implement(typesetBook, {
  execute: async ({ bookId, title }) =>
    title === ''
      ? new TextRefused({ bookId, reason: 'no title' })
      : new BookTypeset({ bookId, pages: 16 }),
  compensate: async ({ input: { bookId } }) => new TypeDistributed({ bookId }),
});

/** Delivers to Rome, and nowhere else. */
export const deliverer = implement(deliverBook, {
  execute: async ({ order: { bookId, deliverTo }, paper, printed }) =>
    deliverTo === 'Rome'
      ? new BookDelivered({ bookId, copies: printed.copies, paperCost: paper.cost })
      : new DeliveryRefused({ bookId, reason: `no road to ${deliverTo}` }),
});
