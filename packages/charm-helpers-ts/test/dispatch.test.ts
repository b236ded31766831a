import fc from 'fast-check';
import { dispatch, ReactiveLoopError, waitFor, type Handler, type HandlerResult, type TraceEvent } from '../src';

type Flag = 'a' | 'b' | 'c';
/** A world of flags that handlers switch. */
class Switches {
  readonly on = new Set<Flag>();
  looks = 0;
  observe = (): ReadonlySet<Flag> => {
    this.looks += 1;
    return new Set(this.on);
  };
}
type World = ReadonlySet<Flag>;

const run = (world: Switches, handlers: readonly Handler<World, Flag>[], maxRounds?: number) =>
  dispatch<World, Flag>({
    observe: world.observe,
    flags: (seen) => seen,
    handlers,
    ...(maxRounds === undefined ? {} : { maxRounds }),
  });

const doing = (
  name: string,
  when: Handler<World, Flag>['when'],
  effect: () => HandlerResult,
): Handler<World, Flag> => ({
  name,
  ...(when === undefined ? {} : { when }),
  run: effect,
});

describe('dispatch', () => {
  it('runs handlers in registration order, and looks again after each that did something', async () => {
    const world = new Switches();
    const seen: string[] = [];
    const result = await run(world, [
      doing('second-round', { all: ['b'], none: ['c'] }, () => {
        seen.push('second-round');
        world.on.add('c');
        return 'did-something';
      }),
      doing('first', { none: ['a'] }, () => {
        seen.push('first');
        world.on.add('a');
        return 'did-something';
      }),
      doing('same-round', { all: ['a'], none: ['b'] }, () => {
        seen.push('same-round');
        world.on.add('b');
        return 'did-something';
      }),
    ]);
    expect(seen).toEqual(['first', 'same-round', 'second-round']);
    expect(result.did).toEqual(seen);
    expect(result.rounds).toBe(3);
    expect([...result.flags].sort()).toEqual(['a', 'b', 'c']);
    expect(world.looks).toBe(4);
  });

  it('looks once where nothing is to do', async () => {
    const world = new Switches();
    const result = await run(world, [doing('idle', undefined, () => 'nothing')]);
    expect([world.looks, result.rounds, result.did]).toEqual([1, 1, []]);
  });

  it.each([
    [{ all: ['a', 'b'] }, ['a', 'b'], true],
    [{ all: ['a', 'b'] }, ['a'], false],
    [{ any: ['a', 'b'] }, ['b'], true],
    [{ any: ['a', 'b'] }, ['c'], false],
    [{ any: [] }, [], true],
    [{ none: ['a'] }, ['b'], true],
    [{ none: ['a', 'b'] }, ['b'], false],
    [{ all: ['a'], any: ['b'], none: ['c'] }, ['a', 'b'], true],
    [{ all: ['a'], any: ['b'], none: ['c'] }, ['a', 'b', 'c'], false],
    [{}, [], true],
    [(seen: World) => seen.has('a'), ['a'], true],
    [(_seen: World, flags: ReadonlySet<Flag>) => flags.has('a'), ['b'], false],
  ] as [Handler<World, Flag>['when'], Flag[], boolean][])('condition %j on %j: %s', async (when, flags, expected) => {
    const world = new Switches();
    flags.forEach((flag) => world.on.add(flag));
    let ran = false;
    await run(world, [
      doing('one', when, () => {
        ran = true;
        return 'nothing';
      }),
    ]);
    expect(ran).toBe(expected);
  });

  it('tells who waits in the end, lets the others go on, and forgets waits that are over', async () => {
    const world = new Switches();
    const result = await run(world, [
      doing('over-later', { none: ['a'] }, () => waitFor('for a', 'the handler after this')),
      doing('waits', undefined, () => waitFor('for certificates', 'certificates-relation-changed')),
      doing('works', { none: ['a'] }, () => {
        world.on.add('a');
        return 'did-something';
      }),
      doing('silent', undefined, () => 'wait'),
    ]);
    expect(result.did).toEqual(['works']);
    expect(result.waits).toEqual([
      { handler: 'waits', outcome: 'wait', reason: 'for certificates', wakes: 'certificates-relation-changed' },
      { handler: 'silent', outcome: 'wait', reason: '', wakes: '' },
    ]);
  });

  it('fails loudly where flags flap, and names them and the handlers', async () => {
    const world = new Switches();
    const failed = run(
      world,
      [
        doing('switch-on', { none: ['b'] }, () => {
          world.on.add('b');
          return 'did-something';
        }),
        doing('once', { none: ['c'] }, () => {
          world.on.add('c');
          return 'did-something';
        }),
        doing('switch-off', { all: ['b'] }, () => {
          world.on.delete('b');
          return 'did-something';
        }),
      ],
      5,
    );
    await expect(failed).rejects.toBeInstanceOf(ReactiveLoopError);
    await expect(failed).rejects.toMatchObject({
      code: 'reactive-loop',
      rounds: 5,
      flapping: ['b'],
      handlers: ['switch-on', 'switch-off'],
      message:
        'the charm did not come to rest in 5 rounds; flapping flags: b; handlers that still did something: switch-on, switch-off',
    });
  });

  it('names the handlers also where no flag changes', async () => {
    const world = new Switches();
    const failed = run(world, [doing('busy', undefined, () => 'did-something')], 3);
    await expect(failed).rejects.toMatchObject({ flapping: [], handlers: ['busy'] });
    // The first look, and one after each of the three rounds that were allowed.
    expect(world.looks).toBe(4);
  });

  it('lets a handler reject, and stops there', async () => {
    const world = new Switches();
    const failed = run(world, [
      doing('fails', undefined, () => {
        throw new Error('disk full');
      }),
      doing('never', undefined, () => {
        world.on.add('c');
        return 'nothing';
      }),
    ]);
    await expect(failed).rejects.toThrow('disk full');
    expect(world.on.has('c')).toBe(false);
  });

  it('refuses two handlers of one name', async () => {
    const twice = doing('same', undefined, () => 'nothing');
    await expect(run(new Switches(), [twice, twice])).rejects.toThrow('two handlers are called "same"');
  });

  it('tells a tracer each step', async () => {
    const world = new Switches();
    const events: TraceEvent[] = [];
    await dispatch<World, Flag>({
      observe: world.observe,
      flags: (seen) => seen,
      tracer: { trace: (event) => events.push(event) },
      handlers: [
        doing('one', { none: ['a'] }, () => {
          world.on.add('a');
          return 'did-something';
        }),
      ],
    });
    expect(events).toEqual([
      { kind: 'observed', round: 1, flags: [] },
      { kind: 'handler-started', round: 1, handler: 'one' },
      { kind: 'handler-finished', round: 1, handler: 'one', outcome: 'did-something' },
      { kind: 'observed', round: 1, flags: ['a'] },
    ]);
  });
});

describe('dispatch, any set of switching handlers', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  console.log(`dispatch properties: SEED=${seed}`);
  const flag = fc.constantFrom<Flag>('a', 'b', 'c');
  const rule = fc.record({
    all: fc.uniqueArray(flag, { maxLength: 2 }),
    none: fc.uniqueArray(flag, { maxLength: 2 }),
    turns: flag,
    to: fc.boolean(),
  });

  it('comes to rest where no handler would do anything, or names at least one flapping flag', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { maxLength: 6 }), async (rules) => {
        const world = new Switches();
        // A handler does something only where that changes the world.
        const handlers = rules.map(({ all, none, turns, to }, index) =>
          doing(`handler-${index}`, { all, none }, () => {
            if (world.on.has(turns) === to) return 'nothing';
            if (to) world.on.add(turns);
            else world.on.delete(turns);
            return 'did-something';
          }),
        );
        try {
          const { flags, did } = await run(world, handlers, 16);
          expect([...flags].sort()).toEqual([...world.on].sort());
          const wouldAct = rules.filter(
            (one) =>
              one.all.every((name) => flags.has(name)) &&
              !one.none.some((name) => flags.has(name)) &&
              flags.has(one.turns) !== one.to,
          );
          expect(wouldAct).toEqual([]);
          // Eight worlds: one that came to rest visited none so often that it had to be a loop.
          expect(did.length).toBeLessThanOrEqual(16 * Math.max(1, rules.length));
        } catch (error) {
          if (!(error instanceof ReactiveLoopError)) throw error;
          expect(error.flapping.length).toBeGreaterThan(0);
          expect(error.handlers.length).toBeGreaterThan(1);
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  it('makes everything that only ever switches on come to rest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { maxLength: 6 }), async (rules) => {
        const world = new Switches();
        const handlers = rules.map(({ all, turns }, index) =>
          doing(`handler-${index}`, { all, none: [turns] }, () => {
            world.on.add(turns);
            return 'did-something';
          }),
        );
        const { did } = await run(world, handlers, 4);
        expect(new Set(did).size).toBe(did.length);
      }),
      { seed, numRuns: 300 },
    );
  });
});
