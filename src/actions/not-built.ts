/** The refusal of an action that is declared and not built: nothing was changed. */
export const notBuiltMessage = (action: string): string =>
  `The action ${action} is not built yet in this version of the charm; nothing was changed.`;
