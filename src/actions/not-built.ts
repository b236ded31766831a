/** Actions of the Python charm that this version does not have yet, and what does the same until then. */
const insteadOf: Readonly<Record<string, string>> = {
  restore: 'nothing in this version',
};

/** The refusal of an action that is declared and not built: nothing was changed. */
export const notBuiltMessage = (action: string): string =>
  `The action ${action} is not built yet in this version of the charm; nothing was changed. Instead: ${insteadOf[action] ?? 'none'}.`;
