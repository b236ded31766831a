/**
 * The testing kit: a charm as a function `(event, state) -> state`, by Juju's rules and without Juju.
 * A {@link State} is all that hook tools can tell; {@link runHook} runs a charm for one event and gives the state after it:
 * relation data, charm state, ports, secrets and storage requests only if the hook succeeded; status and version at once.
 * States and events that Juju never makes are refused, each by a named check.
 */
export { charmUnderTest, type CharmUnderTest } from './charm-files';
export { checkConsistency, InconsistentStateError, type Inconsistency } from './consistency';
export { hookEnvironment } from './environment';
export { on, type ActionCall, type TestEvent } from './events';
export type { LogLine } from './hook-session';
export { runHook, type ActionResult, type HookOutcome, type RunHookOptions, type ToolCall } from './run-hook';
export {
  peerRelation,
  relation,
  relationOf,
  relationsOf,
  state,
  withRelation,
  type RelationState,
  type SecretState,
  type State,
} from './state';
