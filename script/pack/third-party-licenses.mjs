import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The licence texts of all npm packages that went into a bundle, one after the other, sorted by name.
 * @param {string} repoDir
 * @param {string[]} inputs paths of the bundled files, relative to repoDir
 * @returns {Promise<Buffer>}
 */
export async function thirdPartyLicenses(repoDir, inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) packages.add(match[1]);
  }
  const texts = [];
  for (const path of [...packages].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(repoDir, path, 'package.json'), 'utf8'));
    const file = (await readdir(join(repoDir, path))).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : `\n${await readFile(join(repoDir, path, file), 'utf8')}`;
    texts.push(`${name} ${version} (${JSON.stringify(license ?? 'see below')})\n${text}`);
  }
  return Buffer.from(texts.join(`\n${'-'.repeat(80)}\n`));
}
