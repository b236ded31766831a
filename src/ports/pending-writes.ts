/**
 * What this very hook wrote into Juju's bags. Such a write reads back at once, yet is dropped when the hook fails or leadership
 * is lost: planners must see it as pending (design.md section 2). It lives as long as the hook's process, on purpose.
 */
export class PendingWrites {
  /** The own unit's peer bag. */
  peerUnit = false;
  /** The application's peer bag. */
  peerApplication = false;
  /** The own unit's bag on `certificates`. */
  certificateRequest = false;
}
