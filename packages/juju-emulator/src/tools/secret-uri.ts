/** A secret's identity and the URI as it goes to the controller. */
export interface SecretUri {
  /** 20 characters of base32hex. */
  readonly id: string;
  /** `secret:<id>` or `secret://<model-uuid>/<id>`. */
  readonly text: string;
}

const pattern = /^(?:secret:(?:\/\/([0-9a-f-]{36})\/)?)?([0-9a-v]{20})$/i;

/** Takes the long form, the short one, or the bare id; undefined for anything else. */
export function parseSecretUri(text: string): SecretUri | undefined {
  const match = pattern.exec(text);
  const id = match?.[2];
  if (id === undefined || id !== id.toLowerCase()) return undefined;
  const source = match?.[1];
  return { id, text: source === undefined ? `secret:${id}` : `secret://${source}/${id}` };
}
