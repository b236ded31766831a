import { launch } from './launch';

// Packed as launch.cjs beside charm.cjs; `dispatch` starts it.
launch(__dirname, 'charm.cjs', process.env['JUJU_DISPATCH_PATH'] ?? '', require);
