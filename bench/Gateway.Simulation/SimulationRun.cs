using System.Diagnostics;
using System.Globalization;

namespace Gateway.Simulation;

/// <summary>Many worlds, several at once, and a line at the end.</summary>
internal static class SimulationRun
{
    public static bool Execute(int first, int count, bool fencing, TextWriter output)
    {
        var started = Stopwatch.GetTimestamp();
        var reports = new SimulationReport[count];
        var done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 4 * Environment.ProcessorCount }; // a node's end waits for its journal's flusher
        Parallel.For(0, count, parallel, i =>
        {
            reports[i] = One(first + i, fencing);
            if (Interlocked.Increment(ref done) % 500 == 0) output.WriteLine($"{done} of {count}");
        });
        var failed = reports.Where(r => r.Problem is not null).ToList();
        foreach (var report in failed.Take(10)) output.WriteLine($"seed {report.Seed}: {report.Problem}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {count} seeds from {first} in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s, {failed.Count} failed, {reports.Sum(r => r.Steps):N0} steps
            requests {reports.Sum(r => r.Requests):N0}: held {reports.Sum(r => r.Held):N0}, no funds {reports.Sum(r => r.NoFunds):N0}, unavailable {reports.Sum(r => r.Unavailable):N0}
            faults: {reports.Sum(r => r.Kills):N0} kills, {reports.Sum(r => r.Pauses):N0} pauses, {reports.Sum(r => r.Failovers):N0} failovers, {reports.Sum(r => r.Flushes):N0} flushes
            units granted {reports.Sum(r => r.Granted):N0} = charged {reports.Sum(r => r.Charged):N0} + pooled {reports.Sum(r => r.Pooled):N0} + lost {reports.Sum(r => r.Lost):N0} + stranded {reports.Sum(r => r.Stranded):N0}; uncovered {reports.Sum(r => r.Uncovered):N0}
            """));
        return failed.Count == 0;
    }

    public static SimulationReport One(int seed, bool fencing = true)
    {
        using var simulation = new Simulation(seed, fencing);
        try
        {
            return simulation.Run();
        }
        catch (Exception e)
        {
            return new SimulationReport(seed) { Problem = e.ToString() };
        }
    }
}
