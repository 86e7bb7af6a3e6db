namespace Gateway.Simulation.Duel.Rules;

/// <summary>Sums of usage, sent without an id: what got no answer is put back, and counts twice if it had arrived.</summary>
internal static class Reports
{
    public static async Task SendAsync(DuelWorld world, Dictionary<int, long> unreported)
    {
        foreach (var customer in unreported.Keys.Order().ToList())
        {
            if (!unreported.Remove(customer, out var units)) continue;
            try
            {
                await world.PlatformAsync(p => p.Report(customer, units));
            }
            catch (TimeoutException)
            {
                unreported[customer] = unreported.GetValueOrDefault(customer) + units;
            }
        }
    }
}
