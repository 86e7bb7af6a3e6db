using Gateway.Bench.Load;

namespace Gateway.Bench.Measuring;

/// <summary>One arm's run in one round. Everything that is per request includes what the arm did until it was quiet again. NaN: not measured.</summary>
/// <param name="Point">Of an axis: which one; else empty.</param>
internal sealed record Sample(string Arm, string Point, int Round, LoadResult Load)
{
    public double PerSecond => Load.PerSecond;

    /// <summary>Processor microseconds per request, of the arm's own processes.</summary>
    public CpuTime ProxyCpu { get; init; }

    public double RedisCpu { get; init; }

    public double BillingCpu { get; init; }

    public double ResidentMegabytes { get; init; }

    public double AllocatedBytes { get; init; } = double.NaN;

    /// <summary>Collections per 1,000 requests.</summary>
    public double Collections { get; init; } = double.NaN;

    public double PauseMicroseconds { get; init; } = double.NaN;

    /// <summary>Of the just-in-time compiler, per request: an arm that is warm has next to none.</summary>
    public double CompilerMicroseconds { get; init; } = double.NaN;

    /// <summary>Nanoseconds for one step through memory just before the round; see <see cref="MemoryProbe"/>.</summary>
    public double MemoryStep { get; init; } = double.NaN;

    /// <summary>Per 1,000 requests.</summary>
    public double PaygenticCalls { get; init; } = double.NaN;

    /// <summary>Per 1,000 requests.</summary>
    public double RedisCalls { get; init; } = double.NaN;

    public double JournalBytes { get; init; } = double.NaN;

    /// <summary>Whether the arm was still busy when it was no longer waited for.</summary>
    public bool IsUnsettled { get; init; }
}
