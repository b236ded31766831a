/** Not possible now: the executor waits, with a timer. */
export interface NotNow {
  readonly notNow: string;
}

export const refused = (why: string): NotNow => ({ notNow: why });
