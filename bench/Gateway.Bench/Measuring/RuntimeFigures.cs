using System.Globalization;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Measuring;

/// <summary>What a .NET process's collector and just-in-time compiler have done since its start.</summary>
internal readonly record struct RuntimeFigures(double AllocatedBytes, double Collections, double PauseMicroseconds, double CompilerMicroseconds)
{
    public static RuntimeFigures operator +(RuntimeFigures a, RuntimeFigures b) =>
        new(a.AllocatedBytes + b.AllocatedBytes, a.Collections + b.Collections, a.PauseMicroseconds + b.PauseMicroseconds, a.CompilerMicroseconds + b.CompilerMicroseconds);

    public static RuntimeFigures operator -(RuntimeFigures a, RuntimeFigures b) =>
        new(a.AllocatedBytes - b.AllocatedBytes, a.Collections - b.Collections, a.PauseMicroseconds - b.PauseMicroseconds, a.CompilerMicroseconds - b.CompilerMicroseconds);

    /// <summary>Asked of the hook in the process; null where there is no hook.</summary>
    public static async Task<RuntimeFigures?> ReadAsync(ChildProcess child, CancellationToken stop)
    {
        if (!child.HasHook) return null;
        var fields = (await child.AskAsync(stop)).Split(' ').Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return new RuntimeFigures(fields[0], fields[1], fields[2], fields[3]); // CollectionCount(0) counts those of every generation
    }
}
