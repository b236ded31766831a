import { done, failed, type Action } from './action';
import { healthReport, healthResults } from './health';
import { standbyHealth } from './standby-health';
import { backupSection, certificateSection, spaceSection } from './health-sections';

/** `health`: every member as this unit sees it, and what else of the unit is worth a look; fails with the reason where the cluster is not healthy. */
export const action: Action = async ({ observe }) => {
  const observed = await observe();
  const standby = standbyHealth(observed);
  if (standby !== null) return standby;
  const report = healthReport(observed);
  const results = healthResults(report, [
    backupSection(observed),
    spaceSection(observed),
    certificateSection(observed),
  ]);
  return report.problem === null ? done(results) : failed(`cluster is unhealthy: ${report.problem}`, results);
};
