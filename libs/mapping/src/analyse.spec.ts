import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { analyse, MAX_EXPRESSION_LENGTH } from './analyse.js';

function analysed(expression: string) {
  const analysis = analyse(expression);
  if (!analysis.ok) throw new Error(`refused: ${JSON.stringify(analysis.faults)}`);
  return analysis;
}

describe('analyse refuses', () => {
  it.each([
    ['nothing', ' ', 0],
    ['what is too long', `"${'a'.repeat(MAX_EXPRESSION_LENGTH)}"`, MAX_EXPRESSION_LENGTH],
    ['a missing parenthesis', '$sum(items.price', 16],
    ['a stray operator', 'deal.id + * 2', 13],
    ['an unfinished text', "deal.id & 'abc", 14],
    ['a broken regular expression', '$match(a, /(/)', 14],
    ['nesting that exhausts the parser', `${'('.repeat(8_000)}1${')'.repeat(8_000)}`, 0],
    ['$eval', '$eval("1+1")', 0],
    ['$eval behind another name', '($e := $eval; $e("1"))', 7],
    ['the clock', 'deal.id & $now()', 10],
    ['the clock in milliseconds', '$millis()', 0],
    ['chance', '$random() > 0.5', 0],
    ['a shuffle passed on', '$map(a, $shuffle)', 8],
    ['an unknown function', '$toUpper(name)', 0],
    ['an unknown variable', '{ "id": $dealId }', 8],
    ['an assignment to $steps', '($steps := 1; 2)', 1],
  ])('%s, and says where', (_name, expression, position) => {
    const analysis = analyse(expression);
    expect(analysis.ok).toBe(false);
    expect(!analysis.ok && analysis.faults[0]?.position).toBe(position);
  });

  it('never throws, whatever it is given', () => {
    const pieces = fc.constantFrom(
      '$',
      '$$',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '.',
      '"a"',
      'a',
      '1',
      ':=',
      '..',
      '?',
      ':',
      '~>',
      '|',
      '%',
      '@$x',
      '#$i',
      '^(a)',
      'function($x)',
      ',',
      ';',
      '&',
      '*',
      '**',
      '/a/',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 15 }), (parts) => {
        expect(typeof analyse(parts.join('')).ok).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });
});

describe('bounded', () => {
  it.each([
    '{ "externalId": deal.company.id, "name": deal.company.name, "customer": $steps.customer.id }',
    'deal.items.{ "sku": sku, "total": price * quantity, "deal": $$.deal.id }',
    "type = 'deal.won' and $exists(deal.id)",
    '($total := $sum(items.(price * quantity)); { "total": $total, "vat": $round($total * 0.2, 2) })',
    'items[sku = "A" and quantity > 1][0].sku',
    'items^(>price).sku',
    'items{ type: $sum(amount) }',
    '"Order " & deal.id & " of " & $uppercase(deal.company.name)',
    '$join($distinct(items.sku), ", ")',
    'vip ? "gold" : amount > 1000 ? "silver" : "none"',
    '[1..12]',
    '-amount',
  ])('%s', (expression) => {
    expect(analysed(expression)).toMatchObject({ bounded: true, why: [] });
  });
});

describe('not bounded', () => {
  it.each([
    ['a regular expression', '$match(name, /a+/)', 'it uses a regular expression'],
    ['a regular expression as a filter', 'items[$contains(name, /(a+)+$/)]', 'it uses a regular expression'],
    ['$pad', '$pad("a", 2e8)', 'it calls $pad'],
    ['a function of its own', '($f := function($n) { $f($n + 1) }; $f(0))', 'it defines a function'],
    ['$map', '$map(items, $uppercase)', 'it calls $map'],
    ['$reduce', '$reduce(items, function($a, $b) { $a & $b })', 'it calls $reduce'],
    ['a sort by a function', '$sort(items, function($a, $b) { $a > $b })', 'it calls $sort'],
    ['functions as values', '{ "f": $sum }', 'it passes functions as values'],
    ['a chain', 'name ~> $uppercase', 'it chains functions (~>)'],
    ['a range of the input', '[1..count]', 'it counts a range (..) whose length is not written in it'],
    ['a large range', '[1..1000000]', 'it counts a range (..) whose length is not written in it'],
    ['all descendants', '**.price', 'it searches all descendants (**)'],
    ['parents', 'items.{ "of": %.id }', 'it looks at parents (%)'],
    ['positions', 'items#$i.{ "n": $i }', 'it binds positions or parents (@, #, %)'],
    ['a transformation', '$ ~> |items|{ "a": 1 }|', 'it chains functions (~>)'],
    [
      'every item with every item with every item',
      'a.$$.b.$$.c.d',
      'it combines every item of one list with every item of others',
    ],
    ['doubling in a path', `a${'.[$, $]'.repeat(14)}`, 'its result grows too fast'],
    ['doubling by variables', `($a := text; ${'$a := $a & $a; '.repeat(14)}$a)`, 'its result grows too fast'],
    [
      'doubling by a filter',
      `items${'[picks]'.repeat(3)}`,
      'it combines every item of one list with every item of others',
    ],
    ['doubling by picking twice', `items${'[[0, 0]]'.repeat(9)}`, 'its result grows too fast'],
    ['a variable per item', 'items.($x := price; $x * 2)', 'it binds a variable for every item'],
    ['a built-in made into something else', '($sum := 1; $sum)', 'it redefines $sum'],
    ['a picture', '$formatNumber(price, "#0.00")', 'it calls $formatNumber'],
    ['a deep tree', `${'{"a":'.repeat(101)}1${'}'.repeat(101)}`, 'it is nested deeply'],
  ])('%s', (_name, expression, reason) => {
    const analysis = analysed(expression);
    expect(analysis).toMatchObject({ bounded: false, cost: null });
    expect(analysis.why).toContain(reason);
  });
});

describe('references', () => {
  it('names the steps, where they stand, and what else is read', () => {
    expect(
      analysed('{ "a": $steps.customer.id, "b": $steps.`order-line`.id, "c": $delivery.key }').references,
    ).toEqual({
      steps: [
        { id: 'customer', position: 14 },
        { id: 'order-line', position: 40 },
      ],
      allSteps: false,
      delivery: true,
    });
  });
  it('says when it cannot know', () => {
    expect(analysed('$lookup($steps, deal.step)').references).toMatchObject({ steps: [], allSteps: true });
    expect(analysed('$steps.*').references).toMatchObject({ allSteps: true });
  });
  it('sees a step id cut at its hyphen', () => {
    expect(analysed('$steps.order-line.id').references.steps).toEqual([
      { id: 'order', position: 7, cut: '-line' },
    ]);
  });
});
