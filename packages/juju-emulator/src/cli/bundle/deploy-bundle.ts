import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ControllerError } from '../../controller/api-client';
import { parseConstraints, parseStorageDirectives, type World } from '../../model';
import { CliError } from '../cli-error';
import { checkNewApplicationName } from '../names';
import type { Session } from '../session';
import type { Bundle, BundleApplication } from './bundle';

/** One step of a bundle's deployment: what Juju says of it, and what it does. */
interface Change {
  readonly description: string;
  readonly carryOut: () => Promise<unknown>;
}

/** Deploys what a bundle has and the model lacks; applications that are there get the options and the units that are missing. */
export class BundleDeployment {
  /** Machines of the model by the ids that the bundle gives them. */
  readonly #machines = new Map<string, string>();

  constructor(
    private readonly session: Session,
    private readonly bundle: Bundle,
    private readonly file: string,
  ) {}

  /** What there is to do, in order. */
  async changes(): Promise<Change[]> {
    const world = await this.session.world();
    const changes: Change[] = [];
    for (const [id, base] of this.bundle.machines)
      if (this.#isUsed(id, world))
        changes.push({ description: `add new machine ${id}`, carryOut: () => this.#addMachine(id, base) });
    const [later, first] = [true, false].map((near) =>
      [...this.bundle.applications].filter(([, { to }]) => to.some(isUnitPlacement) === near),
    );
    for (const [name, application] of [...(first ?? []), ...(later ?? [])])
      changes.push(...(await this.#application(name, application, world)));
    for (const [one, other] of this.bundle.relations) {
      if (!isRelated(world, one, other))
        changes.push({ description: `add relation ${one} - ${other}`, carryOut: () => this.#relate(one, other) });
    }
    return changes;
  }

  async #application(name: string, application: BundleApplication, world: World): Promise<Change[]> {
    checkNewApplicationName(name);
    const known = world.applications[name];
    const { session } = this;
    const path = this.#charm(name, application.charm);
    const spec = await session.ask('charmInfo', { path });
    const base = application.base ?? spec.base;
    const changes: Change[] = [];
    const has = Object.values(world.units).filter((unit) => unit.application === name).length;
    const missing = spec.subordinate ? 0 : Math.max(0, application.units - has);
    if (known === undefined)
      changes.push(
        { description: `upload charm ${application.charm} for base ${base}`, carryOut: () => Promise.resolve() },
        {
          description: `deploy application ${name} from ${application.charm} on ${base}`,
          carryOut: () => this.#deploy(name, path, base, application),
        },
      );
    else if (Object.keys(application.options).length > 0)
      changes.push({
        description: `set application options for ${name}`,
        carryOut: () => session.call('setConfig', { application: name, values: application.options, reset: [] }),
      });
    if (application.constraints !== '' && known === undefined)
      changes.push({
        description: `set constraints for ${name} to "${application.constraints}"`,
        carryOut: () =>
          session.call('setConstraints', { application: name, constraints: parseConstraints(application.constraints) }),
      });
    if (application.expose && known?.exposed !== true)
      changes.push({
        description: `expose all endpoints of ${name} and allow access from CIDRs 0.0.0.0/0 and ::/0`,
        carryOut: () => session.call('expose', { application: name, exposed: true }),
      });
    for (let index = has; index < has + missing; index += 1) {
      const placement = application.to[index] ?? application.to.at(-1);
      const to = placement === undefined || placement === 'new' ? 'new machine' : placement;
      changes.push({
        description: `add unit ${name}/${index} to ${to}`,
        carryOut: async () =>
          session.call('addUnit', { application: name, count: 1, to: await this.#placed(placement, index) }),
      });
    }
    return changes;
  }

  /** Paths are those of the bundle's own directory; a bare name is looked for as `juju deploy` does. */
  #charm(application: string, charm: string): string {
    if (!/^\.{0,2}\//.test(charm) && !charm.endsWith('.charm')) return this.session.locateCharm(charm);
    const path = resolve(dirname(this.file), charm);
    if (!existsSync(path))
      throw new CliError(
        `cannot deploy bundle: the provided bundle has the following errors:\ncharm path in application "${application}" does not exist: ${path}`,
      );
    return path;
  }

  #deploy(name: string, path: string, base: string, application: BundleApplication): Promise<unknown> {
    const resources = Object.entries(application.resources).map(([resource, file]) => {
      const found = resolve(dirname(this.file), file);
      if (!existsSync(found))
        throw new CliError(`file for resource "${resource}": open ${file}: no such file or directory`);
      return [resource, found] as const;
    });
    const options = {
      name,
      units: 0,
      base,
      config: application.options,
      resources: Object.fromEntries(resources),
      storage: application.storage,
      trust: application.trust,
      ...(application.channel === undefined ? {} : { channel: application.channel }),
    };
    parseStorageDirectives(Object.entries(application.storage).map(([store, directive]) => `${store}=${directive}`));
    return this.session.call('deploy', { path, options });
  }

  async #addMachine(id: string, base: string | undefined): Promise<void> {
    const [made] = await this.session.call<string[]>('addMachine', {
      count: 1,
      ...(base === undefined ? {} : { base }),
    });
    if (made !== undefined) this.#machines.set(id, made);
  }

  async #placed(placement: string | undefined, index: number): Promise<string[]> {
    if (placement === undefined || placement === 'new') return [];
    if (!isUnitPlacement(placement)) return [this.#machines.get(placement) ?? placement];
    const { units } = await this.session.world();
    const unit = placement.includes('/') ? placement : `${placement}/${index}`;
    const machine = units[unit]?.machine;
    if (machine === undefined)
      throw new CliError(`cannot deploy bundle: unit ${unit}, beside which another one is to be, is not there`);
    return [machine];
  }

  async #relate(first: string, second: string): Promise<void> {
    await this.session.call('integrate', { first, second }).catch((error: unknown) => {
      if (!(error instanceof ControllerError) || error.code !== 'already-exists') throw error;
    });
  }

  /** A machine is made when a unit is to be put on it that is not there yet. */
  #isUsed(id: string, world: World): boolean {
    return [...this.bundle.applications].some(([name, { to, units }]) => {
      const has = Object.values(world.units).filter((unit) => unit.application === name).length;
      return has < units && (to.length > has ? to.slice(has) : to.slice(-1)).includes(id);
    });
  }
}

const isUnitPlacement = (placement: string): boolean => placement !== 'new' && !/^\d+$/.test(placement);

/** Whether two `app[:endpoint]`s are related already. */
function isRelated(world: World, one: string, other: string): boolean {
  const fits = (side: { application: string; endpoint: string }, named: string): boolean => {
    const [application, endpoint] = named.split(':');
    return side.application === application && (endpoint === undefined || side.endpoint === endpoint);
  };
  return Object.values(world.relations).some(({ endpoints }) =>
    [endpoints, [...endpoints].reverse()].some(
      ([first, second]) => first !== undefined && second !== undefined && fits(first, one) && fits(second, other),
    ),
  );
}
