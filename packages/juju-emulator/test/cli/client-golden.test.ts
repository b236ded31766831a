import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { verifyFile } from '../../src/verify';

const directory = process.env.GOLDEN_DIR ?? join(__dirname, '../../../../../shared/golden');

describe.each(['cli.jsonl', 'controller/cli'])('%s', (name) => {
  const golden = join(directory, name);
  const present = existsSync(golden);
  if (!present) console.log(`skipped: no recordings at ${golden}`);

  (present ? it : it.skip)('client commands answer as the recordings have it', async () => {
    const { matched, total, differences } = await verifyFile(golden);
    console.log(`${golden}: matched ${String(matched)} of ${String(total)}`);
    expect(differences).toEqual([]);
  });
});
