using System.Diagnostics;
using System.Globalization;
using Gateway.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks;

/// <summary>Each append timed by itself, two threads as fast as they can: a mean hides the page faults and the rolls of segments, percentiles do not.</summary>
internal static class AppendLatency
{
    private const int Threads = 2;
    private const int PerThread = 1_000_000;
    private const int DeleteEvery = 100_000;

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("journal-latency-");
        await using (var journal = UsageJournal.Open(Path.Combine(folder.FullName, "journal"), new JournalOptions(), TimeProvider.System, NullLogger.Instance))
        {
            Measure(journal); // compiled and warm
            var (ticks, allocated) = Measure(journal);
            Array.Sort(ticks);
            string At(double share) => string.Create(CultureInfo.InvariantCulture, $"{ticks[(int)((ticks.Length - 1) * share)] * 1e9 / Stopwatch.Frequency:N0} ns");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{ticks.Length:N0} appends from {Threads} threads: p50 {At(0.5)}, p90 {At(0.9)}, p99 {At(0.99)}, p99.9 {At(0.999)}, max {At(1)}; {allocated} bytes allocated by the two threads"));
        }

        folder.Delete(recursive: true);
    }

    private static (long[] Ticks, long Allocated) Measure(UsageJournal journal)
    {
        var ticks = new long[Threads * PerThread];
        var (record, allocated) = (SomeSettlement.WithTwoCharges(), 0L);
        var threads = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < PerThread; i++)
            {
                var start = Stopwatch.GetTimestamp();
                var position = journal.Append(record);
                ticks[(thread * PerThread) + i] = Stopwatch.GetTimestamp() - start;
                if (i % DeleteEvery == 0 && thread == 0) journal.DeleteBefore(position);
            }

            Interlocked.Add(ref allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return (ticks, allocated);
    }
}
