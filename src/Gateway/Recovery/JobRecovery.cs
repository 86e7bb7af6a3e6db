using Gateway.Configuration;
using Gateway.Jobs;

namespace Gateway.Recovery;

/// <summary>
/// Jobs that were charged before the process ended: of the last ones Redis may not have been told, and whoever saw them next would charge them once more.
/// </summary>
internal sealed class JobRecovery(CurrentConfiguration configuration, ChargedJobs charged)
{
    public void TakeUp(ReplayedJournal replayed)
    {
        foreach (var (job, route) in replayed.LateJobs)
        {
            if (!configuration.TryGetRule(route, out var rule) || !rule.HasJobs) continue;
            if (charged.TryBegin(job, rule.Meters.Max(m => m.Job?.Remember ?? default))) charged.IsKept(job);
        }
    }
}
