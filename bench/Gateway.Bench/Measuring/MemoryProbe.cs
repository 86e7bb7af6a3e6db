using System.Diagnostics;

namespace Gateway.Bench.Measuring;

/// <summary>
/// How long the machine takes for one step through more memory than a processor has of its own. Of a shared machine it tells what nothing else does: whether
/// strangers have the cache that all processors share. A proxy goes through a megabyte or more for a hundred connections, so it is slow when memory is.
/// </summary>
internal static class MemoryProbe
{
    private const int Bytes = 8 * 1024 * 1024; // above the second level (0.5 to 2 MB), below the third
    private const int Line = 64;
    private const int Lines = Bytes / Line;
    private const int Steps = 200_000; // 30 ms at most

    private static readonly int[] Next = Cycle();

    /// <summary>Nanoseconds; 10 to 20 where the third level is ours, 130 where it is not.</summary>
    public static double Step()
    {
        var at = Walk(0, Lines); // once around first: what the last arm left in the caches is not asked for
        var started = Stopwatch.GetTimestamp();
        at = Walk(at, Steps);
        GC.KeepAlive(at);
        return Stopwatch.GetElapsedTime(started).TotalNanoseconds / Steps;
    }

    private static int Walk(int at, int steps)
    {
        for (var i = 0; i < steps; i++) at = Next[at]; // each step waits for the one before
        return at;
    }

    /// <summary>One way through all lines, in no order that could be guessed.</summary>
    private static int[] Cycle()
    {
        var order = Enumerable.Range(0, Lines).ToArray();
        new Random(1).Shuffle(order);
        var next = new int[Bytes / sizeof(int)];
        for (var i = 0; i < Lines; i++) next[order[i] * (Line / sizeof(int))] = order[(i + 1) % Lines] * (Line / sizeof(int));
        return next;
    }
}
