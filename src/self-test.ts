import { createHash, X509Certificate } from 'node:crypto';
import { makePaths } from './ports/paths';
import { renderServiceUnit } from './ports/service-unit';

/** Says that the bundle loads and that this Node has what the charm needs; touches nothing. For packing, on each architecture. */
export function selfTest(print: (line: string) => void): number {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 5)) {
    print(`self-test failed: Node ${process.versions.node} is too old, 20.5 is needed`);
    return 1;
  }
  const unit = renderServiceUnit(makePaths(), process.arch);
  const works = unit.includes('[Service]') && createHash('sha256').update(unit).digest('hex').length === 64;
  if (!works || typeof X509Certificate !== 'function') {
    print('self-test failed: this Node lacks crypto');
    return 1;
  }
  print(`self-test passed on Node ${process.versions.node} ${process.arch}`);
  return 0;
}
