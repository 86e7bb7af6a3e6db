using System.Globalization;

namespace Gateway.Bench.Processes;

/// <summary>How many files, and so sockets, a process may have open.</summary>
internal static class OpenFiles
{
    // A proxy opens more connections to its upstream than it has requests under way, and those of the last load close while the next one's open.
    // Past the limit .NET says "Too many open files in system", also when it is the process's own.
    private const int Spare = 4_000;

    /// <summary>Requests that a proxy can have under way: for each it has a socket on both sides.</summary>
    public static int MostUnderWay { get; } = (HardLimit() - Spare) / 2;

    /// <summary>.NET raises its own limit to the hard one.</summary>
    private static int HardLimit()
    {
        const string Name = "Max open files";
        if (!File.Exists("/proc/self/limits")) return int.MaxValue;
        var line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith(Name, StringComparison.Ordinal));
        return int.TryParse(line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
    }
}
