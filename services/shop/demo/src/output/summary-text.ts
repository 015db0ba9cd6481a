import type { TraceExtent } from '../observer/jaeger-trace.ts';
import type { StoryLine } from '../observer/story.ts';
import { isGood, type Story, type Summary } from '../summary.ts';
import { euros } from './euros.ts';
import type { Style } from './style.ts';

export interface SummaryContext {
  /** As in `in one process`. */
  readonly setting: string;
  readonly seed: number;
  readonly style: Style;
}

/** The summary of a run as a person reads it. */
export function summaryText(summary: Summary, context: SummaryContext): string {
  const { style } = context;
  const sections = [
    header(summary, context),
    ends(summary, style),
    measures(summary, style),
    ...(summary.story === undefined ? [] : [story(summary.story, style)]),
    ...(summary.traces.length === 0 ? [] : [traces(summary, style)]),
    verdict(summary, style),
  ];
  return `\n${sections.map((lines) => lines.map((line) => `  ${line}`.trimEnd()).join('\n')).join('\n\n')}\n\n`;
}

function header({ orders }: Summary, { setting, seed, style }: SummaryContext): string[] {
  return [style.strong(`${count(orders, 'order')}, ${setting}`) + style.faint(`  seed ${seed}`)];
}

function ends(summary: Summary, style: Style): string[] {
  const { completed, compensated, stuck, lost, reasons } = summary;
  const row = (number: number, what: string, paint: Style['good']) =>
    `${number === 0 ? style.faint(pad(number)) : paint(pad(number))}  ${what}`;
  return [
    row(completed, 'completed', style.good),
    row(compensated, 'compensated', style.warn),
    ...reasons.map(([reason, orders]) =>
      style.faint(`${' '.repeat(6)}${pad(orders)}  ${spaced(reason)}`),
    ),
    row(stuck, 'stuck', style.bad),
    row(lost, 'lost', style.bad),
  ];
}

function measures({ audit: { totals }, ...summary }: Summary, style: Style): string[] {
  const { orders, lost, stuck, durationMs, chainMsP50, chainMsP99 } = summary;
  const ended = orders - lost - stuck;
  const perSecond = durationMs > 0 ? Math.round((ended * 1_000) / durationMs) : 0;
  const sum = (units: readonly number[]) => units.reduce((total, some) => total + some, 0);
  const sold = sum(totals.stock.map(({ consumed }) => consumed));
  const released = sum(totals.stock.map(({ released }) => released));
  const shop = totals.accountsCents.get('shop') ?? 0;
  const row = (name: string, text: string) => `${style.faint(name.padEnd(8))}${text}`;
  return [
    row('time', `median ${ms(chainMsP50)}, p99 ${ms(chainMsP99)} from placing to the end`),
    row('rate', `${perSecond} orders/s, ${seconds(durationMs)} in all`),
    row(
      'money',
      `${euros(totals.chargedCents)} charged - ${euros(totals.refundedCents)} refunded = ${euros(shop)} in the till`,
    ),
    row(
      'stock',
      `${count(sold, 'item')} shipped, ${released.toLocaleString('en')} put back on the shelf`,
    ),
  ];
}

function story({ order, lines }: Story, style: Style): string[] {
  const { orderId, customer, shipTo } = order;
  const widest = (pick: (line: StoryLine) => string) =>
    Math.max(0, ...lines.map((line) => pick(line).length));
  const whoWidth = widest(({ who }) => who);
  const whatWidth = widest(({ what }) => what);
  const paint = {
    plain: (text: string) => text,
    bad: style.bad,
    undone: style.warn,
    end: style.strong,
  };
  return [
    style.strong(`The story of ${orderId}`) +
      style.faint(`  ${customer.name}, ${shipTo.city} (${shipTo.country})`),
    ...lines.map(({ atMs, who, what, detail, mood }) => {
      const when = style.faint(`${String(Math.round(atMs)).padStart(6)} ms`);
      const cells = `${who.padEnd(whoWidth)}  ${paint[mood](what.padEnd(whatWidth))}`;
      return `${when}  ${cells}  ${style.faint(detail)}`;
    }),
  ];
}

function traces({ traces }: Summary, style: Style): string[] {
  const idWidth = Math.max(...traces.map(({ orderId }) => orderId.length));
  const endWidth = Math.max(...traces.map(({ end }) => end.length));
  return [
    style.strong('One order is one trace'),
    ...traces.flatMap(({ orderId, end, url, jsonUrl, extent }) => [
      `${orderId.padEnd(idWidth)}  ${end.padEnd(endWidth)}  ${style.faint(extentText(extent))}`,
      `  ${style.link(url)}`,
      ...(jsonUrl === undefined
        ? []
        : [`  ${style.link(jsonUrl)} ${style.faint('(as JSON: this Jaeger has no pages)')}`]),
    ]),
  ];
}

function extentText(extent: TraceExtent | undefined): string {
  if (extent === undefined) return 'Jaeger does not have it';
  return `${count(extent.spans, 'span')} of ${count(extent.services, 'service')}`;
}

function verdict(summary: Summary, style: Style): string[] {
  if (isGood(summary)) {
    return [style.good('✓ Every order ended as its data says it must; money and stock balance.')];
  }
  const { shown, count: faults } = summary.audit.faults;
  const more = faults - shown.length;
  return [
    style.bad(`✗ ${count(faults, 'fault')}:`),
    ...shown.map((fault) => `  ${fault}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}

function pad(number: number): string {
  return number.toLocaleString('en').padStart(6);
}

function spaced(reason: string): string {
  return reason.replaceAll('-', ' ');
}

function ms(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

function seconds(valueMs: number): string {
  return `${(valueMs / 1_000).toFixed(2)} s`;
}
