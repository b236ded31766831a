// Juju runs `dispatch` for hooks and actions alike: one program, and JUJU_DISPATCH_PATH tells it which one it is.
import '../hooks/dispatch';
