export { localFiles, type AgentFiles } from './agent-files';
export { UniterApiError, type UniterApiErrorCode } from './api-error';
export { ensureHookToolClient } from './client-binary';
export { executionName, makeContextId } from './context-id';
export type * from './context-subject';
export { buildEnvironment, type UnitPaths } from './environment';
export { ContextError, HookContext, type HookContextOptions, type LogEntry, type LogLevel } from './hook-context';
export { jujuTools, toolsOf, type ToolRegistry } from './registry';
export { RemoteSettingsCache } from './remote-settings-cache';
export { runTool, type ToolRequest, type ToolResult } from './run-tool';
export { ToolServer, type CallVerdict } from './tool-server';
export type * from './uniter-api';
export {
  type ExecutionHost,
  localHost,
  type ProcessEnd,
  type ProcessRequest,
  type RunningProcess,
} from './execution-host';
export { type ExecutionOptions, type ExecutionResult, runExecution } from './hook-runner';
